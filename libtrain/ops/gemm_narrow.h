/* gemm_narrow.h -- matrix products with AVX2 and FMA, for --isa avx2: the same sums on any such CPU, which
 * BLAS does not promise. gemm_narrow_x86.c, or gemm_narrow_none.c on other CPUs; CMake chooses. */
#ifndef OPS_GEMM_NARROW_H
#define OPS_GEMM_NARROW_H

#include <stdbool.h>
#include <stddef.h>

#include "ops/gemm.h"

/* Whether this CPU can. */
bool gemm_narrow_works(void);

/* C (M, N) = alpha A (M, K) B (K, N) + beta C; beta = 0 does not read C. */
void gemm_narrow(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
                 size_t M, size_t N, size_t K, float alpha, float beta);

#endif
