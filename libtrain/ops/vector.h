/* vector.h -- the plain loops over arrays that several kernels share. y may be x. */
#ifndef OPS_VECTOR_H
#define OPS_VECTOR_H

#include <stddef.h>

void vector_add(float *y, const float *x, size_t n);                       /* y += x */
void vector_shift(float *y, const float *x, float by, size_t n);           /* y = x + by */
void vector_scale(float *y, const float *x, float by, size_t n);           /* y = x * by */
void vector_multiply(float *y, const float *x, const float *by, size_t n); /* y = x * by */

#endif
