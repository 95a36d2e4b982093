/* numbers.h -- for tests of kernels: random inputs, and comparison with answers in double. */
#ifndef TESTS_NUMBERS_H
#define TESTS_NUMBERS_H

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/rng.h"

/* n numbers in [-size, size), the same for the same seed. Release with free(). */
static inline float *numbers(size_t n, double size, uint64_t seed)
{
    float *x = malloc((n ? n : 1) * sizeof *x);
    struct rng rng;

    assert_non_null(x);
    rng_at(&rng, seed, 77, 0);
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(size * (2 * rng_real(&rng) - 1));
    return x;
}

static inline double *doubles(const float *x, size_t n)
{
    double *y = malloc((n ? n : 1) * sizeof *y);

    assert_non_null(y);
    for (size_t i = 0; i < n; i++)
        y[i] = x[i];
    return y;
}

/* got is within tolerance * max(1, |want|) of want. */
static inline void check_close(double got, double want, double tolerance, const char *what,
                               size_t at)
{
    if (!(fabs(got - want) <= tolerance * fmax(1, fabs(want))))
        fail_msg("%s[%zu] = %.9g, not %.9g", what, at, got, want);
}

static inline void check_all(const float *got, const double *want, size_t n, double tolerance,
                             const char *what)
{
    for (size_t i = 0; i < n; i++)
        check_close(got[i], want[i], tolerance, what, i);
}

#endif
