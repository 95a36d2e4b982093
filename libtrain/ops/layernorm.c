/* layernorm.c -- two passes over a row that is in cache: the variance is that of x - mean, since
 * E[x^2] - mean^2 loses all digits for rows far from zero. */
#include "ops/layernorm.h"

#include <math.h>

#include "ops/clones.h"
#include "ops/reduce.h"
#include "ops/vector.h"

enum { STRIP = 256 };

OPS_CLONES static void scale_and_shift(float *y, const float *gamma, const float *beta, float rstd,
                                       size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = y[i] * rstd * gamma[i] + beta[i];
}

void layernorm_forward(float *y, float *mean, float *rstd, const float *x, const float *gamma,
                       const float *beta, size_t N, size_t H, float eps)
{
    for (size_t row = 0; row < N; row++, y += H, x += H) {
        mean[row] = reduce_sum(x, H) / (float)H;
        vector_shift(y, x, -mean[row], H);
        rstd[row] = 1.0f / sqrtf(reduce_dot(y, y, H) / (float)H + eps);
        scale_and_shift(y, gamma, beta, rstd[row], H);
    }
}

/* g = dy gamma and the normalised x; adds to dgamma and dbeta. */
OPS_CLONES static void gradients_of_strip(float *g, float *normal, float *dgamma, float *dbeta,
                                          const float *dy, const float *x, const float *gamma,
                                          float mean, float rstd, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        normal[i] = (x[i] - mean) * rstd;
        dgamma[i] += dy[i] * normal[i];
        dbeta[i] += dy[i];
        g[i] = dy[i] * gamma[i];
    }
}

OPS_CLONES static void input_gradient(float *dx, const float *dy, const float *x,
                                      const float *gamma, float mean, float rstd, float mean_g,
                                      float mean_gn, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = (dy[i] * gamma[i] - mean_g - (x[i] - mean) * rstd * mean_gn) * rstd;
}

/* dx = rstd (g - mean(g) - n mean(g n)), g = dy gamma, n = (x - mean) rstd */
void layernorm_backward(float *dx, float *dgamma, float *dbeta, const float *dy, const float *x,
                        const float *mean, const float *rstd, const float *gamma, size_t N,
                        size_t H)
{
    float g[STRIP], normal[STRIP];

    for (size_t row = 0; row < N; row++, dx += H, dy += H, x += H) {
        float sum_g = 0, sum_gn = 0;

        for (size_t at = 0; at < H; at += STRIP) {
            const size_t len = H - at < STRIP ? H - at : STRIP;

            gradients_of_strip(g, normal, dgamma + at, dbeta + at, dy + at, x + at, gamma + at,
                               mean[row], rstd[row], len);
            sum_g += reduce_sum(g, len);
            sum_gn += reduce_dot(g, normal, len);
        }
        input_gradient(dx, dy, x, gamma, mean[row], rstd[row], sum_g / (float)H, sum_gn / (float)H,
                       H);
    }
}
