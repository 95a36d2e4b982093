/* half_gemm.c -- for a block of rows of A that stays in the second cache: panel after panel of B. */
#include "ops/half_gemm.h"

#include <string.h>

#include "ops/half_pack.h"
#include "ops/halves.h"

enum {
    MOST_ROWS = 256,
    MIN_ROWS = 32,
    BLOCK_HALVES = 192 * 1024, /* of A: less than half of a second cache of 1 MB */
    RAGGED_ROWS = 32
};

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void begin(float *sums, const struct half_product *p, size_t rows, size_t col)
{
    const size_t n = min_size(p->N - col, HALF_COLS);
    float row[HALF_COLS] = {0};

    if (p->bias)
        memcpy(row, p->bias + col, n * sizeof *row);
    for (size_t i = 0; i < rows; i++)
        memcpy(sums + i * HALF_COLS, row, sizeof row);
}

/* Adds the product of K numbers, fewer than a whole number of tiles. */
static void add_ragged(float *sums, size_t ld, const struct half_product *p, const uint16_t *a,
                       const uint16_t *b, size_t rows, size_t K)
{
    uint16_t padded[RAGGED_ROWS * HALF_DEPTH] = {0};

    for (size_t i = 0; i < rows; i += RAGGED_ROWS) {
        const size_t n = min_size(rows - i, RAGGED_ROWS);

        for (size_t j = 0; j < n; j++)
            memcpy(padded + j * HALF_DEPTH, a + (i + j) * p->lda, K * sizeof *padded);
        p->kernel->multiply(sums + i * ld, ld, padded, HALF_DEPTH, b, n, HALF_DEPTH);
    }
}

static void add_product(float *sums, size_t ld, const struct half_product *p, const uint16_t *a,
                        const uint16_t *b, size_t rows)
{
    const size_t whole =
        p->lda >= half_padded(p->K) ? half_padded(p->K) : p->K / HALF_DEPTH * HALF_DEPTH;

    for (size_t k = 0; k < whole; k += HALF_MOST_DEPTH)
        p->kernel->multiply(sums, ld, a + k, p->lda, b + k * HALF_COLS, rows,
                            min_size(whole - k, HALF_MOST_DEPTH));
    if (whole < p->K)
        add_ragged(sums, ld, p, a + whole, b + whole * HALF_COLS, rows, p->K - whole);
}

/* Equal blocks, as few as are small enough. */
static size_t block_rows(const struct half_product *p)
{
    const size_t fit = BLOCK_HALVES / (p->K ? p->K : 1);
    const size_t most = fit < MIN_ROWS ? MIN_ROWS : min_size(fit, MOST_ROWS);
    const size_t blocks = (p->M + most - 1) / most;

    return (p->M + blocks - 1) / blocks;
}

/* Whole panels of such a product are summed where they go. */
static bool is_added(const struct half_product *p)
{
    return p->finish == half_add_floats && !p->bias;
}

void half_gemm(const struct half_product *p)
{
    float sums[MOST_ROWS * HALF_COLS] __attribute__((aligned(64)));

    for (size_t row = 0; row < p->M; row += block_rows(p)) {
        const size_t rows = min_size(p->M - row, block_rows(p));
        const uint16_t *b = p->b;

        for (size_t col = 0; col < p->N; col += HALF_COLS, b += p->panel_stride) {
            const uint16_t *a = p->a + row * p->lda;
            const size_t cols = min_size(p->N - col, HALF_COLS);

            if (cols == HALF_COLS && is_added(p)) {
                const struct half_floats *to = p->finish_context;

                add_product(to->y + row * to->ld + col, to->ld, p, a, b, rows);
            } else {
                begin(sums, p, rows, col);
                add_product(sums, HALF_COLS, p, a, b, rows);
                p->finish(p->finish_context, sums, row, rows, col, cols);
            }
        }
    }
}

/* Copies of a constant size where the panel is whole are single instructions. */
void half_store_floats(void *floats, float *sums, size_t row, size_t rows, size_t col, size_t cols)
{
    const struct half_floats *f = floats;
    float *y = f->y + row * f->ld + col;

    for (size_t i = 0; i < rows; i++, y += f->ld, sums += HALF_COLS) {
        if (cols == HALF_COLS)
            memcpy(y, sums, HALF_COLS * sizeof *y);
        else
            memcpy(y, sums, cols * sizeof *y);
    }
}

void half_add_floats(void *floats, float *sums, size_t row, size_t rows, size_t col, size_t cols)
{
    const struct half_floats *f = floats;
    float *y = f->y + row * f->ld + col;

    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < cols; j++)
            y[i * f->ld + j] += sums[i * HALF_COLS + j];
    }
}

void half_store_halves(void *halves, float *sums, size_t row, size_t rows, size_t col, size_t cols)
{
    const struct half_halves *h = halves;

    halves_round_rows(h->y + row * h->ld + col, h->ld, sums, HALF_COLS, rows, cols);
}
