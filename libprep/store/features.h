/* features.h -- files of fine-tuning rows, read: a sequence each, and what is to be found in it
 * (schemas/squad-features.md, schemas/glue-features.md).
 *
 *   input_ids    [CLS] q q [SEP] c c c c [SEP] 0 0        -> sequence, without the padding
 *   start_positions 5, end_positions 6, or label_ids 1    -> target
 *
 * Whose program made the file does not matter: its data sets tell what it holds. */
#ifndef STORE_FEATURES_H
#define STORE_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "store/h5.h"
#include "store/sequence.h"

enum features_kind {
    FEATURES_SPANS,   /* questions, their answers a span of tokens */
    FEATURES_CLASSES, /* label_ids of integers */
    FEATURES_SCORES   /* label_ids of reals, or an empty list of labels */
};

/* What a row is to be answered with; of the members of other kinds nothing is said. */
struct features_target {
    int32_t start,
        end;       /* spans: tokens of the sequence, start <= end < n_ids; 0 = no answer here */
    int32_t label; /* classes: 0 and up; -1 = none */
    float score;
};

struct features {
    char *path;
    enum features_kind kind;
    bool labelled;     /* there are targets */
    size_t seq_length; /* T: columns of input_ids */
    int64_t n_rows;
    int64_t vocab_size; /* 0 where the file does not tell, as the next two */
    char vocab_sha256[HASH_HEX_SIZE];
    char *labels; /* names of the classes, '|' between; NULL = not told */
    struct h5_file *file;
};

int features_open(struct features *f, const char *path, struct err *err);

/* Whether an open file holds features and not pretraining rows. */
bool features_are(struct h5_file *file);

/* Rows [first, first + n), checked: *sequences and *targets (n each). Release with sequences_free()
 * of shard.h and free(). Without labels, the targets are answers 0, class -1, score 0. */
int features_read(struct sequence **sequences, struct features_target **targets, struct features *f,
                  int64_t first, int64_t n, struct err *err);

/* How many classes there are: those named, or one more than the largest label of all rows. */
int features_count_classes(size_t *n, struct features *f, struct err *err);

/* Only the lengths of rows [first, first + n). */
int features_lengths(int32_t *lengths, struct features *f, int64_t first, int64_t n,
                     struct err *err);

void features_close(struct features *f);

#endif
