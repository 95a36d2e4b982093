/* softmax.h -- rows of scores to rows of probabilities.
 *
 * The forward pass leaves only log(sum(exp(score))) of each row; with it the backward pass makes
 * the probabilities again from the scores, so they are never kept. */
#ifndef OPS_SOFTMAX_H
#define OPS_SOFTMAX_H

#include <stddef.h>

/* In place, n numbers, n >= 1; returns log(sum(exp(x))). */
float softmax_forward(float *x, size_t n);

/* In place: exp(x - log_sum). */
void softmax_again(float *x, size_t n, float log_sum);

/* dx = p * (dp - sum(p * dp)); dx may be dp. */
void softmax_backward(float *dx, const float *dp, const float *p, size_t n);

#endif
