/* half_cpu_none.c -- no matrix instructions: the plain kernel stands in for both. */
#include "ops/half_tile.h"

bool half_wide_works(void)
{
    return false;
}

bool half_wide_pays(void)
{
    return false;
}

bool half_amx_works(void)
{
    return false;
}

void half_tile_wide(float *c, size_t ldc, const uint16_t *a, size_t lda, const uint16_t *b,
                    size_t rows, size_t K)
{
    half_tile_plain(c, ldc, a, lda, b, rows, K);
}

void half_tile_amx(float *c, size_t ldc, const uint16_t *a, size_t lda, const uint16_t *b,
                   size_t rows, size_t K)
{
    half_tile_plain(c, ldc, a, lda, b, rows, K);
}
