/* gelu.h -- x Phi(x), by the error function or by the tanh approximation (arXiv:1606.08415). */
#ifndef OPS_GELU_H
#define OPS_GELU_H

#include <stdbool.h>
#include <stddef.h>

/* y = gelu(x), n numbers; may be the same array. */
void gelu_forward(float *y, const float *x, size_t n, bool by_tanh);

/* y = gelu(x) once more and dx = dy gelu'(x); dx may be dy. y may be NULL. */
void gelu_backward(float *dx, float *y, const float *dy, const float *x, size_t n, bool by_tanh);

#endif
