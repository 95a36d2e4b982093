/* weight_map.h -- the tensors of foreign files under the names used here, which are Hugging Face's. */
#ifndef MODEL_WEIGHT_MAP_H
#define MODEL_WEIGHT_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "formats/tensor_table.h"
#include "model/foreign_name.h"

/* Rows that pad a vocabulary are fewer: NVIDIA's systems pad to a multiple of 8, others of 64. */
enum { WEIGHT_MAX_PADDING = 64 };

struct weight {
    struct foreign_name name;
    const struct tensor_entry *from; /* borrowed */
};

struct weight_map {
    struct weight *weights; /* (n) sorted by name */
    size_t n;
    size_t n_renamed;    /* of them, whose names in the file are others */
    size_t n_transposed; /* of them */
    size_t n_slots;      /* moments of an optimizer and its counters, left out */
    size_t n_tied;       /* copies of the word embeddings and the decoder's bias, left out */
    size_t n_other;      /* that no BERT has, left out */
    struct buf other;    /* their names: "'a', 'b'", cut when many */
};

/* Names of the table that mean the same are ERR_FORMAT. The table must outlive the map. */
int weight_map_make(struct weight_map *m, const struct tensor_table *t, struct err *err);

/* NULL when there is none. */
const struct weight *weight_map_find(const struct weight_map *m, const char *name);

/* How many heads of attention the shape tells of; 0 = it does not. */
size_t weight_heads(const struct weight *w);

/* Rows and columns of a weight as used here, not as in the file; a vector has one row. False when
 * it has more than two dimensions. */
bool weight_shape(size_t *rows, size_t *cols, const struct weight *w);

/* Whether the tensor has a row for every token, and so may have some for padding. */
bool weight_is_by_token(const char *name);

/* Whether the rows behind the last token of a vocabulary may be padding. */
bool weight_may_be_padded(size_t rows, size_t n_tokens);

/* to = the weight as (rows, cols), or (cols) for a vector. A shape that is another is ERR_FORMAT;
 * where n_padding is not NULL, further rows of up to a multiple of 64 are left out and counted
 * there: those of a padded vocabulary. */
int weight_floats(float *to, size_t *n_padding, const struct weight *w, size_t rows, size_t cols,
                  bool is_vector, struct err *err);

void weight_map_release(struct weight_map *m);

#endif
