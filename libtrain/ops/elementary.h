/* elementary.h -- exp, erf and tanh of arrays, as polynomials that vectorise.
 *
 * y and x may be the same array. A NaN stays a NaN. The tests hold the bounds stated here against
 * the C library over the whole range. */
#ifndef OPS_ELEMENTARY_H
#define OPS_ELEMENTARY_H

#include <stddef.h>

/* Relative error below 2e-7; 0 below -87.3 (the smallest normal number), e^88.3 above 88.3. */
void elementary_exp(float *y, const float *x, size_t n);

void elementary_erf(float *y, const float *x, size_t n);  /* absolute error below 5e-7 */
void elementary_tanh(float *y, const float *x, size_t n); /* absolute error below 5e-7 */

#endif
