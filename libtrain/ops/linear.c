/* linear.c -- blocks small enough to give every core several, large enough for BLAS to be fast. */
#include "ops/linear.h"

#include <string.h>

#include "ops/gemm.h"
#include "ops/reduce.h"

enum { MIN_ROWS = 32, MAX_ROWS = 256, WANTED_BLOCKS = 16, TILE_N = 512, TILE_K = 512 };

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

static void begin(float *y, const float *b, size_t n_rows, size_t N)
{
    for (size_t row = 0; b && row < n_rows; row++)
        memcpy(y + row * N, b, N * sizeof *y);
}

void linear_forward(float *y, const float *x, const float *w, const float *b, size_t n_rows,
                    size_t N, size_t K)
{
    begin(y, b, n_rows, N);
    gemm_nt(y, N, x, K, w, K, n_rows, N, K, 1, b ? 1 : 0);
}

void linear_input_gradient(float *dx, const float *dy, const float *w, size_t n_rows, size_t N,
                           size_t K, bool add)
{
    gemm_nn(dx, K, dy, N, w, K, n_rows, K, N, 1, add ? 1 : 0);
}

size_t linear_panels(const struct linear_weight *w)
{
    return w->backward ? gemm_panels(w->N, w->K) : gemm_panels(w->K, w->N);
}

size_t linear_strips(const struct linear_weight *w)
{
    return w->panels ? (w->N + GEMM_PANEL - 1) / GEMM_PANEL : 0;
}

/* Rows of w are rows of the right factor of dY W, columns of that of X W^T. */
void linear_pack(const struct linear_weight *w, size_t strip)
{
    const size_t row = strip * GEMM_PANEL;
    const size_t rows = min_size(w->N - row, GEMM_PANEL);
    const struct gemm_operand b = {w->w + row * w->K, w->K, !w->backward};

    if (w->backward)
        gemm_pack(w->panels + row * GEMM_PANEL, w->N * GEMM_PANEL, &b, rows, w->K);
    else
        gemm_pack(w->panels + row * w->K, w->K * GEMM_PANEL, &b, w->K, rows);
}

void linear_forward_by(float *y, const float *x, const struct linear_weight *w, const float *b,
                       size_t n_rows)
{
    if (!w->panels) {
        linear_forward(y, x, w->w, b, n_rows, w->N, w->K);
        return;
    }
    begin(y, b, n_rows, w->N);
    gemm_by_panels(y, w->N, x, w->K, w->panels, n_rows, w->N, w->K, b ? 1 : 0);
}

void linear_input_gradient_by(float *dx, const float *dy, const struct linear_weight *w,
                              size_t n_rows, bool add)
{
    if (!w->panels)
        linear_input_gradient(dx, dy, w->w, n_rows, w->N, w->K, add);
    else
        gemm_by_panels(dx, w->K, dy, w->N, w->panels, n_rows, w->K, w->N, add ? 1 : 0);
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
