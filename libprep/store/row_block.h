/* row_block.h -- rows of a shard, laid out and compressed by one thread, put into the file by another.
 *
 *      thread 1: sequences --> rows --> chunks --.
 *      thread 2: sequences --> rows --> chunks --+--> shard_append_block(), in order --> file
 *
 * A block holds the rows of whole chunks of the wide data sets, which are compressed here. Chunks of the
 * narrow ones are longer than a block; their values travel as they are, a few bytes a row. */
#ifndef STORE_ROW_BLOCK_H
#define STORE_ROW_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/chunks.h"
#include "store/formats.h"
#include "store/sequence.h"

/* How many rows are in every block of a shard but the last. */
size_t row_block_size(const struct shard_shape *shape);

struct row_block;
struct row_block *row_block_open(const struct shard_shape *shape, enum chunk_packing packing,
                                 bool tells_documents);

/* Lays out one more row of n sequences, as shard_put() does; there must be room for it. */
int row_block_put(struct row_block *b, const struct sequence *const *sequences, size_t n,
                  struct err *err);

/* Appends the block to `to`, a multiple of 8 bytes, and begins the next one. */
void row_block_end(struct row_block *b, struct buf *to);

void row_block_close(struct row_block *b); /* NULL is fine */

/* The parts of a block, in the order in which they go into the file. */
struct row_part {
    enum format_set set;
    bool documents; /* they are meant, not `set`: i64 values */
    bool packed;    /* a chunk, else i32 values */
    size_t n_rows;
    const void *bytes; /* (len) in the block, which starts at an address for any type */
    size_t len;
    size_t next; /* where the next part begins */
};

/* The part at p->next, 0 at first; false after the last. */
bool row_block_next(struct row_part *p, const void *block, size_t size);

#endif
