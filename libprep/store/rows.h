/* rows.h -- rows of a shard's data sets as they are in the file, checked and taken apart.
 *
 *   input_ids   [CLS] a a [SEP] b [SEP] | [CLS] c [SEP] d d [SEP] |  0 ..
 *   input_mask    1   1 1   1   1   1   |   2   2   2   2 2   2   |  0 ..
 *   segment_ids   0   0 0   0   1   1   |   0   0   0   1 1   1   |  0 ..
 *   positions     0   1 2   3   4   5   |   0   1   2   3 4   5   |  0 ..
 *
 * A row of an unpacked shard is the same with one sequence and without positions. Masked positions
 * count from the start of the row; the first 0 among them is their end, because column 0 always
 * holds a [CLS], which is never masked. */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/formats.h"
#include "store/h5.h"
#include "store/sequence.h"

/* Some rows of all data sets, whatever their types in the file, and one of them at hand. */
struct rows {
    struct h5_file *file; /* borrowed */
    const char *path;     /* of it, borrowed */
    struct shard_shape shape;
    int64_t first;             /* number of the first one in the shard */
    int32_t *set[FORMAT_SETS]; /* (n_rows, columns), NULL where the format has no such set */
    int64_t *documents;        /* (n_rows), NULL where the shard does not tell them */
    size_t *ends;              /* (max_sequences) where each sequence of the row at hand ends */
    size_t n_ends;
};

/* Room for n_rows rows of an open shard. */
void rows_init(struct rows *r, struct h5_file *file, const char *path,
               const struct shard_shape *shape, bool tells_documents, size_t n_rows);
void rows_release(struct rows *r);

/* Rows [first, first + n) of one data set; nothing when the format has no such set. */
int rows_read(struct rows *r, enum format_set set, int64_t first, int64_t n, struct err *err);

/* Likewise the documents; nothing when the shard does not tell them. */
int rows_read_documents(struct rows *r, int64_t first, int64_t n, struct err *err);

/* Puts row number `row` (of those read) at hand: r->ends and r->n_ends from its mask, which has to be
 * 1..1 2..2 .. 0..0 with at least one sequence. Only the mask needs to be read. */
int rows_find_ends(struct rows *r, size_t row, struct err *err);

/* How many masked positions the row at hand has: those before the first 0. They rise, stay within the
 * sequences, and nothing follows. */
int rows_count_masked(size_t *n_masked, const struct rows *r, size_t row, struct err *err);

/* Decodes the row at hand into r->n_ends initialised sequences, which have room for their ids and
 * for n_masked masked tokens each. */
int rows_take(struct sequence *sequences, const struct rows *r, size_t row, size_t n_masked,
              struct err *err);

#endif
