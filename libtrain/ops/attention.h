/* attention.h -- one head of one sequence: softmax(Q K^T / sqrt(d)) V with dropout on the softmax.
 *
 *   q, k, v, out and their gradients   (n, d)   rows `stride` floats apart
 *   log_sums                           (n)      log sum of exp of each row of scores
 *
 * Keys are those of the sequence itself; there is no mask because there is no padding. Work goes
 * by strips of 64 queries; the probabilities of a strip are made again in the backward pass. */
#ifndef OPS_ATTENTION_H
#define OPS_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

#include "ops/dropout.h"

struct attention {
    size_t n;      /* tokens of the sequence, at least 1 */
    size_t d;      /* features of the head */
    size_t stride; /* floats from one token's row to the next */
    const struct dropout *dropout;
    uint32_t site;  /* of the draws: a number for each layer and head */
    uint64_t token; /* of the draws: number of the sequence's first token */
};

/* Floats of scratch memory that sequences of up to max_len tokens need. */
size_t attention_scratch(size_t max_len);

void attention_forward(float *out, float *log_sums, const float *q, const float *k, const float *v,
                       const struct attention *a, float *scratch);

/* dq, dk, dv are written. */
void attention_backward(float *dq, float *dk, float *dv, const float *dout, const float *q,
                        const float *k, const float *v, const float *log_sums,
                        const struct attention *a, float *scratch);

#endif
