/* gemm_wide_x86.c -- AVX-512: 12 x 32 numbers of C in 24 registers, all of a block of K.
 *
 *   A block (252 x 256)  as it lies, or a transposed one packed by 12 rows: [k][12]
 *   B panel (256 x 32)   packed: [k][32]        stays in the first cache
 *
 * for every block of K, block of rows: for every 32 columns: pack B if it is not, then all rows of A.
 * (Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008.) */
#include <immintrin.h>

#include "ops/gemm_wide.h"
#include "ops/transpose.h"

enum {
    WIDE = 16,
    TILE_ROWS = 12,
    TILE_COLS = 32,
    BLOCK_ROWS = 22 * TILE_ROWS,
    BLOCK_K = 256,
    MOST_PARTS = 3,
    BLOCK_FLOATS = BLOCK_ROWS * MOST_PARTS * BLOCK_K
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

/* A block of the left factor as tiles read it: x(i, k) = at[tile of i + (i in it) * row + k * col]. */
struct left {
    const float *at;
    size_t tile; /* from one tile's rows to the next's */
    size_t row, col;
};

/* Transposed, a tile's 12 numbers of one k lie together, but those of the next k far away: they are
 * packed. Stores of 16 overlap, the last ones behind the last tile. */
static struct left left_block(float *packed, const struct gemm_operand *a, size_t row, size_t k,
                              size_t rows, size_t K)
{
    if (!a->transposed)
        return (struct left){a->at + row * a->ld + k, TILE_ROWS * a->ld, a->ld, 1};
    for (size_t i = 0; i < rows; i += TILE_ROWS)
        pack_straight(packed + i * K, TILE_ROWS, a->at + k * a->ld + row + i, a->ld,
                      min_size(rows - i, TILE_ROWS), K);
    return (struct left){packed, TILE_ROWS * K, 1, TILE_ROWS};
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
    for (size_t i = 0; i < n; i++)
        sums[i][0] = sums[i][1] = _mm512_setzero_ps();
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

/* The depth of K that is done at once, and how it is cut. */
struct depth {
    size_t from, all;
    size_t part; /* numbers of a part, the last may have fewer */
};

/* The right factor: as it stands, or all its panels. */
struct right {
    const struct gemm_operand *plain; /* NULL: packed */
    const float *packed;              /* [col / 32][K][32] */
    size_t K;
};

/* Rows [k, k + K) of 32 columns, at `packed_b` if they were not packed. */
static const float *panel(float *packed_b, const struct right *b, size_t k, size_t col, size_t K,
                          size_t cols)
{
    if (!b->plain)
        return b->packed + col * b->K + k * TILE_COLS;
    pack_b(packed_b, b->plain, k, col, K, cols);
    return packed_b;
}

/* All of C's rows and columns; parts one after the other while 32 columns of C are in cache. */
static void block(float *c, size_t ldc, const struct left *parts, const struct right *b,
                  const struct depth *depth, size_t rows, size_t N, float alpha, float beta)
{
    float packed_b[BLOCK_K * TILE_COLS] __attribute__((aligned(64)));

    for (size_t col = 0; col < N; col += TILE_COLS) {
        const size_t cols = min_size(N - col, TILE_COLS);

        for (size_t k = 0; k < depth->all; k += depth->part) {
            const struct left *a = &parts[k / depth->part];
            const size_t K = min_size(depth->all - k, depth->part);
            const float *columns = panel(packed_b, b, depth->from + k, col, K, cols);
            const float *next = b->plain ? columns : columns + K * TILE_COLS;

            for (size_t i = 0; i < rows; i += TILE_ROWS)
                tile(c + i * ldc + col, ldc, a->at + i / TILE_ROWS * a->tile, a->row, a->col,
                     columns, next, min_size(rows - i, TILE_ROWS), cols, K, alpha,
                     depth->from + k ? 1 : beta);
        }
    }
}

static void multiply(float *c, size_t ldc, const struct gemm_operand *a, const struct right *b,
                     size_t M, size_t N, size_t K, float alpha, float beta)
{
    float packed_a[BLOCK_FLOATS + WIDE] __attribute__((aligned(64)));
    const size_t n_parts = (K + BLOCK_K - 1) / BLOCK_K;
    struct depth depth = {.part = n_parts ? (K + n_parts - 1) / n_parts : 1}; /* equal parts */

    for (; depth.from < K; depth.from += depth.all) {
        depth.all = min_size(K - depth.from, MOST_PARTS * depth.part);
        for (size_t row = 0; row < M; row += BLOCK_ROWS) {
            const size_t rows = min_size(M - row, BLOCK_ROWS);
            struct left parts[MOST_PARTS];

            for (size_t k = 0; k < depth.all; k += depth.part)
                parts[k / depth.part] =
                    left_block(packed_a + BLOCK_ROWS * k, a, row, depth.from + k, rows,
                               min_size(depth.all - k, depth.part));
            block(c + row * ldc, ldc, parts, b, &depth, rows, N, alpha, beta);
        }
    }
}

void gemm_wide(float *c, size_t ldc, const struct gemm_operand *a, const struct gemm_operand *b,
               size_t M, size_t N, size_t K, float alpha, float beta)
{
    multiply(c, ldc, a, &(struct right){.plain = b}, M, N, K, alpha, beta);
}

size_t gemm_wide_panels(size_t K, size_t N)
{
    return (N + TILE_COLS - 1) / TILE_COLS * TILE_COLS * K;
}

void gemm_wide_pack(float *to, size_t stride, const struct gemm_operand *b, size_t K, size_t N)
{
    enum { ROWS = 8 }; /* whole rows of memory are read, few at a time */
    const size_t step = b->transposed ? K : ROWS;

    for (size_t k = 0; k < K; k += step) {
        for (size_t col = 0; col < N; col += TILE_COLS)
            pack_b(to + col / TILE_COLS * stride + k * TILE_COLS, b, k, col, min_size(K - k, step),
                   min_size(N - col, TILE_COLS));
    }
}

void gemm_wide_by_panels(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t M,
                         size_t N, size_t K, float alpha, float beta)
{
    multiply(c, ldc, &(struct gemm_operand){a, lda, false}, &(struct right){.packed = b, .K = K}, M,
             N, K, alpha, beta);
}
