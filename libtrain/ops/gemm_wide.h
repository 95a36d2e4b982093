/* gemm_wide.h -- matrix products with AVX-512.
 *
 * OpenBLAS 0.3.21 knows AVX-512 on Intel's CPUs only and takes kernels of half the width on AMD's;
 * and its sums change with its version. gemm_wide_x86.c has the kernel, gemm_wide_none.c is for
 * other CPUs; CMake chooses. */
#ifndef OPS_GEMM_WIDE_H
#define OPS_GEMM_WIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "ops/gemm.h"

/* Whether this CPU can. */
bool gemm_wide_works(void);

/* C (M, N) = alpha A (M, K) B (K, N) + beta C; beta = 0 does not read C. */
void gemm_wide(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
               size_t M, size_t N, size_t K, float alpha, float beta);

/* The panels of a right factor (K, N) that many products share: floats, on a cache line; rows [k, K) of
 * them begin at to + k * GEMM_PANEL, and `stride` is the distance of two panels. */
size_t gemm_wide_panels(size_t K, size_t N);
void gemm_wide_pack(float *to, size_t stride, const struct gemm_operand *b, size_t K, size_t N);
void gemm_wide_by_panels(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t M,
                         size_t N, size_t K, float beta);

#endif
