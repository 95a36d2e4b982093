/* linear.c -- blocks small enough to give every core several, large enough for BLAS to be fast. */
#include "ops/linear.h"

#include <string.h>

#include "ops/gemm.h"
#include "ops/reduce.h"

enum { MIN_ROWS = 32, MAX_ROWS = 256, WANTED_BLOCKS = 16, TILE_N = 256, TILE_K = 512 };

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t block_rows(size_t T)
{
    const size_t rows = (T / WANTED_BLOCKS + 15) / 16 * 16;

    return rows < MIN_ROWS ? MIN_ROWS : min_size(rows, MAX_ROWS);
}

size_t linear_blocks(size_t T)
{
    const size_t rows = block_rows(T);

    return (T + rows - 1) / rows;
}

void linear_forward(float *y, const float *x, const float *w, const float *b, size_t n_rows,
                    size_t N, size_t K)
{
    if (b) {
        for (size_t row = 0; row < n_rows; row++)
            memcpy(y + row * N, b, N * sizeof *y);
    }
    gemm_nt(y, N, x, K, w, K, n_rows, N, K, 1, b ? 1 : 0);
}

void linear_input_gradient(float *dx, const float *dy, const float *w, size_t n_rows, size_t N,
                           size_t K, bool add)
{
    gemm_nn(dx, K, dy, N, w, K, n_rows, K, N, 1, add ? 1 : 0);
}

/* Rows are T / 16 rounded up, or the bounds; the rounding down of T / 16 may cost one more block. */
size_t linear_most_blocks(size_t max_T)
{
    return WANTED_BLOCKS + 1 + max_T / MAX_ROWS;
}

size_t linear_most_rows(void)
{
    return MAX_ROWS;
}

size_t linear_block(size_t *n_rows, size_t T, size_t block)
{
    const size_t rows = block_rows(T);

    *n_rows = min_size(rows, T - block * rows);
    return block * rows;
}

static size_t tiles_across(const struct linear_gradient *g)
{
    return (g->K + TILE_K - 1) / TILE_K;
}

size_t linear_tiles(const struct linear_gradient *g)
{
    return (g->N + TILE_N - 1) / TILE_N * tiles_across(g);
}

void linear_weight_gradient(const struct linear_gradient *g, size_t tile)
{
    const size_t n = tile / tiles_across(g) * TILE_N;
    const size_t k = tile % tiles_across(g) * TILE_K;
    const size_t rows = min_size(g->N - n, TILE_N);
    const size_t cols = min_size(g->K - k, TILE_K);

    gemm_tn(g->dw + n * g->K + k, g->K, g->dy + n, g->N, g->x + k, g->K, rows, cols, g->T, 1, 1);
    if (g->db && k == 0)
        reduce_columns(g->db + n, g->dy + n, g->N, g->T, rows);
}
