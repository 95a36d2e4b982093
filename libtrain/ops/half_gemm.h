/* half_gemm.h -- products of halves on the calling thread, handed out panel by panel.
 *
 * C = A B + bias is never stored by this module: 32 columns of up to 256 rows are computed into a panel
 * that stays in the first cache, and what comes next (an activation, rounding, adding to a gradient)
 * is done to the panel by the caller's function. */
#ifndef OPS_HALF_GEMM_H
#define OPS_HALF_GEMM_H

#include <stddef.h>
#include <stdint.h>

#include "ops/half_tile.h"

/* Takes sums (rows, 32), which it may change: rows [row, row + rows) and columns [col, col + cols) of
 * C. The columns beyond cols are those of zeros. */
typedef void half_finish(void *context, float *sums, size_t row, size_t rows, size_t col,
                         size_t cols);

struct half_product {
    const struct half_kernel *kernel;
    const uint16_t *a; /* (M, K) rows of K up to a multiple of 32, zeros behind K; or see below */
    size_t lda;
    const uint16_t *b;   /* (K, N) panels, see half_pack.h, on a cache line */
    size_t panel_stride; /* halves from one panel of b to the next */
    const float *bias;   /* (N) or NULL */
    size_t M, N, K;
    half_finish *finish;
    void *finish_context;
};

/* K that is no multiple of 32 may also have rows that end at K: then they are copied. A product that
 * half_add_floats() ends, and that has no bias, is added term by term to what stands there, without a
 * panel of its own where 32 columns are whole. */
void half_gemm(const struct half_product *p);

/* Common ends. Context: */
struct half_floats {
    float *y; /* (M, N) */
    size_t ld;
};
struct half_halves {
    uint16_t *y; /* (M, N) */
    size_t ld;
};

void half_store_floats(void *floats, float *sums, size_t row, size_t rows, size_t col, size_t cols);
void half_add_floats(void *floats, float *sums, size_t row, size_t rows, size_t col, size_t cols);
void half_store_halves(void *halves, float *sums, size_t row, size_t rows, size_t col, size_t cols);

#endif
