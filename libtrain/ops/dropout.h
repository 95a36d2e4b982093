/* dropout.h -- which numbers a training step sets to zero (Srivastava et al. 2014).
 *
 * A draw is a function of (seed, step, site, token, feature), nothing is kept: the backward pass
 * draws the same again, and neither threads nor ranks nor the cut into batches change a draw.
 * One Philox4x32-10 block gives eight draws of 16 bits. */
#ifndef OPS_DROPOUT_H
#define OPS_DROPOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/philox.h"

/* All-zero drops nothing. */
struct dropout {
    philox_fn philox;
    uint64_t key;       /* of seed and step */
    uint32_t threshold; /* draws below it, of 65536, are dropped */
    float scale;        /* of what is kept: 65536 / (65536 - threshold), so the mean stays */
};

/* The probability, 0 <= p < 1, is rounded to a multiple of 2^-16. */
void dropout_init(struct dropout *d, double probability, uint64_t seed, uint64_t step);

/* keep[j] = 0 or scale for feature j < n of a token at a site of the model. */
void dropout_draw(float *keep, size_t n, const struct dropout *d, uint32_t site, uint64_t token);

/* y[row] = x[row] * its draws for n_rows tokens from `token` on, n features each; y may be x. */
void dropout_rows(float *y, const float *x, size_t n_rows, size_t n, const struct dropout *d,
                  uint32_t site, uint64_t token);

/* y[row] = residual[row] + x[row] * its draws; y may be x or residual. */
void dropout_add_rows(float *y, const float *x, const float *residual, size_t n_rows, size_t n,
                      const struct dropout *d, uint32_t site, uint64_t token);

#endif
