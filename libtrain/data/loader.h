/* loader.h -- rows of a folder of shards, or of a file, -> batches, at any position of the endless
 * stream of epochs.
 *
 * The stream is what order.h says: a function of the seed and the files, so a step that takes the
 * rows at [p, p + n) is the same on any number of ranks, and a run is resumed by its position. */
#ifndef DATA_LOADER_H
#define DATA_LOADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/batch.h"
#include "data/order.h"
#include "data/remask.h"
#include "data/row_file.h"
#include "store/shard.h"

/* What the model can take; rows beyond it are errors that name file and row. */
struct loader_limits {
    size_t vocab_size;
    size_t max_positions;   /* tokens of one sequence */
    size_t n_types;         /* 1 = no second segment */
    size_t max_predictions; /* used of a row whose masked columns are all filled, which the
                               originals cannot tell from one that had more */
    size_t n_classes;       /* of features of classes */
};

struct loader {
    char *folder;
    char **paths;    /* (n_files) */
    int64_t *n_rows; /* (n_files) */
    size_t n_files;
    enum row_kind kind;       /* of all files */
    bool unlabelled;          /* some file has no labels */
    struct shard_shape shape; /* the largest of all files; all are packed or none is */
    int64_t vocab_size;       /* the shards' own, 0 = they do not tell */
    uint64_t fingerprint;     /* of names and shapes: the same data give the same stream */
    struct loader_limits limits;
    struct remask remask;
    int32_t *places; /* (seq_length) scratch of remask */
    struct order order;
    uint64_t epoch; /* of the window that is decoded */
    size_t window;
    struct row_block *decoded; /* (order.n_blocks), those of the window that were needed */
    struct row_file *open;     /* a few files stay open */
    size_t n_open;
    size_t next_closed;
};

/* Opens all shards of the folder once and reads their shapes; a file is a folder of one. Limits are none
 * until loader_limit(). */
int loader_open(struct loader *l, const char *folder, uint64_t seed, struct err *err);

/* The same for held-back shards: files whose names contain "test", or all where none does. `among`
 * says that the folder is that of the training, whose other files may not be taken. */
int loader_open_test(struct loader *l, const char *folder, bool among, struct err *err);

void loader_limit(struct loader *l, const struct loader_limits *limits);

/* Masks are drawn anew from now on, others at each visit of a row. */
void loader_remask(struct loader *l, const struct remask *r);

/* The id that stands at most masked places of the first rows: [MASK]. */
int loader_find_mask(int32_t *id, const struct loader *l, struct err *err);

/* The most masked tokens a row can have. */
size_t loader_most_masked(const struct loader *l);

/* Sequences in a row on average: 1 when not packed, else avg_seq_per_sample of
 * "<folder>_metadata.json" or, where that is missing, counted in the files. */
int loader_mean_sequences(double *mean, const struct loader *l, struct err *err);

/* Tokens in a row on average, counted in the files. */
int loader_mean_tokens(double *mean, const struct loader *l, struct err *err);

/* Room for n_rows rows of any content. */
void loader_init_batch(struct batch *b, const struct loader *l, size_t n_rows);

/* Puts the sequences of the rows at stream positions [position, position + n_rows) into *b, which
 * is cleared first. Positions should rise from call to call: going back decodes again. */
int loader_fill(struct batch *b, struct loader *l, uint64_t position, size_t n_rows,
                struct err *err);

/* Adds the row at that position to what is in *b. */
int loader_append(struct batch *b, struct loader *l, uint64_t position, struct err *err);

void loader_close(struct loader *l);

#endif
