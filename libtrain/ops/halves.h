/* halves.h -- arrays of 16-bit numbers (base/half.h) from floats and back. */
#ifndef OPS_HALVES_H
#define OPS_HALVES_H

#include <stddef.h>
#include <stdint.h>

/* To the nearest, ties to even; a NaN stays one. Bit for bit half_round() and half_float(). */
void halves_round(uint16_t *y, const float *x, size_t n);
void halves_round_rows(uint16_t *y, size_t ld, const float *x, size_t x_ld, size_t n_rows,
                       size_t n_cols);
void halves_float(float *y, const uint16_t *x, size_t n);

/* sums[j] += sum over the rows of x[row * ld + j], j < n_cols. Partial sums of 64 rows. */
void halves_add_columns(float *sums, const uint16_t *x, size_t ld, size_t n_rows, size_t n_cols);

/* y += x */
void halves_add(float *y, const uint16_t *x, size_t n);

#endif
