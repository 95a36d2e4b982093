/* cross_entropy.c -- three walks over a row of the vocabulary, which stays in the second cache. */
#include "ops/cross_entropy.h"

#include <assert.h>
#include <math.h>

#include "ops/elementary.h"
#include "ops/reduce.h"
#include "ops/vector.h"

enum { STRIP = 512 };

/* logits = exp(logits - max); returns their sum. */
static double exponentials(float *logits, float max, size_t V)
{
    double sum = 0;

    for (size_t at = 0; at < V; at += STRIP) {
        const size_t n = V - at < STRIP ? V - at : STRIP;

        vector_shift(logits + at, logits + at, -max, n);
        elementary_exp(logits + at, logits + at, n);
        sum += reduce_sum(logits + at, n);
    }
    return sum;
}

/* Written so that what is not a number is never right. */
static bool is_first_of_largest(const float *logits, size_t label, float max)
{
    if (!(logits[label] >= max))
        return false;
    for (size_t i = 0; i < label; i++) {
        if (!(logits[i] < logits[label]))
            return false;
    }
    return true;
}

double cross_entropy(bool *right, float *logits, const float *bias, size_t V, size_t label,
                     float scale)
{
    float max, target;
    double sum;

    assert(label < V);
    if (bias)
        vector_add(logits, bias, V);
    max = reduce_max(logits, V);
    target = logits[label];
    *right = is_first_of_largest(logits, label, max);

    sum = exponentials(logits, max, V);
    vector_scale(logits, logits, (float)(scale / sum), V);
    logits[label] -= scale;
    return log(sum) + (double)max - (double)target;
}
