/* verify.h -- shards, or a whole set of them, held against everything their pages promise.
 *
 *      rows             every invariant of the format, padding and special tokens included
 *      rows, metadata   rows, checksums, counts, histogram of lengths, vocabulary, balance
 *
 * The pages are schemas/pretrain-shard.md, packed-shard.md, pretrain-metadata.md, pack-metadata.md. */
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* What stands in some rows. */
struct verify_counts {
    int64_t rows;
    int64_t sequences; /* as many as rows, unless packed */
    int64_t tokens;
    int64_t masked;
    int64_t label_1;  /* sequences whose second segment is not the text that followed */
    int64_t *lengths; /* (n_lengths) item i = sequences of length i */
    size_t n_lengths;
};

void verify_counts_add(struct verify_counts *to, const struct verify_counts *more);
void verify_counts_release(struct verify_counts *c);

/* Reads one file of rows and checks them; `counts` is filled either way. ERR_FORMAT with file, data
 * set and row for the first thing that is wrong. */
int verify_shard(struct verify_counts *counts, const char *path, struct err *err);

struct verify {
    size_t n_threads; /* 0 = all cores */
    /* Called for each thing that is wrong, one after the other; may be NULL. */
    void (*problem)(void *context, const char *message);
    /* Told how many files are done; may be NULL. */
    void (*progress)(void *context, const char *phase, uint64_t done, uint64_t total);
    void *context;
    /* results */
    struct verify_counts counts;
    size_t n_files;
    size_t n_problems;
    bool has_metadata;
};

/* Verifies all shards of a folder, and its <folder>_metadata.json where there is one: what it lists
 * is there, nothing else is, and all it says is true. `path` may be a single file as well. Returns -1
 * with the first problem in err when there was one or more. */
int verify_set(struct verify *v, const char *path, struct err *err);

void verify_release(struct verify *v);

#endif
