/* vector.c -- one loop each. */
#include "ops/vector.h"

#include "ops/clones.h"

OPS_CLONES void vector_add(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] += x[i];
}

OPS_CLONES void vector_shift(float *y, const float *x, float by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] + by;
}

OPS_CLONES void vector_scale(float *y, const float *x, float by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * by;
}

OPS_CLONES void vector_multiply(float *y, const float *x, const float *by, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] * by[i];
}
