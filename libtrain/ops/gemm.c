/* gemm.c -- three layouts of one product, by gemm_wide where the CPU can, else by BLAS. */
#include "ops/gemm.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <stdbool.h>

#include "ops/gemm_wide.h"

void gemm_keep_to_caller(void)
{
    openblas_set_num_threads(1);
}

static int as_int(size_t n)
{
    assert(n <= INT_MAX);
    return (int)n;
}

static CBLAS_TRANSPOSE transposition(const struct gemm_operand *o)
{
    return o->transposed ? CblasTrans : CblasNoTrans;
}

void gemm_by_blas(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
                  size_t M, size_t N, size_t K, float alpha, float beta)
{
    if (M == 0 || N == 0)
        return;
    cblas_sgemm(CblasRowMajor, transposition(a), transposition(b), as_int(M), as_int(N), as_int(K),
                alpha, a->at, as_int(a->ld), b->at, as_int(b->ld), beta, c, as_int(ldc));
}

static void product(float *c, size_t ldc, const struct gemm_operand *a,
                    const struct gemm_operand *b, size_t M, size_t N, size_t K, float alpha,
                    float beta)
{
    if (gemm_wide_works())
        gemm_wide(c, ldc, a, b, M, N, K, alpha, beta);
    else
        gemm_by_blas(c, ldc, a, b, M, N, K, alpha, beta);
}

void gemm_nt(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t M,
             size_t N, size_t K, float alpha, float beta)
{
    const struct gemm_operand left = {a, lda, false}, right = {b, ldb, true};

    product(c, ldc, &left, &right, M, N, K, alpha, beta);
}

void gemm_nn(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t M,
             size_t N, size_t K, float alpha, float beta)
{
    const struct gemm_operand left = {a, lda, false}, right = {b, ldb, false};

    product(c, ldc, &left, &right, M, N, K, alpha, beta);
}

void gemm_tn(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t M,
             size_t N, size_t K, float alpha, float beta)
{
    const struct gemm_operand left = {a, lda, true}, right = {b, ldb, false};

    product(c, ldc, &left, &right, M, N, K, alpha, beta);
}
