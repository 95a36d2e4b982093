/* half_attention.h -- attention.h on halves: one head of one sequence.
 *
 *   q, k, v, out and their gradients   (n, d)   halves, rows a->stride halves apart
 *
 * Products are of halves, so probabilities and their gradients are rounded before they are multiplied;
 * scores, softmax and sums over strips of queries are fp32. */
#ifndef OPS_HALF_ATTENTION_H
#define OPS_HALF_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

#include "ops/attention.h"
#include "ops/half_tile.h"

/* Floats of scratch memory, on a cache line, for sequences of up to max_len tokens and heads of d. */
size_t half_attention_scratch(size_t max_len, size_t d);

void half_attention_forward(uint16_t *out, float *log_sums, const uint16_t *q, const uint16_t *k,
                            const uint16_t *v, const struct attention *a,
                            const struct half_kernel *kernel, float *scratch);

/* dq, dk, dv are written. */
void half_attention_backward(uint16_t *dq, uint16_t *dk, uint16_t *dv, const uint16_t *dout,
                             const uint16_t *q, const uint16_t *k, const uint16_t *v,
                             const float *log_sums, const struct attention *a,
                             const struct half_kernel *kernel, float *scratch);

#endif
