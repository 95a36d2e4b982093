/* formats.c -- the table. */
#include "store/formats.h"

#include "store/chunks.h"

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

#define SQUAD_BOTH                                                                                 \
    [SQUAD_INPUT_IDS] = {"input_ids", H5_INT32, WIDTH_TOKENS},                                     \
    [SQUAD_INPUT_MASK] = {"input_mask", H5_INT8, WIDTH_TOKENS},                                    \
    [SQUAD_SEGMENT_IDS] = {"segment_ids", H5_INT8, WIDTH_TOKENS},                                  \
    [SQUAD_EXAMPLE_INDEX] = {"example_index", H5_INT32, WIDTH_ONE},                                \
    [SQUAD_DOC_SPAN_INDEX] = {"doc_span_index", H5_INT32, WIDTH_ONE}

static const struct format squad_training_formats[SQUAD_SETS] = {
    SQUAD_BOTH,
    [SQUAD_START_POSITIONS] = {"start_positions", H5_INT32, WIDTH_ONE},
    [SQUAD_END_POSITIONS] = {"end_positions", H5_INT32, WIDTH_ONE},
    [SQUAD_IS_IMPOSSIBLE] = {"is_impossible", H5_INT8, WIDTH_ONE},
};

static const struct format squad_prediction_formats[SQUAD_SETS] = {
    SQUAD_BOTH,
    [SQUAD_UNIQUE_ID] = {"unique_id", H5_INT64, WIDTH_ONE},
    [SQUAD_TOKEN_TO_ORIG_MAP] = {"token_to_orig_map", H5_INT32, WIDTH_TOKENS},
    [SQUAD_TOKEN_IS_MAX_CONTEXT] = {"token_is_max_context", H5_INT8, WIDTH_TOKENS},
};

const char squad_qas_id[] = "qas_id";

static const struct format logits_formats[LOGITS_SETS] = {
    [LOGITS_UNIQUE_ID] = {"unique_id", H5_INT64, WIDTH_ONE},
    [LOGITS_START] = {"start_logits", H5_FLOAT32, WIDTH_TOKENS},
    [LOGITS_END] = {"end_logits", H5_FLOAT32, WIDTH_TOKENS},
};

size_t format_columns(const struct shard_shape *shape, enum format_width width)
{
    switch (width) {
    case WIDTH_TOKENS:
        return shape->seq_length;
    case WIDTH_MASKED:
        return shape->max_predictions;
    case WIDTH_SEQUENCES:
        return shape->max_sequences;
    default:
        return 1;
    }
}

const struct format *format_of(enum format_set set, bool packed)
{
    return packed ? &packed_formats[set] : &pretrain_formats[set];
}

static size_t row_size(const struct shard_shape *shape, const struct format *f)
{
    return h5_type_size(f->type) * format_columns(shape, f->width);
}

size_t format_chunk_rows(const struct shard_shape *shape, const struct format *f)
{
    size_t longest = 0;

    if (!shape->n_rows)
        return chunks_rows(row_size(shape, f));
    for (int i = 0; i < FORMAT_SETS; i++) {
        const struct format *other = format_of((enum format_set)i, shape->packed);

        if (other->name && row_size(shape, other) > longest)
            longest = row_size(shape, other);
    }
    return chunks_share(row_size(shape, f), longest, shape->n_rows);
}

const struct format *format_of_documents(void)
{
    return &document_format;
}

const struct format *format_of_squad(enum squad_set set, bool training)
{
    return training ? &squad_training_formats[set] : &squad_prediction_formats[set];
}

const struct format *format_of_logits(enum logits_set set)
{
    return &logits_formats[set];
}
