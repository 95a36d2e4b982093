/* half_tile.c -- the plain kernel, and the table of all. */
#include "ops/half_tile.h"

#include <string.h>

#include "base/half.h"
#include "ops/half_pack.h"

static bool always(void)
{
    return true;
}

/* On Intel's CPUs AVX512-BF16 does half of what fp32 does; they have AMX, which comes first. */
static const struct half_kernel kernels[] = {
    {"amx", half_tile_amx, half_amx_works, true},
    {"avx512", half_tile_wide, half_wide_works, true},
    {"plain", half_tile_plain, always, false},
};

void half_tile_plain(float *panel, const uint16_t *a, size_t lda, const uint16_t *b, size_t rows,
                     size_t K)
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < K; k++) {
            const float x = half_float(a[i * lda + k]);
            const uint16_t *row = b + k / 2 * 2 * HALF_COLS + k % 2;

            for (size_t j = 0; j < HALF_COLS; j++)
                panel[i * HALF_COLS + j] += x * half_float(row[2 * j]);
        }
    }
}

const struct half_kernel *half_kernel_find(const char *name)
{
    const bool choose = strcmp(name, "auto") == 0;

    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        const struct half_kernel *k = &kernels[i];

        if (choose ? k->fast && k->works() : strcmp(name, k->name) == 0)
            return k;
    }
    return NULL;
}
