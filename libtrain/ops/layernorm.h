/* layernorm.h -- every row to mean 0 and variance 1, then scaled and shifted (arXiv:1607.06450). */
#ifndef OPS_LAYERNORM_H
#define OPS_LAYERNORM_H

#include <stddef.h>

/* y = (x - mean) * rstd * gamma + beta, row by row.
 *   x, y         (N, H)   may be the same array
 *   mean, rstd   (N)      written for the backward pass
 * eps is added to the variance (biased, as in PyTorch); BERT uses 1e-12. */
void layernorm_forward(float *y, float *mean, float *rstd, const float *x, const float *gamma,
                       const float *beta, size_t N, size_t H, float eps);

/* dx from dy and the forward pass's x, mean, rstd; dgamma, dbeta (H) are added to, row by row.
 * dx and dy may be the same array. */
void layernorm_backward(float *dx, float *dgamma, float *dbeta, const float *dy, const float *x,
                        const float *mean, const float *rstd, const float *gamma, size_t N,
                        size_t H);

#endif
