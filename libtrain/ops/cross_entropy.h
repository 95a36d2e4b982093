/* cross_entropy.h -- -log softmax(logits)[label] of one row, and its gradient in place. */
#ifndef OPS_CROSS_ENTROPY_H
#define OPS_CROSS_ENTROPY_H

#include <stdbool.h>
#include <stddef.h>

/* The loss of the row logits + bias (V), V >= 1, label < V; *right tells whether the label is the
 * first of the largest. The logits become d(scale * loss) / d logits: (softmax - [label]) * scale.
 * bias may be NULL. Sums of exponentials: 512 at a time in float, those in double. */
double cross_entropy(bool *right, float *logits, const float *bias, size_t V, size_t label,
                     float scale);

#endif
