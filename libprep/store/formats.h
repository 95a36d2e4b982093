/* formats.h -- the data sets of shards and of question answering: one table for writer, reader and
 * pages (schemas/pretrain-shard.md, packed-shard.md, squad-features.md, squad-logits.md; a test
 * compares them).
 *
 * Names, types and widths are those of the original systems, whose trainers read our files. */
#ifndef STORE_FORMATS_H
#define STORE_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/h5_writer.h"

/* What a data set holds, for both kinds of shard. */
enum format_set {
    SET_INPUT_IDS,
    SET_INPUT_MASK,
    SET_SEGMENT_IDS,
    SET_POSITIONS,        /* packed only */
    SET_MASKED_POSITIONS, /* where the masked tokens stand in the row */
    SET_MASKED_IDS,
    SET_NEXT_POSITIONS, /* packed only: where the [CLS] of each sequence stands */
    SET_NEXT_LABELS,
    SET_NEXT_WEIGHTS, /* packed only */
    FORMAT_SETS
};

/* How many columns. */
enum format_width {
    WIDTH_TOKENS,    /* T: seq_length */
    WIDTH_MASKED,    /* P: max_predictions */
    WIDTH_SEQUENCES, /* S: max_sequences */
    WIDTH_ONE        /* a vector, one value a row */
};

/* The shape of the rows. */
struct shard_shape {
    bool packed;
    size_t seq_length;      /* T: columns of input_ids */
    size_t max_predictions; /* columns of masked_lm_ids: P, packed P + max_sequences */
    size_t max_sequences;   /* in a row: 1, packed the columns of next_sentence_labels */
    uint64_t n_rows; /* written: the most a shard will have, for even chunks; 0 = not known */
};

/* How many columns a data set has in shards of that shape. */
size_t format_columns(const struct shard_shape *shape, enum format_width width);

struct format {
    const char *name; /* NULL: this kind of shard has no such data set */
    enum h5_type type;
    enum format_width width;
};

/* The row of the table for one data set. */
const struct format *format_of(enum format_set set, bool packed);

/* How many rows a chunk of the data set has in shards that we write. */
size_t format_chunk_rows(const struct shard_shape *shape, const struct format *f);

/* One more that shards may have which are not packed: the document each row was cut from. It is not
 * among the others because they are of 32 bits and always there. */
const struct format *format_of_documents(void);

/* Windows of questions and contexts. A prediction file also has the vector of texts `qas_id`. */
enum squad_set {
    SQUAD_INPUT_IDS,
    SQUAD_INPUT_MASK,
    SQUAD_SEGMENT_IDS,
    SQUAD_EXAMPLE_INDEX,
    SQUAD_DOC_SPAN_INDEX,
    SQUAD_START_POSITIONS,      /* training only */
    SQUAD_END_POSITIONS,        /* training only */
    SQUAD_IS_IMPOSSIBLE,        /* training only */
    SQUAD_UNIQUE_ID,            /* prediction only */
    SQUAD_TOKEN_TO_ORIG_MAP,    /* prediction only */
    SQUAD_TOKEN_IS_MAX_CONTEXT, /* prediction only */
    SQUAD_SETS
};
extern const char squad_qas_id[];

const struct format *format_of_squad(enum squad_set set, bool training);

/* What a model says of such windows. */
enum logits_set { LOGITS_UNIQUE_ID, LOGITS_START, LOGITS_END, LOGITS_SETS };

const struct format *format_of_logits(enum logits_set set);

#endif
