/* statistics.h -- what stands in a set of shards, in numbers: read once, held in histograms. */
#ifndef SHOW_STATISTICS_H
#define SHOW_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "store/shard.h"

/* How often a small number was seen. */
struct spread {
    int64_t *counts; /* (n) by value */
    size_t n;
    int64_t n_values;
    int64_t sum;
};

void spread_add(struct spread *t, size_t value);
double spread_mean(const struct spread *t);
size_t spread_least(const struct spread *t); /* 0 when there are no values */
size_t spread_most(const struct spread *t);  /* 0 when there are no values */
size_t spread_part(const struct spread *t,
                   double part); /* the value that part reach: 0.5 = median */

struct statistics_file {
    char *path;
    struct shard_shape shape;
    int64_t n_rows;
};

struct statistics {
    struct statistics_file *files; /* (n_files) */
    size_t n_files;
    size_t n_packed;            /* of the files */
    struct shard_shape shape;   /* the widest of all files */
    struct shard_origin origin; /* of the first file */
    int64_t n_rows;
    struct spread length;    /* of sequences */
    struct spread fill;      /* tokens of a row */
    struct spread sequences; /* of a row */
    struct spread masked;    /* of a row */
    /* What stands at masked places: the most usual id, which is [MASK], the original id, others. */
    int32_t mask_id; /* -1 = there are no masked tokens */
    int64_t n_mask, n_kept, n_other;
    int64_t n_follows, n_random, n_unlabelled; /* next-sentence labels */
};

/* Reads the shards at these paths, on n_threads threads (0 = all cores). */
int statistics_read(struct statistics *s, char *const *paths, size_t n_paths, size_t n_threads,
                    struct err *err);
void statistics_release(struct statistics *s);

/* Tokens that are not padding, of all that rows have room for: 0..1. */
double statistics_efficiency(const struct statistics *s);

/* "pretraining shard", "packed shard", or both; n tells whether it is one. */
const char *statistics_kind(const struct statistics *s);

/* All of it, with `name` as member. */
struct json *statistics_json(const struct statistics *s, const char *name);

#endif
