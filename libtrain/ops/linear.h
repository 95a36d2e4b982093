/* linear.h -- Y = X W^T + b and its gradients, cut into blocks of rows and tiles of weights.
 *
 *   X (T, K)   W (N, K)   b (N)   Y (T, N)      all rows stand end to end
 *
 * A block is the work of one thread. Where the cuts are depends on the sizes alone. */
#ifndef OPS_LINEAR_H
#define OPS_LINEAR_H

#include <stdbool.h>
#include <stddef.h>

/* How T rows are cut: about 16 blocks, of 32 to 256 rows. */
size_t linear_blocks(size_t T);
size_t linear_most_blocks(size_t max_T); /* of any T up to max_T */

/* No block has more rows. */
size_t linear_most_rows(void);

/* The first row of a block, and how many it has. */
size_t linear_block(size_t *n_rows, size_t T, size_t block);

/* Y = X W^T + b for n_rows rows; b == NULL is 0. */
void linear_forward(float *y, const float *x, const float *w, const float *b, size_t n_rows,
                    size_t N, size_t K);

/* dX = dY W, or dX += dY W, for n_rows rows. */
void linear_input_gradient(float *dx, const float *dy, const float *w, size_t n_rows, size_t N,
                           size_t K, bool add);

/* A weight of many such products, in panels (gemm.h) where the chosen kernel reads them. */
struct linear_weight {
    const float *w; /* (N, K) */
    float *panels;  /* linear_panels() floats, or NULL: products read w itself */
    size_t N, K;
    bool backward; /* for dY W, else for X W^T */
};

size_t linear_panels(const struct linear_weight *w);

/* Packs rows of w, each strip a task of its own: strip < linear_strips(), which is 0 without panels. */
size_t linear_strips(const struct linear_weight *w);
void linear_pack(const struct linear_weight *w, size_t strip);

/* linear_forward() and linear_input_gradient() with it, to the bit. */
void linear_forward_by(float *y, const float *x, const struct linear_weight *w, const float *b,
                       size_t n_rows);
void linear_input_gradient_by(float *dx, const float *dy, const struct linear_weight *w,
                              size_t n_rows, bool add);

/* One weight gradient: dW += dY^T X and db += column sums of dY (db == NULL: none). */
struct linear_gradient {
    float *dw;       /* (N, K) */
    float *db;       /* (N) */
    const float *dy; /* (T, N) */
    const float *x;  /* (T, K) */
    size_t T, N, K;
};

/* Its tiles of (512, 512), each a task of its own: tile < linear_tiles(). */
size_t linear_tiles(const struct linear_gradient *g);
void linear_weight_gradient(const struct linear_gradient *g, size_t tile);

#endif
