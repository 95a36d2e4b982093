/* shard.h -- pretraining shards: HDF5 files of rows, one sequence a row or several (packed).
 *
 * Data sets and types are those of the original systems (formats.h, schemas/pretrain-shard.md,
 * schemas/packed-shard.md). Whether a file is packed is told by its data set `positions`. */
#ifndef STORE_SHARD_H
#define STORE_SHARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/team.h"
#include "store/chunks.h"
#include "store/formats.h"
#include "store/sequence.h"

/* What a shard says of itself in attributes; empty or 0 where a foreign file says nothing. */
struct shard_origin {
    int64_t vocab_size;
    char vocab_sha256[HASH_HEX_SIZE];
    char *options; /* the options it was made with, as JSON; owned */
};

void shard_origin_release(struct shard_origin *o);

/* Writing: rows collect in memory until a chunk is full. The file has its name after the commit. */
struct shard_writer;
struct shard_writer *shard_create(const char *path, const struct shard_shape *shape,
                                  const struct shard_origin *origin, struct err *err);

/* The same, compressed in another way than with gzip. */
struct shard_writer *shard_create_as(const char *path, const struct shard_shape *shape,
                                     const struct shard_origin *origin, enum chunk_packing packing,
                                     struct err *err);

/* Chunks are compressed by the team (not owned) from now on: more speed, the same bytes. */
void shard_use_team(struct shard_writer *w, struct team *team);

/* Rows tell the document of their sequence from now on, in a data set of its own. Before the first row,
 * of a shard that is not packed. */
int shard_tell_documents(struct shard_writer *w, struct err *err);

/* Appends rows [first, first + n) of some laid out by any thread (shard_rows.h), which have the shape of
 * the shard. */
struct shard_rows;
int shard_append(struct shard_writer *w, const struct shard_rows *r, size_t first, size_t n,
                 struct err *err);

/* Appends a block of rows laid out and compressed by any thread (row_block.h), which has the shape and
 * packing of the shard. Only the last one may have fewer rows than row_block_size(), and nothing else is
 * appended to a shard of blocks. */
int shard_append_block(struct shard_writer *w, const void *block, size_t size, struct err *err);

/* Appends one row of n sequences; n is 1 unless packed. In packs they stand in the given order.
 * ERR_LIMIT when ids or masked positions do not fit the shape (in a pack at least one masked column
 * stays 0, as its readers need). */
int shard_put(struct shard_writer *w, const struct sequence *const *sequences, size_t n,
              struct err *err);
int shard_commit(struct shard_writer *w, struct err *err);
int shard_finish(struct shard_writer *w, struct err *err); /* likewise, as sink_finish() does */
void shard_discard(struct shard_writer *w); /* releases; removes what was not committed */

/* Reading: rows by number, checked as they are read: a value that cannot be is ERR_FORMAT with the
 * file, data set and row. Several readers may read the same file; HDF5 calls are serialised. */
struct shard {
    char *path;
    struct shard_shape shape;
    struct shard_origin origin;
    bool tells_documents; /* else those of its sequences are 0 */
    int64_t n_rows;
    struct h5_file *file;
};

int shard_open(struct shard *s, const char *path, struct err *err);

/* Rows [first, first + n) decoded: *sequences is an array of *n_sequences, row_of[i] (when not NULL)
 * the row of each, counted from `first`. Release with sequences_free(). */
int shard_read(struct sequence **sequences, size_t *n_sequences, int32_t **row_of, struct shard *s,
               int64_t first, int64_t n, struct err *err);
void sequences_free(struct sequence *sequences, size_t n);

/* Only the lengths: lengths[row * max_sequences + i] for rows [first, first + n), 0 = absent. */
int shard_lengths(int32_t *lengths, struct shard *s, int64_t first, int64_t n, struct err *err);

/* The same with how many masked tokens each has; positions are not checked yet. */
int shard_measures(int32_t *lengths, int32_t *masked, struct shard *s, int64_t first, int64_t n,
                   struct err *err);

void shard_close(struct shard *s);

/* The shards of a folder in the order of their names: files that end in .hdf5 or .h5; where some
 * names contain "training", only those. ERR_FORMAT when there is none. */
int shard_list(char ***paths, size_t *n, const char *folder, struct err *err);

#endif
