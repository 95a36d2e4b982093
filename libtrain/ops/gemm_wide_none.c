/* gemm_wide_none.c -- no such kernel: BLAS does all products. */
#include "ops/gemm_wide.h"

#include <assert.h>

bool gemm_wide_works(void)
{
    return false;
}

void gemm_wide(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
               size_t M, size_t N, size_t K, float alpha, float beta)
{
    (void)c, (void)ldc, (void)a, (void)b, (void)M, (void)N, (void)K, (void)alpha, (void)beta;
    assert(!"gemm_wide_works() said no");
}

size_t gemm_wide_panels(size_t K, size_t N)
{
    (void)K, (void)N;
    return 0;
}

void gemm_wide_pack(float *to, size_t stride, const struct gemm_operand *b, size_t K, size_t N)
{
    (void)to, (void)stride, (void)b, (void)K, (void)N;
    assert(!"gemm_wide_works() said no");
}

void gemm_wide_by_panels(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t M,
                         size_t N, size_t K, float beta)
{
    (void)c, (void)ldc, (void)a, (void)lda, (void)b, (void)M, (void)N, (void)K, (void)beta;
    assert(!"gemm_wide_works() said no");
}
