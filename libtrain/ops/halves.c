/* halves.c -- integer arithmetic on the bits, which vectorises everywhere. */
#include "ops/halves.h"

#include <string.h>

#include "ops/clones.h"

static inline float float_of(uint16_t half)
{
    const uint32_t bits = (uint32_t)half << 16;
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

OPS_CLONES void halves_round(uint16_t *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits, rounded;

        memcpy(&bits, x + i, sizeof bits);
        rounded = bits + 0x7fff + (bits >> 16 & 1);
        /* Rounding would carry some NaNs into infinity. */
        rounded = (bits & 0x7fffffff) > 0x7f800000 ? bits | 0x400000 : rounded;
        y[i] = (uint16_t)(rounded >> 16);
    }
}

OPS_CLONES void halves_float(float *y, const uint16_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = float_of(x[i]);
}

OPS_CLONES void halves_add(float *y, const uint16_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += float_of(x[i]);
}

OPS_CLONES void halves_add_columns(float *sums, const uint16_t *x, size_t ld, size_t n_rows,
                                   size_t n_cols)
{
    enum { ROWS = 64, COLS = 128 };
    float part[COLS];

    for (size_t col = 0; col < n_cols; col += COLS) {
        const size_t n = n_cols - col < COLS ? n_cols - col : COLS;

        for (size_t first = 0; first < n_rows; first += ROWS) {
            const size_t last = n_rows - first < ROWS ? n_rows : first + ROWS;

            memset(part, 0, sizeof part);
            for (size_t row = first; row < last; row++) {
                for (size_t j = 0; j < n; j++)
                    part[j] += float_of(x[row * ld + col + j]);
            }
            for (size_t j = 0; j < n; j++)
                sums[col + j] += part[j];
        }
    }
}
