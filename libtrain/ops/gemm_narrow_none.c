/* gemm_narrow_none.c -- no such kernel. */
#include <assert.h>

#include "ops/gemm_narrow.h"

bool gemm_narrow_works(void)
{
    return false;
}

void gemm_narrow(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
                 size_t M, size_t N, size_t K, float alpha, float beta)
{
    (void)c, (void)ldc, (void)a, (void)b, (void)M, (void)N, (void)K, (void)alpha, (void)beta;
    assert(!"gemm_narrow_works() said no");
}
