/* half_tile.c -- the plain kernel, and the table of all. */
#include "ops/half_tile.h"

#include <string.h>

#include "base/half.h"
#include "ops/half_pack.h"

static bool always(void)
{
    return true;
}

static bool never(void)
{
    return false;
}

static const struct half_kernel kernels[] = {
    {"amx", half_tile_amx, half_amx_works, half_amx_works},
    {"avx512", half_tile_wide, half_wide_works, half_wide_pays},
    {"plain", half_tile_plain, always, never},
};

void half_tile_plain(float *c, size_t ldc, const uint16_t *a, size_t lda, const uint16_t *b,
                     size_t rows, size_t K)
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < K; k++) {
            const float x = half_float(a[i * lda + k]);
            const uint16_t *row = b + k / 2 * 2 * HALF_COLS + k % 2;

            for (size_t j = 0; j < HALF_COLS; j++)
                c[i * ldc + j] += x * half_float(row[2 * j]);
        }
    }
}

bool half_kernel_agrees(const struct half_kernel *k)
{
    enum { ROWS = 47, DEPTH = 2 * HALF_DEPTH };
    uint16_t a[ROWS * DEPTH], b[DEPTH * HALF_COLS] __attribute__((aligned(64)));
    float want[ROWS * HALF_COLS] = {0}, got[ROWS * HALF_COLS] = {0};

    for (int i = 0; i < ROWS * DEPTH; i++)
        a[i] = half_round((float)(i * 7 % 11 - 5));
    for (int i = 0; i < DEPTH * HALF_COLS; i++)
        b[i] = half_round((float)(i * 5 % 13 - 6));
    half_tile_plain(want, HALF_COLS, a, DEPTH, b, ROWS, DEPTH);
    k->multiply(got, HALF_COLS, a, DEPTH, b, ROWS, DEPTH);
    for (int i = 0; i < ROWS * HALF_COLS; i++)
        if (!(got[i] == want[i]))
            return false;
    return true;
}

const struct half_kernel *half_kernel_find(const char *name)
{
    const bool choose = strcmp(name, "auto") == 0;

    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        const struct half_kernel *k = &kernels[i];

        if (choose ? k->pays() && half_kernel_agrees(k) : strcmp(name, k->name) == 0)
            return k;
    }
    return NULL;
}
