/* row_file.c -- two readers of store behind one. */
#include "data/row_file.h"

#include <stdlib.h>

#include "base/mem.h"
#include "store/h5.h"

const char *row_kind_name(enum row_kind kind)
{
    static const char *const names[] = {
        [ROWS_PRETRAINING] = "pretraining rows",
        [ROWS_SPANS] = "questions",
        [ROWS_CLASSES] = "classes",
        [ROWS_SCORES] = "scores",
    };

    return names[kind];
}

static int ask_kind(bool *features, const char *path, struct err *err)
{
    struct h5_file *file = h5_open(path, err);

    if (!file)
        return -1;
    *features = features_are(file);
    h5_close(file);
    return 0;
}

static enum row_kind kind_of(const struct features *f)
{
    switch (f->kind) {
    case FEATURES_SPANS:
        return ROWS_SPANS;
    case FEATURES_CLASSES:
        return ROWS_CLASSES;
    case FEATURES_SCORES:
        return ROWS_SCORES;
    }
    return ROWS_SPANS;
}

static int open_features(struct row_file *f, const char *path, struct err *err)
{
    if (features_open(&f->features, path, err) < 0)
        return -1;
    f->path = f->features.path;
    f->kind = kind_of(&f->features);
    f->shape = (struct shard_shape){.seq_length = f->features.seq_length, .max_sequences = 1};
    f->n_rows = f->features.n_rows;
    f->vocab_size = f->features.vocab_size;
    f->labelled = f->features.labelled;
    return 0;
}

static int open_shard(struct row_file *f, const char *path, struct err *err)
{
    if (shard_open(&f->shard, path, err) < 0)
        return -1;
    f->path = f->shard.path;
    f->kind = ROWS_PRETRAINING;
    f->shape = f->shard.shape;
    f->n_rows = f->shard.n_rows;
    f->vocab_size = f->shard.origin.vocab_size;
    f->labelled = true;
    return 0;
}

int row_file_open(struct row_file *f, const char *path, struct err *err)
{
    bool features;

    *f = (struct row_file){0};
    if (ask_kind(&features, path, err) < 0)
        return -1;
    return features ? open_features(f, path, err) : open_shard(f, path, err);
}

void row_file_close(struct row_file *f)
{
    shard_close(&f->shard);
    features_close(&f->features);
    *f = (struct row_file){0};
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

int row_file_read(struct row_block *b, struct row_file *f, int64_t first, int64_t n,
                  struct err *err)
{
    int32_t *row_of = NULL;

    if (f->kind == ROWS_PRETRAINING) {
        if (shard_read(&b->sequences, &b->n_sequences, &row_of, &f->shard, first, n, err) < 0)
            return -1;
    } else {
        if (features_read(&b->sequences, &b->targets, &f->features, first, n, err) < 0)
            return -1;
        b->n_sequences = (size_t)n;
    }
    b->row_starts = mem_array((size_t)n + 1, sizeof *b->row_starts);
    for (size_t i = 0; i < b->n_sequences; i++)
        b->row_starts[row_of ? (size_t)row_of[i] + 1 : i + 1] = i + 1;
    for (size_t r = 0; r < (size_t)n; r++) /* rows without a sequence */
        b->row_starts[r + 1] = larger(b->row_starts[r + 1], b->row_starts[r]);
    free(row_of);
    return 0;
}

void row_block_release(struct row_block *b)
{
    if (b->sequences)
        sequences_free(b->sequences, b->n_sequences);
    free(b->targets);
    free(b->row_starts);
    *b = (struct row_block){0};
}

int row_file_lengths(int32_t *lengths, struct row_file *f, int64_t first, int64_t n,
                     struct err *err)
{
    if (f->kind == ROWS_PRETRAINING)
        return shard_lengths(lengths, &f->shard, first, n, err);
    return features_lengths(lengths, &f->features, first, n, err);
}
