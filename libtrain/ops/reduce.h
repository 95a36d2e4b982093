/* reduce.h -- sums whose order of additions is fixed by the source, whatever the CPU.
 *
 * A row is summed in 32 interleaved partial sums that are then added pairwise, so the error grows
 * with n / 32, not with n. */
#ifndef OPS_REDUCE_H
#define OPS_REDUCE_H

#include <stddef.h>

float reduce_sum(const float *x, size_t n);                 /* sum of x */
float reduce_dot(const float *x, const float *y, size_t n); /* sum of x * y */
float reduce_max(const float *x, size_t n);                 /* n >= 1; a NaN may be passed over */

/* sums[j] += sum over the rows of x[row * stride + j], j < n_cols. Partial sums of 64 rows. */
void reduce_columns(float *sums, const float *x, size_t stride, size_t n_rows, size_t n_cols);

#endif
