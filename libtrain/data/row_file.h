/* row_file.h -- a file of rows to train on, whatever they are: pretraining shards or features. The one
 * place of the trainer that knows the difference. */
#ifndef DATA_ROW_FILE_H
#define DATA_ROW_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "store/features.h"
#include "store/shard.h"

enum row_kind { ROWS_PRETRAINING, ROWS_SPANS, ROWS_CLASSES, ROWS_SCORES };

/* "pretraining rows", "questions", ... for messages. */
const char *row_kind_name(enum row_kind kind);

struct row_file {
    const char *path;
    enum row_kind kind;
    struct shard_shape shape; /* of features: one sequence a row, nothing masked */
    int64_t n_rows;
    int64_t vocab_size; /* 0 where the file does not tell */
    bool labelled;
    struct shard shard; /* one of the two is open */
    struct features features;
};

/* Some rows, decoded. The sequences of row r are sequences[row_starts[r] .. row_starts[r + 1]). */
struct row_block {
    struct sequence *sequences;      /* (n_sequences) */
    struct features_target *targets; /* (n_sequences) of features, else NULL */
    size_t n_sequences;
    size_t *row_starts; /* (rows + 1), NULL = not decoded */
};

int row_file_open(struct row_file *f, const char *path, struct err *err);
void row_file_close(struct row_file *f);

/* Rows [first, first + n) into the all-zero *b. */
int row_file_read(struct row_block *b, struct row_file *f, int64_t first, int64_t n,
                  struct err *err);
void row_block_release(struct row_block *b);

/* Only the lengths: lengths[row * max_sequences + i], 0 = absent. */
int row_file_lengths(int32_t *lengths, struct row_file *f, int64_t first, int64_t n,
                     struct err *err);

#endif
