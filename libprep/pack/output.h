/* output.h -- sequences in the order of their packs -> rows -> mixed_strategies_part_<i>.hdf5.
 *
 *      add --> window of packs --apart.h--> rows, laid out by all threads --> chunks --> parts
 *
 * The window is bounded in tokens, so memory does not grow with the set, and does not depend on the
 * threads, so nor do the bytes. */
#ifndef PACK_OUTPUT_H
#define PACK_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/team.h"
#include "pack/apart.h"
#include "store/shard.h"

struct output_file {
    char *path;
    int64_t n_rows;
};

struct output {
    const char *folder; /* borrowed, as are shape and origin */
    const struct shard_shape *shape;
    const struct shard_origin *origin;
    enum chunk_packing packing;
    int64_t rows_per_file;
    void (*progress)(void *context, uint64_t n_rows); /* may be NULL */
    void *context;
    /* results */
    struct output_file *files; /* (n_files) */
    size_t n_files;
    int64_t n_rows;      /* of all files */
    uint64_t n_known;    /* sequences whose document is known */
    uint64_t n_meetings; /* of them, those in one pack with another of their document */
    /* at work */
    struct team *team;
    struct shard_writer *file;
    int64_t n_in_file;
    struct buf records; /* of the window */
    struct apart window;
    size_t max_packs;     /* in a window */
    struct slice *slices; /* (n_slices) of a window, laid out at once */
    size_t n_slices;
};

/* After the options above are set. */
void output_open(struct output *o, size_t n_threads);

/* Adds an encoded sequence to a new pack or to the last one. */
int output_add(struct output *o, bool new_pack, const void *bytes, size_t n, struct err *err);

/* After the last sequence: all parts have their names. */
int output_finish(struct output *o, struct err *err);

/* Releases; what was not finished is gone, results stay until output_release(). */
void output_close(struct output *o);
void output_release(struct output *o);

/* Whether a file of that name is a part, whole or not. */
bool output_is_part(const char *name);

#endif
