/* shard_rows.h -- sequences laid out as rows of a shard, in the memory of one thread. */
#ifndef STORE_SHARD_ROWS_H
#define STORE_SHARD_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/formats.h"
#include "store/sequence.h"

struct shard_rows {
    struct shard_shape shape;
    size_t n;
    size_t max_rows;
    size_t width[FORMAT_SETS]; /* columns */
    int32_t *set[FORMAT_SETS]; /* (max_rows, columns), NULL where the format has no such set */
    int64_t *documents;        /* (max_rows) */
};

struct shard_rows *shard_rows_open(const struct shard_shape *shape, size_t max_rows);
void shard_rows_clear(struct shard_rows *r);
void shard_rows_release(struct shard_rows *r); /* NULL is fine */

/* Lays out one more row of n sequences, as shard_put() does; there must be room for it. */
int shard_rows_put(struct shard_rows *r, const struct sequence *const *sequences, size_t n,
                   struct err *err);

/* The values of a data set from that row on. */
int32_t *shard_rows_values(const struct shard_rows *r, enum format_set set, size_t row);

#endif
