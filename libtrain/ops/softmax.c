/* softmax.c -- the largest score is subtracted first, so that exp cannot overflow. */
#include "ops/softmax.h"

#include <math.h>

#include "ops/clones.h"
#include "ops/elementary.h"
#include "ops/reduce.h"
#include "ops/vector.h"

float softmax_forward(float *x, size_t n)
{
    const float max = reduce_max(x, n);
    float sum;

    vector_shift(x, x, -max, n);
    elementary_exp(x, x, n);
    sum = reduce_sum(x, n);
    vector_scale(x, x, 1.0f / sum, n);
    return max + logf(sum);
}

void softmax_again(float *x, size_t n, float log_sum)
{
    vector_shift(x, x, -log_sum, n);
    elementary_exp(x, x, n);
}

OPS_CLONES static void times_difference(float *dx, const float *dp, const float *p, float sum,
                                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = p[i] * (dp[i] - sum);
}

void softmax_backward(float *dx, const float *dp, const float *p, size_t n)
{
    times_difference(dx, dp, p, reduce_dot(p, dp, n), n);
}
