/* gemm.c -- three layouts of one product, and which kernel computes it. */
#include "ops/gemm.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>
#include <string.h>

#include "ops/gemm_narrow.h"
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

static float at(const struct gemm_operand *o, size_t row, size_t col)
{
    return o->transposed ? o->at[col * o->ld + row] : o->at[row * o->ld + col];
}

void gemm_plain(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
                size_t M, size_t N, size_t K, float alpha, float beta)
{
    for (size_t i = 0; i < M; i++) {
        for (size_t j = 0; j < N; j++) {
            float sum = 0;

            for (size_t k = 0; k < K; k++)
                sum += at(a, i, k) * at(b, k, j);
            c[i * ldc + j] = alpha * sum + (beta != 0 ? beta * c[i * ldc + j] : 0);
        }
    }
}

static bool always(void)
{
    return true;
}

struct kernel {
    const char *name;
    bool (*works)(void);
    void (*multiply)(float *c, size_t ldc, const struct gemm_operand *a,
                     const struct gemm_operand *b, size_t M, size_t N, size_t K, float alpha,
                     float beta);
};

/* The first two that work are what "auto" takes. */
static const struct kernel kernels[] = {
    {"avx512", gemm_wide_works, gemm_wide},
    {"blas", always, gemm_by_blas},
    {"avx2", gemm_narrow_works, gemm_narrow},
    {"plain", always, gemm_plain},
};

/* Like the number of BLAS's threads: one for the process, set before there are several threads. */
static const struct kernel *chosen;

bool gemm_choose(const char *name)
{
    const bool any = strcmp(name, "auto") == 0;

    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        if ((any || strcmp(name, kernels[i].name) == 0) && kernels[i].works()) {
            chosen = &kernels[i];
            return true;
        }
    }
    return false;
}

static const struct kernel *kernel(void)
{
    return chosen ? chosen : &kernels[gemm_wide_works() ? 0 : 1];
}

const char *gemm_chosen(void)
{
    return kernel()->name;
}

size_t gemm_panels(size_t K, size_t N)
{
    return kernel()->multiply == gemm_wide ? gemm_wide_panels(K, N) : 0;
}

void gemm_pack(float *to, size_t stride, const struct gemm_operand *b, size_t K, size_t N)
{
    gemm_wide_pack(to, stride, b, K, N);
}

void gemm_by_panels(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t M,
                    size_t N, size_t K, float beta)
{
    gemm_wide_by_panels(c, ldc, a, lda, b, M, N, K, beta);
}

static void product(float *c, size_t ldc, const struct gemm_operand *a,
                    const struct gemm_operand *b, size_t M, size_t N, size_t K, float alpha,
                    float beta)
{
    kernel()->multiply(c, ldc, a, b, M, N, K, alpha, beta);
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
