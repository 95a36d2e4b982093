/* gemm.h -- products of row-major fp32 matrices on the calling thread: C = alpha A B + beta C.
 *
 * A product is computed by one thread in one order; who wants several cores cuts it into blocks that
 * do not depend on their number (linear.h). On CPUs with AVX-512 the kernel is ours (gemm_wide.h),
 * on others single-threaded BLAS, of which this is the one user; gemm_choose() pins another.
 * ldx is the distance of two rows of x in floats. beta = 0 does not read C. M and N may be 0. */
#ifndef OPS_GEMM_H
#define OPS_GEMM_H

#include <stdbool.h>
#include <stddef.h>

/* Tells BLAS to keep to the threads that call it. Once, before the first product. */
void gemm_keep_to_caller(void);

/* Which kernel computes all products of this process from now on; before the first one.
 *   auto     avx512 where the CPU can, else blas
 *   avx512, avx2, plain   ours (gemm_wide.h, gemm_narrow.h)
 *   blas     the installed library's choice
 * false when there is no such kernel or the CPU cannot. */
bool gemm_choose(const char *name);

/* The name of the one that is chosen: never "auto". */
const char *gemm_chosen(void);

/* C (M, N) = alpha A (M, K) B^T + beta C, B (N, K) */
void gemm_nt(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t M,
             size_t N, size_t K, float alpha, float beta);

/* C (M, N) = alpha A (M, K) B (K, N) + beta C */
void gemm_nn(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t M,
             size_t N, size_t K, float alpha, float beta);

/* C (M, N) = alpha A^T B (K, N) + beta C, A (K, M) */
void gemm_tn(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb, size_t M,
             size_t N, size_t K, float alpha, float beta);

/* A matrix as it stands in memory, or its transpose. */
struct gemm_operand {
    const float *at;
    size_t ld;       /* floats from one row in memory to the next */
    bool transposed; /* rows in memory are columns of the operand */
};

/* A right factor B (K, N) that many products share, cut into panels of GEMM_PANEL columns as the chosen
 * kernel reads them:
 *
 *   [panel][k][column of GEMM_PANEL]       zeros behind the last column
 *
 * gemm_panels() is their floats, on a cache line; 0 when the chosen kernel has no use for them. Then
 * the others may not be called. Sums are those of gemm_nn() and gemm_nt(), to the bit. */
enum { GEMM_PANEL = 32 };
size_t gemm_panels(size_t K, size_t N);

/* Some rows and columns of B, of which the first go to `to`; the column's number is a multiple of
 * GEMM_PANEL. `stride` is the distance of two panels, GEMM_PANEL * K of the whole B. */
void gemm_pack(float *to, size_t stride, const struct gemm_operand *b, size_t K, size_t N);

/* C (M, N) = A (M, K) B + beta C */
void gemm_by_panels(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t M,
                    size_t N, size_t K, float beta);

/* C (M, N) = alpha A (M, K) B (K, N) + beta C, by BLAS or by three loops. */
void gemm_by_blas(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
                  size_t M, size_t N, size_t K, float alpha, float beta);
void gemm_plain(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
                size_t M, size_t N, size_t K, float alpha, float beta);

#endif
