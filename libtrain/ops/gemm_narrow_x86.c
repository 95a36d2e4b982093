/* gemm_narrow_x86.c -- AVX2: 6 x 16 numbers of C in 12 registers, all of a block of K.
 *
 *   A block (96 x 256) packed by 6 rows: [panel][k][6]      stays in the second cache
 *   B panel (256 x 16) packed:           [k][16]            stays in the first cache
 *
 * The loops are those of gemm_wide_x86.c; packing is plain C. */
#include <immintrin.h>
#include <string.h>

#include "ops/gemm_narrow.h"

enum { WIDE = 8, TILE_ROWS = 6, TILE_COLS = 2 * WIDE, BLOCK_ROWS = 96, BLOCK_K = 256 };

#define AVX2 __attribute__((target("avx2,fma")))

bool gemm_narrow_works(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* to[k * width + i] = x(along + i, k) of a left factor, or x(k, along + i) of a right one, where the
 * memory's rows are those of k or not; zero from n up to width. */
static void pack(float *to, size_t width, const struct gemm_operand *o, size_t along, size_t k0,
                 size_t n, size_t K, bool rows_are_k)
{
    for (size_t k = 0; k < K; k++, to += width) {
        const float *row = o->at + (k0 + k) * o->ld + along;

        for (size_t i = 0; i < width; i++)
            to[i] = i >= n ? 0 : rows_are_k ? row[i] : o->at[(along + i) * o->ld + k0 + k];
    }
}

/* c = alpha * sums + beta * c, rows x cols of a tile. */
static void store(float *c, size_t ldc, const float *sums, size_t rows, size_t cols, float alpha,
                  float beta)
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < cols; j++) {
            float *to = c + i * ldc + j;

            *to = alpha * sums[i * TILE_COLS + j] + (beta != 0 ? beta * *to : 0);
        }
    }
}

/* a: [k][6]; b: [k][16]. */
AVX2 static void tile(float *sums, const float *a, const float *b, size_t K)
{
    __m256 s[TILE_ROWS][2];

    for (int i = 0; i < TILE_ROWS; i++)
        s[i][0] = s[i][1] = _mm256_setzero_ps();
    for (size_t k = 0; k < K; k++, a += TILE_ROWS, b += TILE_COLS) {
        const __m256 b0 = _mm256_loadu_ps(b), b1 = _mm256_loadu_ps(b + WIDE);

#pragma GCC unroll 6
        for (int i = 0; i < TILE_ROWS; i++) {
            const __m256 x = _mm256_set1_ps(a[i]);

            s[i][0] = _mm256_fmadd_ps(x, b0, s[i][0]);
            s[i][1] = _mm256_fmadd_ps(x, b1, s[i][1]);
        }
    }
    for (int i = 0; i < TILE_ROWS; i++) {
        _mm256_storeu_ps(sums + i * TILE_COLS, s[i][0]);
        _mm256_storeu_ps(sums + i * TILE_COLS + WIDE, s[i][1]);
    }
}

static void block(float *c, size_t ldc, const float *packed_a, const struct gemm_operand *b,
                  size_t k, size_t rows, size_t N, size_t K, float alpha, float beta)
{
    float packed_b[BLOCK_K * TILE_COLS], sums[TILE_ROWS * TILE_COLS];

    for (size_t col = 0; col < N; col += TILE_COLS) {
        const size_t cols = min_size(N - col, TILE_COLS);

        pack(packed_b, TILE_COLS, b, col, k, cols, K, !b->transposed);
        for (size_t i = 0; i < rows; i += TILE_ROWS) {
            tile(sums, packed_a + i * K, packed_b, K);
            store(c + i * ldc + col, ldc, sums, min_size(rows - i, TILE_ROWS), cols, alpha, beta);
        }
    }
}

void gemm_narrow(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
                 size_t M, size_t N, size_t K, float alpha, float beta)
{
    float packed_a[BLOCK_ROWS * BLOCK_K];

    for (size_t k = 0; k < K; k += BLOCK_K) {
        const size_t depth = min_size(K - k, BLOCK_K);

        for (size_t row = 0; row < M; row += BLOCK_ROWS) {
            const size_t rows = min_size(M - row, BLOCK_ROWS);

            for (size_t i = 0; i < rows; i += TILE_ROWS)
                pack(packed_a + i * depth, TILE_ROWS, a, row + i, k, min_size(rows - i, TILE_ROWS),
                     depth, a->transposed);
            block(c + row * ldc, ldc, packed_a, b, k, rows, N, depth, alpha, k ? 1 : beta);
        }
    }
}
