/* half_linear.h -- linear.h with halves: Y = X W^T + b and its gradients, sums in fp32.
 *
 *   X (T, K)   W (N, K)   b (N)   Y (T, N)
 *
 * X, Y and their gradients are halves; W is one rounded and packed both ways, b and the gradients of
 * weights are fp32. Blocks of rows are those of linear.h. */
#ifndef OPS_HALF_LINEAR_H
#define OPS_HALF_LINEAR_H

#include <stddef.h>
#include <stdint.h>

#include "ops/half_gemm.h"

struct half_weight {
    uint16_t *forward;  /* W^T (K, N), half_packed(K, N) on a cache line */
    uint16_t *backward; /* W (N, K), half_packed(N, K) */
    size_t N, K;
};

enum { HALF_STRIP = 32 }; /* rows of W that are packed at once */

/* Rounds and packs rows [row, row + HALF_STRIP) below N of w; row is a multiple of HALF_STRIP.
 *   scratch   halves, HALF_STRIP * half_padded(K) */
void half_weight_pack(const struct half_weight *to, const float *w, size_t row, uint16_t *scratch);

/* X W^T + b, or dY W, for n_rows rows, to `finish`. */
void half_linear_forward(const struct half_kernel *kernel, const struct half_weight *w,
                         const float *b, const uint16_t *x, size_t n_rows, half_finish *finish,
                         void *context);
void half_linear_input_gradient(const struct half_kernel *kernel, const struct half_weight *w,
                                const uint16_t *dy, size_t n_rows, half_finish *finish,
                                void *context);

/* dW += dY^T X and db += column sums of dY (db == NULL: none). */
struct half_gradient {
    const struct half_kernel *kernel;
    float *dw;          /* (N, K) */
    float *db;          /* (N) */
    const uint16_t *dy; /* (T, N) */
    size_t dy_ld;       /* halves from row to row */
    const uint16_t *x;  /* (T, K) */
    size_t T, N, K;
};

/* Its tiles, each a task of its own, on a cache line of half_gradient_scratch() halves. */
size_t half_gradient_tiles(const struct half_gradient *g);
size_t half_gradient_scratch(void);
void half_weight_gradient(const struct half_gradient *g, size_t tile, uint16_t *scratch);

#endif
