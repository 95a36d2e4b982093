/* gelu.c -- in strips that stay in the first cache, because erf and exp work on arrays. */
#include "ops/gelu.h"

#include "ops/clones.h"
#include "ops/elementary.h"
#include "ops/vector.h"

enum { STRIP = 512 };

#define SQRT_HALF 0.70710678118654752f
#define SQRT_HALF_PI_INVERSE 0.79788456080286536f /* sqrt(2 / pi) */
#define NORMAL_DENSITY_0 0.39894228040143268f     /* 1 / sqrt(2 pi) */
#define CUBE 0.044715f                            /* of the paper */

OPS_CLONES static void tanh_argument(float *t, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        t[i] = SQRT_HALF_PI_INVERSE * (x[i] + CUBE * x[i] * x[i] * x[i]);
}

/* f (erf or tanh) of the strip: the part of Phi(x) = (1 + f) / 2 that has to be computed. */
static void two_phi_less_one(float *f, const float *x, size_t n, bool by_tanh)
{
    if (by_tanh) {
        tanh_argument(f, x, n);
        elementary_tanh(f, f, n);
    } else {
        vector_scale(f, x, SQRT_HALF, n);
        elementary_erf(f, f, n);
    }
}

OPS_CLONES static void times_phi(float *y, const float *x, const float *f, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = 0.5f * x[i] * (1.0f + f[i]);
}

OPS_CLONES static void minus_half_square(float *e, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        e[i] = -0.5f * x[i] * x[i];
}

/* gelu' = Phi(x) + x phi(x), e = exp(-x^2 / 2) */
OPS_CLONES static void derivative_by_erf(float *dx, const float *dy, const float *x, const float *f,
                                         const float *e, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = dy[i] * (0.5f * (1.0f + f[i]) + x[i] * (NORMAL_DENSITY_0 * e[i]));
}

OPS_CLONES static void derivative_by_tanh(float *dx, const float *dy, const float *x,
                                          const float *f, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const float inner = SQRT_HALF_PI_INVERSE * (1.0f + 3.0f * CUBE * x[i] * x[i]);

        dx[i] = dy[i] * (0.5f * (1.0f + f[i]) + 0.5f * x[i] * (1.0f - f[i] * f[i]) * inner);
    }
}

void gelu_forward(float *y, const float *x, size_t n, bool by_tanh)
{
    float f[STRIP];

    for (size_t at = 0; at < n; at += STRIP) {
        const size_t len = n - at < STRIP ? n - at : STRIP;

        two_phi_less_one(f, x + at, len, by_tanh);
        times_phi(y + at, x + at, f, len);
    }
}

void gelu_backward(float *dx, float *y, const float *dy, const float *x, size_t n, bool by_tanh)
{
    float f[STRIP], e[STRIP];

    for (size_t at = 0; at < n; at += STRIP) {
        const size_t len = n - at < STRIP ? n - at : STRIP;

        two_phi_less_one(f, x + at, len, by_tanh);
        if (y)
            times_phi(y + at, x + at, f, len);
        if (by_tanh) {
            derivative_by_tanh(dx + at, dy + at, x + at, f, len);
        } else {
            minus_half_square(e, x + at, len);
            elementary_exp(e, e, len);
            derivative_by_erf(dx + at, dy + at, x + at, f, e, len);
        }
    }
}
