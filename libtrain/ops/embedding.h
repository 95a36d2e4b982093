/* embedding.h -- word + position + segment of every token, and the gradient of the three tables.
 *
 * The gradient is cut by columns, not by tokens: every thread walks over all tokens in order and
 * adds to columns of its own, so the sums have one order without sorting and without atomics. */
#ifndef OPS_EMBEDDING_H
#define OPS_EMBEDDING_H

#include <stddef.h>
#include <stdint.h>

/* Where the three tables begin in an arena of parameters or of gradients, in floats. */
struct embedding {
    size_t word;     /* (V, H) */
    size_t position; /* (P, H) */
    size_t type;     /* (types, H) */
    size_t H;
};

/* Which rows each token takes. */
struct embedding_rows {
    const int32_t *ids;       /* (T) */
    const int32_t *positions; /* (T) */
    const int32_t *segments;  /* (T) 0 or 1 */
};

/* y (T, H) for the tokens [first, last). */
void embedding_forward(float *y, const float *params, const struct embedding *tables,
                       const struct embedding_rows *rows, size_t first, size_t last);

enum { EMBEDDING_COLUMNS = 64 }; /* of one call of the backward pass */

/* Adds dx (T, H) to the gradients, columns [column, column + EMBEDDING_COLUMNS) below H. */
void embedding_backward(float *grads, const struct embedding *tables, const float *dx,
                        const struct embedding_rows *rows, size_t T, size_t column);

#endif
