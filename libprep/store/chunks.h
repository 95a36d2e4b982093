/* chunks.h -- rows of several data sets, cut into chunks, compressed by a team, handed on in order.
 *
 *      rows --> one block a set --> queue of full blocks --> shuffle, compress --> place(), in order
 *
 * What place() is called with depends on the rows only, not on the team. */
#ifndef STORE_CHUNKS_H
#define STORE_CHUNKS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/team.h"

struct chunk_set {
    size_t value_size;
    size_t row_size;
    size_t chunk_rows;
    char *block;       /* (chunk_rows, row_size) */
    size_t block_size; /* bytes there is memory for: enough, or none yet */
    size_t n_rows;     /* in the block */
    uint64_t n_queued; /* rows of earlier blocks */
    char *tail;        /* (tail_len) the last chunk, compressed by another, until the end */
    size_t tail_len;
    size_t tail_rows; /* 0: there is none */
};

/* How chunks are compressed. */
enum chunk_packing {
    CHUNK_GZIP, /* shuffle and deflate, filters every HDF5 has */
    CHUNK_ZSTD, /* shuffle and the registered filter 32015 */
    CHUNK_PLAIN /* no filter at all */
};

struct chunk; /* a full block on its way */

struct chunks {
    void *context;
    /* Takes the chunk of data set `set` that starts with row first_row and holds n_rows (fewer than
     * chunk_rows in the last one of a set only). */
    int (*place)(void *context, size_t set, uint64_t first_row, size_t n_rows, const void *packed,
                 size_t packed_len, struct err *err);
    enum chunk_packing packing;
    struct team *team; /* not owned; may be NULL */
    struct chunk_set *sets;
    size_t n_sets;
    struct chunk *queue;
    size_t queue_cap;
    size_t n_queue;
};

/* Of deflate or zstd. */
int chunks_level(enum chunk_packing packing);

/* How many rows of row_size bytes a chunk has: 256 KiB before compression if a row is not longer itself. */
size_t chunks_rows(size_t row_size);

/* The same in one of several data sets of n_rows rows (1 or more) each. The longest rows, of longest_row
 * bytes, are divided into equal chunks, as few as can be; chunks of shorter rows are 1, 2, 4, ... times
 * as many rows, as far as chunks_rows() goes and there are rows. */
size_t chunks_share(size_t row_size, size_t longest_row, uint64_t n_rows);

/* A new set of rows of n_values values of value_size bytes, cut into chunks of chunk_rows; returns its
 * number. */
size_t chunks_add(struct chunks *c, size_t value_size, size_t n_values, size_t chunk_rows);

/* Where the next rows of set number `at` go; *n, how many are wanted, becomes how many there is room
 * for, 1 or more. They are in the set after chunks_advance(), which takes them as they stand. */
void *chunks_reserve(struct chunks *c, size_t at, size_t *n);
int chunks_advance(struct chunks *c, size_t at, size_t n, struct err *err);

/* Copies rows to set number `at`: as they are, or integers narrowed to its values of 1 or 4 bytes, into
 * which they must fit. */
int chunks_append(struct chunks *c, size_t at, const void *rows, size_t n, struct err *err);
int chunks_append_ints(struct chunks *c, size_t at, const int32_t *rows, size_t n, struct err *err);

/* A chunk that other chunks of the same packing made of the next n_rows rows. It is handed on as if the
 * rows had been appended here: one that is not full, which must be the last, at the end only. */
int chunks_append_packed(struct chunks *c, size_t at, const void *packed, size_t packed_len,
                         size_t n_rows, struct err *err);

/* Hands on the blocks that are full: what the context does next comes after them for any team. */
int chunks_flush(struct chunks *c, struct err *err);

/* Hands on what there is, blocks that are not full included: the end. */
int chunks_finish(struct chunks *c, struct err *err);

void chunks_release(struct chunks *c);

#endif
