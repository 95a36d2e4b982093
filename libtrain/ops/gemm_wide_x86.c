/* gemm_wide_x86.c -- AVX-512: 8 x 32 numbers of C in 16 registers, all of a block of K.
 *
 *   A block (256 x 256) packed by 16 rows: [panel][k][16]    stays in the second cache
 *   B panel (256 x 32)  packed:            [k][32]           stays in the first cache
 *
 * for every block of K, block of rows: pack A; for every 32 columns: pack B, then all rows of A.
 * (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008.) */
#include <immintrin.h>

#include "ops/gemm_wide.h"
#include "ops/transpose.h"

enum { WIDE = 16, TILE_ROWS = 8, TILE_COLS = 32, BLOCK_ROWS = 256, BLOCK_K = 256 };

#define AVX512 __attribute__((target("avx512f")))

bool gemm_wide_works(void)
{
    return __builtin_cpu_supports("avx512f");
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* The first n of 16 lanes. */
static __mmask16 first_lanes(size_t n)
{
    return (__mmask16)(n >= WIDE ? 0xffff : (1u << n) - 1);
}

/* to[k * stride + i] = from[k * ld + i], i < n <= 16, zero up to 16. */
AVX512 static void pack_straight(float *to, size_t stride, const float *from, size_t ld, size_t n,
                                 size_t K)
{
    const __mmask16 mask = first_lanes(n);

    for (size_t k = 0; k < K; k++)
        _mm512_storeu_ps(to + k * stride, _mm512_maskz_loadu_ps(mask, from + k * ld));
}

/* 16 rows of A from (row, k) on, or 16 columns of B from (k, col) on. */
static void pack(float *to, size_t stride, const struct gemm_operand *o, size_t along, size_t k,
                 size_t n, size_t K, bool k_is_contiguous)
{
    if (k_is_contiguous)
        transpose_wide(to, stride, o->at + along * o->ld + k, o->ld, n, K);
    else
        pack_straight(to, stride, o->at + k * o->ld + along, o->ld, n, K);
}

static void pack_a(float *to, const struct gemm_operand *a, size_t row, size_t k, size_t rows,
                   size_t K)
{
    for (size_t i = 0; i < rows; i += WIDE)
        pack(to + i * K, WIDE, a, row + i, k, min_size(rows - i, WIDE), K, !a->transposed);
}

static void pack_b(float *to, const struct gemm_operand *b, size_t k, size_t col, size_t K,
                   size_t cols)
{
    for (size_t i = 0; i < TILE_COLS; i += WIDE)
        pack(to + i, TILE_COLS, b, col + i, k, cols > i ? min_size(cols - i, WIDE) : 0, K,
             b->transposed);
}

/* c = alpha * sum + beta * c for the lanes of the mask. */
AVX512 static inline void store(float *c, __m512 sum, __mmask16 mask, __m512 alpha, float beta)
{
    __m512 y = _mm512_mul_ps(sum, alpha);

    if (beta != 0)
        y = _mm512_fmadd_ps(_mm512_set1_ps(beta), _mm512_maskz_loadu_ps(mask, c), y);
    _mm512_mask_storeu_ps(c, mask, y);
}

/* rows x cols of C, up to 8 x 32. a: [k][16], of which 8 rows; b: [k][32]. */
AVX512 static void tile(float *c, size_t ldc, const float *a, const float *b, size_t rows,
                        size_t cols, size_t K, float alpha, float beta)
{
    const __mmask16 left = first_lanes(cols);
    const __mmask16 right = first_lanes(cols > WIDE ? cols - WIDE : 0);
    const __m512 scale = _mm512_set1_ps(alpha);
    __m512 sums[TILE_ROWS][2];

    for (int i = 0; i < TILE_ROWS; i++)
        sums[i][0] = sums[i][1] = _mm512_setzero_ps();
    for (size_t k = 0; k < K; k++, a += WIDE, b += TILE_COLS) {
        const __m512 b0 = _mm512_loadu_ps(b), b1 = _mm512_loadu_ps(b + WIDE);

#pragma GCC unroll 8
        for (int i = 0; i < TILE_ROWS; i++) {
            const __m512 x = _mm512_set1_ps(a[i]);

            sums[i][0] = _mm512_fmadd_ps(x, b0, sums[i][0]);
            sums[i][1] = _mm512_fmadd_ps(x, b1, sums[i][1]);
        }
    }
#pragma GCC unroll 8
    for (size_t i = 0; i < TILE_ROWS; i++) {
        if (i < rows) {
            store(c + i * ldc, sums[i][0], left, scale, beta);
            store(c + i * ldc + WIDE, sums[i][1], right, scale, beta);
        }
    }
}

static void block(float *c, size_t ldc, const float *packed_a, const struct gemm_operand *b,
                  size_t k, size_t rows, size_t N, size_t K, float alpha, float beta)
{
    float packed_b[BLOCK_K * TILE_COLS] __attribute__((aligned(64)));

    for (size_t col = 0; col < N; col += TILE_COLS) {
        const size_t cols = min_size(N - col, TILE_COLS);

        pack_b(packed_b, b, k, col, K, cols);
        for (size_t i = 0; i < rows; i += TILE_ROWS)
            tile(c + i * ldc + col, ldc, packed_a + i / WIDE * WIDE * K + i % WIDE, packed_b,
                 min_size(rows - i, TILE_ROWS), cols, K, alpha, beta);
    }
}

void gemm_wide(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
               size_t M, size_t N, size_t K, float alpha, float beta)
{
    float packed_a[BLOCK_ROWS * BLOCK_K] __attribute__((aligned(64)));
    const size_t n_blocks = (K + BLOCK_K - 1) / BLOCK_K;
    const size_t step = (K + n_blocks - 1) / n_blocks; /* equal blocks of K */

    for (size_t k = 0; k < K; k += step) {
        const size_t depth = min_size(K - k, step);

        for (size_t row = 0; row < M; row += BLOCK_ROWS) {
            const size_t rows = min_size(M - row, BLOCK_ROWS);

            pack_a(packed_a, a, row, k, rows, depth);
            block(c + row * ldc, ldc, packed_a, b, k, rows, N, depth, alpha, k ? 1 : beta);
        }
    }
}
