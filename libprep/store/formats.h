/* formats.h -- the data sets of pretraining and of packed shards: one table for writer, reader and
 * pages (schemas/pretrain-shard.md, schemas/packed-shard.md; a test compares them).
 *
 * Names, types and widths are those of the original systems, whose trainers read our files. */
#ifndef STORE_FORMATS_H
#define STORE_FORMATS_H

#include <stdbool.h>
#include <stddef.h>

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

struct format {
    const char *name; /* NULL: this kind of shard has no such data set */
    enum h5_type type;
    enum format_width width;
};

/* The row of the table for one data set. */
const struct format *format_of(enum format_set set, bool packed);

/* One more that shards may have which are not packed: the document each row was cut from. It is not
 * among the others because they are of 32 bits and always there. */
const struct format *format_of_documents(void);

#endif
