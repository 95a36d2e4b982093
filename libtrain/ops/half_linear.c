/* half_linear.c -- weights are packed once a step; what a weight's gradient multiplies, tile by tile. */
#include "ops/half_linear.h"

#include <string.h>

#include "ops/half_pack.h"
#include "ops/halves.h"

enum {
    TILE_N = 256,
    TILE_K = 512,
    TILE_T = 512,            /* both factors of a tile stay in the second cache */
    TURNED_LD = TILE_T + 32, /* not a power of two, which would crowd a few sets of the first */
    LEAST_PARTS = 2,
    MOST_PARTS = 4
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

/* Rows of W in a tile: several times TILE_N, so that X is packed for more work; the more the shorter
 * they are. */
static size_t tile_rows(const struct half_gradient *g)
{
    const size_t short_rows = TILE_K / half_padded(min_size(g->K, TILE_K));

    return TILE_N * min_size(short_rows > LEAST_PARTS ? short_rows : LEAST_PARTS, MOST_PARTS);
}

size_t half_gradient_tiles(const struct half_gradient *g)
{
    return (g->N + tile_rows(g) - 1) / tile_rows(g) * tiles_across(g);
}

size_t half_gradient_scratch(void)
{
    return TILE_N * TURNED_LD + TILE_T * TILE_K;
}

void half_weight_gradient(const struct half_gradient *g, size_t tile, uint16_t *scratch)
{
    const size_t first = tile / tiles_across(g) * tile_rows(g);
    const size_t last = min_size(g->N, first + tile_rows(g));
    const size_t k = tile % tiles_across(g) * TILE_K;
    struct half_floats to = {.ld = g->K};
    struct half_product p = {.kernel = g->kernel,
                             .a = scratch,
                             .lda = TURNED_LD,
                             .b = scratch + TILE_N * TURNED_LD,
                             .N = min_size(g->K - k, TILE_K),
                             .finish = half_add_floats,
                             .finish_context = &to};

    for (size_t t = 0; t < g->T; t += TILE_T) {
        p.K = min_size(g->T - t, TILE_T);
        p.panel_stride = half_panel(p.K);
        half_pack_rows(scratch + TILE_N * TURNED_LD, p.panel_stride, g->x + t * g->K + k, g->K, p.K,
                       p.N);
        for (size_t n = first; n < last; n += TILE_N) {
            const uint16_t *dy = g->dy + t * g->dy_ld + n;

            p.M = min_size(last - n, TILE_N);
            to.y = g->dw + n * g->K + k;
            half_transpose(scratch, TURNED_LD, dy, g->dy_ld, p.M, p.K);
            half_gemm(&p);
            if (g->db && k == 0)
                halves_add_columns(g->db + n, dy, g->dy_ld, p.K, p.M);
        }
    }
}
