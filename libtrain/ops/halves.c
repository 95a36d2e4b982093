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

static inline uint16_t rounded(float x)
{
    uint32_t bits, sum;

    memcpy(&bits, &x, sizeof bits);
    sum = bits + 0x7fff + (bits >> 16 & 1);
    /* Rounding would carry some NaNs into infinity. */
    sum = (bits & 0x7fffffff) > 0x7f800000 ? bits | 0x400000 : sum;
    return (uint16_t)(sum >> 16);
}

OPS_CLONES void halves_round(uint16_t *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = rounded(x[i]);
}

/* n is a constant where the rows are those of whole panels. */
static inline __attribute__((always_inline)) void round_rows(uint16_t *y, size_t ld, const float *x,
                                                             size_t x_ld, size_t n_rows,
                                                             const size_t n)
{
    for (size_t row = 0; row < n_rows; row++) {
        for (size_t i = 0; i < n; i++)
            y[row * ld + i] = rounded(x[row * x_ld + i]);
    }
}

OPS_CLONES void halves_round_rows(uint16_t *y, size_t ld, const float *x, size_t x_ld,
                                  size_t n_rows, size_t n_cols)
{
    enum { PANEL = 32 };

    if (n_cols == PANEL)
        round_rows(y, ld, x, x_ld, n_rows, PANEL);
    else
        round_rows(y, ld, x, x_ld, n_rows, n_cols);
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
