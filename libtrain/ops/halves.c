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
