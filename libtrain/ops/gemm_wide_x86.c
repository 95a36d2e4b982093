/* gemm_wide_x86.c -- AVX-512: 12 x 32 numbers of C in 24 registers, all of a block of K.
 *
 *   A block (528 x 256)   as it lies, or as its transpose lies: twelve numbers are read one by one
 *   B panel (256 x 32)    packed: [k][32]        stays in the first cache
 *
 * for every block of K, block of rows: for every few panels: pack them, then all rows of A. Meanwhile
 * the next panel and the tile of C are fetched.
 * (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008.) */
#include <immintrin.h>

#include "ops/gemm_wide.h"
#include "ops/transpose.h"

enum {
    WIDE = 16,
    TILE_ROWS = 12,
    TILE_COLS = 32,
    BLOCK_ROWS = 44 * TILE_ROWS,
    BLOCK_K = 256,
    BLOCK_NUMBERS = 192 * 1024, /* of A, all of K, that stay in the second cache */
    GROUP = 4,                  /* panels of B that are packed at once */
    ROWS_AT_ONCE = 8 /* that are packed before the next ones are read: whole lines of memory */
};

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

/* Columns of B from (k, col) on. */
static void pack_b(float *to, const struct gemm_operand *b, size_t k, size_t col, size_t K,
                   size_t cols)
{
    for (size_t i = 0; i < TILE_COLS; i += WIDE) {
        const size_t n = cols > i ? min_size(cols - i, WIDE) : 0;

        if (b->transposed)
            transpose_wide(to + i, TILE_COLS, b->at + (col + i) * b->ld + k, b->ld, n, K);
        else
            pack_straight(to + i, TILE_COLS, b->at + k * b->ld + col + i, b->ld, n, K);
    }
}

void gemm_wide_pack(float *to, size_t stride, const struct gemm_operand *b, size_t K, size_t N)
{
    const size_t step = b->transposed ? K : ROWS_AT_ONCE;

    for (size_t k = 0; k < K; k += step) {
        for (size_t col = 0; col < N; col += TILE_COLS)
            pack_b(to + col / TILE_COLS * stride + k * TILE_COLS, b, k, col, min_size(K - k, step),
                   min_size(N - col, TILE_COLS));
    }
}

/* c = alpha * sum + beta * c for the lanes of the mask. */
AVX512 static inline void store(float *c, __m512 sum, __mmask16 mask, __m512 alpha, float beta)
{
    __m512 y = _mm512_mul_ps(sum, alpha);

    if (beta != 0)
        y = _mm512_fmadd_ps(_mm512_set1_ps(beta), _mm512_maskz_loadu_ps(mask, c), y);
    _mm512_mask_storeu_ps(c, mask, y);
}

/* n x cols of C, n a constant where this is inlined, cols up to 32; meanwhile `next` is fetched. */
AVX512 static inline __attribute__((always_inline)) void some_rows(
    float *c, size_t ldc, const float *a, size_t row, size_t col, const float *b, const float *next,
    const size_t n, size_t cols, size_t K, float alpha, float beta)
{
    const __mmask16 left = first_lanes(cols);
    const __mmask16 right = first_lanes(cols > WIDE ? cols - WIDE : 0);
    const __m512 scale = _mm512_set1_ps(alpha);
    __m512 sums[TILE_ROWS][2];

#pragma GCC unroll 12
    for (size_t i = 0; i < n; i++) {
        _mm_prefetch((const char *)(c + i * ldc), _MM_HINT_T0);
        _mm_prefetch((const char *)(c + i * ldc + cols - 1), _MM_HINT_T0);
        sums[i][0] = sums[i][1] = _mm512_setzero_ps();
    }
    for (size_t k = 0; k < K; k++, a += col, b += TILE_COLS, next += TILE_COLS) {
        const __m512 b0 = _mm512_loadu_ps(b), b1 = _mm512_loadu_ps(b + WIDE);

        _mm_prefetch((const char *)next, _MM_HINT_T1);
        _mm_prefetch((const char *)(next + WIDE), _MM_HINT_T1);

#pragma GCC unroll 12
        for (size_t i = 0; i < n; i++) {
            const __m512 x = _mm512_set1_ps(a[i * row]);

            sums[i][0] = _mm512_fmadd_ps(x, b0, sums[i][0]);
            sums[i][1] = _mm512_fmadd_ps(x, b1, sums[i][1]);
        }
    }
#pragma GCC unroll 12
    for (size_t i = 0; i < n; i++) {
        store(c + i * ldc, sums[i][0], left, scale, beta);
        store(c + i * ldc + WIDE, sums[i][1], right, scale, beta);
    }
}

#define CASE(n)                                                                                    \
    case n:                                                                                        \
        some_rows(c, ldc, a, row, col, b, next, n, cols, K, alpha, beta);                          \
        break

AVX512 static void tile(float *c, size_t ldc, const float *a, size_t row, size_t col,
                        const float *b, const float *next, size_t rows, size_t cols, size_t K,
                        float alpha, float beta)
{
    switch (rows) {
        CASE(1);
        CASE(2);
        CASE(3);
        CASE(4);
        CASE(5);
        CASE(6);
        CASE(7);
        CASE(8);
        CASE(9);
        CASE(10);
        CASE(11);
        CASE(12);
    }
}

/* An operand from a row and column on. */
static struct gemm_operand from(const struct gemm_operand *o, size_t row, size_t col)
{
    return (struct gemm_operand){o->transposed ? o->at + col * o->ld + row
                                               : o->at + row * o->ld + col,
                                 o->ld, o->transposed};
}

/* C's columns of some panels. */
static void by_panels(float *c, size_t ldc, const struct gemm_operand *a, const float *panels,
                      size_t rows, size_t n_cols, size_t K, float alpha, float beta)
{
    const size_t row = a->transposed ? 1 : a->ld, col = a->transposed ? a->ld : 1;

    for (size_t j = 0; j < n_cols; j += TILE_COLS, panels += K * TILE_COLS) {
        for (size_t i = 0; i < rows; i += TILE_ROWS)
            tile(c + i * ldc + j, ldc, a->at + i * row, row, col, panels, panels + K * TILE_COLS,
                 min_size(rows - i, TILE_ROWS), min_size(n_cols - j, TILE_COLS), K, alpha, beta);
    }
}

/* K is done in equal parts. */
static size_t part_of(size_t K)
{
    const size_t n_parts = (K + BLOCK_K - 1) / BLOCK_K;

    return n_parts ? (K + n_parts - 1) / n_parts : 1;
}

/* All of C's rows and columns, K numbers of every sum. */
static void block(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
                  size_t rows, size_t N, size_t K, float alpha, float beta)
{
    float packed_b[GROUP * BLOCK_K * TILE_COLS] __attribute__((aligned(64)));

    for (size_t col = 0; col < N; col += GROUP * TILE_COLS) {
        const struct gemm_operand right = from(b, 0, col);
        const size_t cols = min_size(N - col, GROUP * TILE_COLS);

        gemm_wide_pack(packed_b, K * TILE_COLS, &right, K, cols);
        by_panels(c + col, ldc, a, packed_b, rows, cols, K, alpha, beta);
    }
}

void gemm_wide(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
               size_t M, size_t N, size_t K, float alpha, float beta)
{
    for (size_t k = 0; k < K; k += part_of(K)) {
        const struct gemm_operand right = from(b, k, 0);

        for (size_t row = 0; row < M; row += BLOCK_ROWS) {
            const struct gemm_operand left = from(a, row, k);

            block(c + row * ldc, ldc, &left, &right, min_size(M - row, BLOCK_ROWS), N,
                  min_size(K - k, part_of(K)), alpha, k ? 1 : beta);
        }
    }
}

/* A panel's parts of K one after the other, as they lie: so what is fetched ahead comes next. */
static void block_by_panels(float *c, size_t ldc, const struct gemm_operand *a, const float *b,
                            size_t rows, size_t N, size_t K, float beta)
{
    for (size_t col = 0; col < N; col += TILE_COLS) {
        for (size_t k = 0; k < K; k += part_of(K)) {
            const struct gemm_operand left = from(a, 0, k);

            by_panels(c + col, ldc, &left, b + col * K + k * TILE_COLS, rows,
                      min_size(N - col, TILE_COLS), min_size(K - k, part_of(K)), 1, k ? 1 : beta);
        }
    }
}

void gemm_wide_by_panels(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t M,
                         size_t N, size_t K, float beta)
{
    const size_t fit = BLOCK_NUMBERS / (K ? K : 1) / TILE_ROWS * TILE_ROWS;
    const size_t most = fit ? fit : TILE_ROWS;

    for (size_t row = 0; row < M; row += most) {
        const struct gemm_operand left = {a + row * lda, lda, false};

        block_by_panels(c + row * ldc, ldc, &left, b, min_size(M - row, most), N, K, beta);
    }
}

size_t gemm_wide_panels(size_t K, size_t N)
{
    return (N + TILE_COLS - 1) / TILE_COLS * TILE_COLS * K;
}
