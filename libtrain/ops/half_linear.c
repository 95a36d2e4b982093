/* half_linear.c -- weights are packed once a step; what a weight's gradient multiplies, tile by tile. */
#include "ops/half_linear.h"

#include <string.h>

#include "ops/half_pack.h"
#include "ops/halves.h"
#include "ops/reduce.h"

enum {
    TILE_N = 256,
    TILE_K = 512,
    TILE_T = 512,            /* both factors of a tile stay in the second cache */
    TURNED_LD = TILE_T + 32, /* not a power of two, which would crowd a few sets of the first */
    SUM_ROWS = 64
};

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

void half_weight_pack(const struct half_weight *to, const float *w, size_t row, uint16_t *scratch)
{
    const size_t rows = min_size(to->N - row, HALF_STRIP);
    const size_t K = to->K;

    for (size_t i = 0; i < rows; i++)
        halves_round(scratch + i * K, w + (row + i) * K, K);
    half_pack_columns(to->forward + row / HALF_COLS * half_panel(K), half_panel(K), scratch, K, K,
                      rows);
    half_pack_rows(to->backward + row * HALF_COLS, half_panel(to->N), scratch, K, rows, K);
}

void half_linear_forward(const struct half_kernel *kernel, const struct half_weight *w,
                         const float *b, const uint16_t *x, size_t n_rows, half_finish *finish,
                         void *context)
{
    half_gemm(&(struct half_product){.kernel = kernel,
                                     .a = x,
                                     .lda = w->K,
                                     .b = w->forward,
                                     .panel_stride = half_panel(w->K),
                                     .bias = b,
                                     .M = n_rows,
                                     .N = w->N,
                                     .K = w->K,
                                     .finish = finish,
                                     .finish_context = context});
}

void half_linear_input_gradient(const struct half_kernel *kernel, const struct half_weight *w,
                                const uint16_t *dy, size_t n_rows, half_finish *finish,
                                void *context)
{
    half_gemm(&(struct half_product){.kernel = kernel,
                                     .a = dy,
                                     .lda = w->N,
                                     .b = w->backward,
                                     .panel_stride = half_panel(w->N),
                                     .M = n_rows,
                                     .N = w->K,
                                     .K = w->N,
                                     .finish = finish,
                                     .finish_context = context});
}

static size_t tiles_across(const struct half_gradient *g)
{
    return (g->K + TILE_K - 1) / TILE_K;
}

size_t half_gradient_tiles(const struct half_gradient *g)
{
    return (g->N + TILE_N - 1) / TILE_N * tiles_across(g);
}

size_t half_gradient_scratch(void)
{
    return TILE_N * TURNED_LD + TILE_T * TILE_K;
}

static void add_column_sums(float *sums, const uint16_t *from, size_t ld, size_t T, size_t n)
{
    float rows[SUM_ROWS * TILE_N];

    for (size_t t = 0; t < T; t += SUM_ROWS) {
        const size_t n_rows = min_size(T - t, SUM_ROWS);

        for (size_t i = 0; i < n_rows; i++)
            halves_float(rows + i * TILE_N, from + (t + i) * ld, n);
        reduce_columns(sums, rows, TILE_N, n_rows, n);
    }
}

void half_weight_gradient(const struct half_gradient *g, size_t tile, uint16_t *scratch)
{
    const size_t n = tile / tiles_across(g) * TILE_N;
    const size_t k = tile % tiles_across(g) * TILE_K;
    struct half_floats to = {g->dw + n * g->K + k, g->K};
    struct half_product p = {.kernel = g->kernel,
                             .a = scratch,
                             .lda = TURNED_LD,
                             .b = scratch + TILE_N * TURNED_LD,
                             .M = min_size(g->N - n, TILE_N),
                             .N = min_size(g->K - k, TILE_K),
                             .finish = half_add_floats,
                             .finish_context = &to};

    for (size_t t = 0; t < g->T; t += TILE_T) {
        const uint16_t *dy = g->dy + t * g->dy_ld + n;

        p.K = min_size(g->T - t, TILE_T);
        p.panel_stride = half_panel(p.K);
        half_transpose(scratch, TURNED_LD, dy, g->dy_ld, p.M, p.K);
        half_pack_rows(scratch + TILE_N * TURNED_LD, p.panel_stride, g->x + t * g->K + k, g->K, p.K,
                       p.N);
        half_gemm(&p);
        if (g->db && k == 0)
            add_column_sums(g->db + n, dy, g->dy_ld, p.K, p.M);
    }
}
