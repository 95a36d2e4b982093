/* stream.h -- the endless stream of rows a training takes: one folder of shards, or several mixed.
 *
 *   A=3,B=1    row of the stream   0 1 2 3 | 4 5 6 7 | ...      (here with periods of 4 rows)
 *              taken from          A B A A | A A B A |
 *              row of its stream   0 0 1 2 | 3 4 1 5 |
 *
 * In every period a source has as many rows as its weight says, at places drawn for the period, so
 * which row a position has is computed, not remembered, and each source has epochs of its own. */
#ifndef DATA_STREAM_H
#define DATA_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/batch.h"
#include "data/loader.h"

enum { STREAM_PERIOD = 1024, STREAM_MAX_SOURCES = 64 };

struct stream {
    struct loader *loaders; /* (n) */
    size_t n;
    int64_t *counts;          /* (n) rows of each in a period */
    char *name;               /* as it was given */
    enum row_kind kind;       /* of all */
    bool unlabelled;          /* some file has no labels */
    struct shard_shape shape; /* the largest of all; all are packed or none is */
    int64_t vocab_size;       /* the shards' own, 0 = they do not tell */
    uint64_t n_rows;          /* of an epoch; of all sources together */
    uint64_t fingerprint;     /* the same data and weights give the same stream */
    uint64_t seed;
    /* the period sought last */
    uint64_t period;
    int32_t source[STREAM_PERIOD];
    int64_t place[STREAM_PERIOD]; /* among the rows that its source has in the period */
};

/* what: a folder, or "FOLDER=WEIGHT,FOLDER=WEIGHT..." */
int stream_open(struct stream *s, const char *what, uint64_t seed, struct err *err);
void stream_limit(struct stream *s, const struct loader_limits *limits);

/* Masks are drawn anew from now on; see remask.h. Call it after stream_limit(). */
void stream_remask(struct stream *s, const struct remask *r);

/* The id that stands at most masked places of the shards: [MASK]. */
int stream_find_mask(int32_t *id, const struct stream *s, struct err *err);

/* Sequences and tokens in a row on average; see loader.h. */
int stream_mean_sequences(double *mean, const struct stream *s, struct err *err);
int stream_mean_tokens(double *mean, const struct stream *s, struct err *err);

/* The most masked tokens a row can have. */
size_t stream_most_masked(const struct stream *s);

/* As their twins of loader.h. */
void stream_init_batch(struct batch *b, const struct stream *s, size_t n_rows);
int stream_fill(struct batch *b, struct stream *s, uint64_t position, size_t n_rows,
                struct err *err);

void stream_close(struct stream *s);

#endif
