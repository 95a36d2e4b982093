/* reduce.c -- 32 partial sums as two vectors of 16; the compiler splits them for narrower CPUs. */
#include "ops/reduce.h"

#include <string.h>

#include "ops/clones.h"

enum { WIDE = 16, STEP = 2 * WIDE, ROWS_AT_ONCE = 64, COLS_AT_ONCE = 128 };

typedef float wide __attribute__((vector_size(WIDE * sizeof(float))));

/* Pairwise: 32 -> 16 -> 8 -> ... -> 1. */
static inline float sum_of_lanes(float *lanes)
{
    for (int half = STEP / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++)
            lanes[i] += lanes[i + half];
    }
    return lanes[0];
}

OPS_CLONES float reduce_sum(const float *x, size_t n)
{
    const size_t whole = n - n % STEP;
    wide a = {0}, b = {0};
    float lanes[STEP];

    for (size_t i = 0; i < whole; i += STEP) {
        wide xa, xb;

        memcpy(&xa, x + i, sizeof xa);
        memcpy(&xb, x + i + WIDE, sizeof xb);
        a += xa;
        b += xb;
    }
    memcpy(lanes, &a, sizeof a);
    memcpy(lanes + WIDE, &b, sizeof b);
    for (size_t i = whole; i < n; i++)
        lanes[i - whole] += x[i];
    return sum_of_lanes(lanes);
}

OPS_CLONES float reduce_dot(const float *x, const float *y, size_t n)
{
    const size_t whole = n - n % STEP;
    wide a = {0}, b = {0};
    float lanes[STEP];

    for (size_t i = 0; i < whole; i += STEP) {
        wide xa, xb, ya, yb;

        memcpy(&xa, x + i, sizeof xa);
        memcpy(&xb, x + i + WIDE, sizeof xb);
        memcpy(&ya, y + i, sizeof ya);
        memcpy(&yb, y + i + WIDE, sizeof yb);
        a += xa * ya;
        b += xb * yb;
    }
    memcpy(lanes, &a, sizeof a);
    memcpy(lanes + WIDE, &b, sizeof b);
    for (size_t i = whole; i < n; i++)
        lanes[i - whole] += x[i] * y[i];
    return sum_of_lanes(lanes);
}

OPS_CLONES float reduce_max(const float *x, size_t n)
{
    const size_t whole = n - n % WIDE;
    float lanes[WIDE];
    float max = x[0];

    for (int j = 0; j < WIDE; j++)
        lanes[j] = max;
    for (size_t i = 0; i < whole; i += WIDE) {
        for (int j = 0; j < WIDE; j++)
            lanes[j] = x[i + j] > lanes[j] ? x[i + j] : lanes[j];
    }
    for (int j = 0; j < WIDE; j++)
        max = lanes[j] > max ? lanes[j] : max;
    for (size_t i = whole; i < n; i++)
        max = x[i] > max ? x[i] : max;
    return max;
}

OPS_CLONES void reduce_columns(float *sums, const float *x, size_t stride, size_t n_rows,
                               size_t n_cols)
{
    float part[COLS_AT_ONCE];

    for (size_t col = 0; col < n_cols; col += COLS_AT_ONCE) {
        const size_t n = n_cols - col < COLS_AT_ONCE ? n_cols - col : COLS_AT_ONCE;

        for (size_t first = 0; first < n_rows; first += ROWS_AT_ONCE) {
            const size_t last = n_rows - first < ROWS_AT_ONCE ? n_rows : first + ROWS_AT_ONCE;

            memset(part, 0, sizeof part);
            for (size_t row = first; row < last; row++) {
                const float *from = x + row * stride + col;

                for (size_t j = 0; j < n; j++)
                    part[j] += from[j];
            }
            for (size_t j = 0; j < n; j++)
                sums[col + j] += part[j];
        }
    }
}
