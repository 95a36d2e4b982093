/* formats.c -- the table. */
#include "store/formats.h"

static const struct format pretrain_formats[FORMAT_SETS] = {
    [SET_INPUT_IDS] = {"input_ids", H5_INT32, WIDTH_TOKENS},
    [SET_INPUT_MASK] = {"input_mask", H5_INT8, WIDTH_TOKENS},
    [SET_SEGMENT_IDS] = {"segment_ids", H5_INT8, WIDTH_TOKENS},
    [SET_MASKED_POSITIONS] = {"masked_lm_positions", H5_INT32, WIDTH_MASKED},
    [SET_MASKED_IDS] = {"masked_lm_ids", H5_INT32, WIDTH_MASKED},
    [SET_NEXT_LABELS] = {"next_sentence_labels", H5_INT8, WIDTH_ONE},
};

static const struct format packed_formats[FORMAT_SETS] = {
    [SET_INPUT_IDS] = {"input_ids", H5_INT32, WIDTH_TOKENS},
    [SET_INPUT_MASK] = {"input_mask", H5_INT32, WIDTH_TOKENS},
    [SET_SEGMENT_IDS] = {"segment_ids", H5_INT8, WIDTH_TOKENS},
    [SET_POSITIONS] = {"positions", H5_INT32, WIDTH_TOKENS},
    [SET_MASKED_POSITIONS] = {"masked_lm_positions", H5_INT32, WIDTH_MASKED},
    [SET_MASKED_IDS] = {"masked_lm_ids", H5_INT32, WIDTH_MASKED},
    [SET_NEXT_POSITIONS] = {"next_sentence_positions", H5_INT32, WIDTH_SEQUENCES},
    [SET_NEXT_LABELS] = {"next_sentence_labels", H5_INT8, WIDTH_SEQUENCES},
    [SET_NEXT_WEIGHTS] = {"next_sentence_weights", H5_INT32, WIDTH_SEQUENCES},
};

static const struct format document_format = {"document_ids", H5_INT64, WIDTH_ONE};

const struct format *format_of(enum format_set set, bool packed)
{
    return packed ? &packed_formats[set] : &pretrain_formats[set];
}

const struct format *format_of_documents(void)
{
    return &document_format;
}
