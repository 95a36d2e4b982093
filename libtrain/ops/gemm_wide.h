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

#endif
