/* half_tile_amx.c -- AMX-BF16: 32 x 32 sums in four tiles, two tiles of either factor.
 *
 *   tiles   0 1     of the sums = 4 (rows 0-15)   times 6 (columns 0-15), 7 (columns 16-31)
 *           2 3                   5 (rows 16-31)
 *
 * A tile of A is 16 rows of 32 numbers as they lie, a tile of B 16 pairs of rows of 16 columns. */
#include <string.h>

#include "ops/amx_tiles.h"
#include "ops/half_pack.h"
#include "ops/half_tile.h"

enum { ROWS = 16, AT_ONCE = 2 * ROWS, TILES = 8, ROW_BYTES = 64 };

static void set_layout(struct amx_layout *layout)
{
    memset(layout, 0, sizeof *layout);
    layout->palette = 1;
    for (int i = 0; i < TILES; i++) {
        layout->row_bytes[i] = ROW_BYTES;
        layout->rows[i] = ROWS;
    }
}

static void whole_rows(float *c, size_t ldc, const uint16_t *a, size_t lda, const uint16_t *b,
                       size_t K)
{
    const size_t c_stride = ldc * sizeof *c;
    const size_t a_stride = lda * sizeof *a;
    const size_t b_stride = 2 * HALF_COLS * sizeof *b;

    amx_load(0, c, c_stride);
    amx_load(1, c + ROWS, c_stride);
    amx_load(2, c + ROWS * ldc, c_stride);
    amx_load(3, c + ROWS * ldc + ROWS, c_stride);
    for (size_t k = 0; k < K; k += HALF_DEPTH, b += HALF_DEPTH * HALF_COLS) {
        amx_load(4, a + k, a_stride);
        amx_load(6, b, b_stride);
        amx_multiply(0, 4, 6);
        amx_load(7, b + HALF_COLS, b_stride);
        amx_multiply(1, 4, 7);
        amx_load(5, a + ROWS * lda + k, a_stride);
        amx_multiply(2, 5, 6);
        amx_multiply(3, 5, 7);
    }
    amx_store(0, c, c_stride);
    amx_store(1, c + ROWS, c_stride);
    amx_store(2, c + ROWS * ldc, c_stride);
    amx_store(3, c + ROWS * ldc + ROWS, c_stride);
}

/* Fewer than 32 rows, as 32 of which the last are zero. */
static void ragged_rows(float *c, size_t ldc, const uint16_t *a, size_t lda, const uint16_t *b,
                        size_t rows, size_t K)
{
    uint16_t padded[AT_ONCE * HALF_MOST_DEPTH];
    float sums[AT_ONCE * HALF_COLS] = {0};
    const size_t row_bytes = HALF_COLS * sizeof *sums;

    memset(padded, 0, AT_ONCE * K * sizeof *padded);
    for (size_t i = 0; i < rows; i++)
        memcpy(padded + i * K, a + i * lda, K * sizeof *padded);
    for (size_t i = 0; i < rows; i++)
        memcpy(sums + i * HALF_COLS, c + i * ldc, row_bytes);
    whole_rows(sums, HALF_COLS, padded, K, b, K);
    for (size_t i = 0; i < rows; i++)
        memcpy(c + i * ldc, sums + i * HALF_COLS, row_bytes);
}

void half_tile_amx(float *c, size_t ldc, const uint16_t *a, size_t lda, const uint16_t *b,
                   size_t rows, size_t K)
{
    struct amx_layout layout;
    size_t i = 0;

    set_layout(&layout);
    amx_configure(&layout);
    for (; i + AT_ONCE <= rows; i += AT_ONCE)
        whole_rows(c + i * ldc, ldc, a + i * lda, lda, b, K);
    if (i < rows)
        ragged_rows(c + i * ldc, ldc, a + i * lda, lda, b, rows - i, K);
    amx_release();
}
