/* half_tile_wide.c -- AVX512-BF16: 12 x 32 sums in 24 registers, two multiplications a number.
 *
 * Meanwhile as much of b as was read is fetched from behind it: the caller's next panel, where its
 * panels lie end to end. */
#include <immintrin.h>
#include <string.h>

#include "ops/half_pack.h"
#include "ops/half_tile.h"

enum { WIDE = 16, MOST_ROWS = 12 };

#define AVX512_BF16 __attribute__((target("avx512f,avx512bf16")))

AVX512_BF16 static inline __m512bh pairs(const uint16_t *b)
{
    return (__m512bh)_mm512_loadu_si512(b);
}

/* The pair at a in all lanes. */
AVX512_BF16 static inline __m512bh pair(const uint16_t *a)
{
    int word;

    memcpy(&word, a, sizeof word);
    return (__m512bh)_mm512_set1_epi32(word);
}

/* n is a constant where this is inlined, so the sums are registers. */
AVX512_BF16 static inline __attribute__((always_inline)) void some_rows(float *c, size_t ldc,
                                                                        const uint16_t *a,
                                                                        size_t lda,
                                                                        const uint16_t *b,
                                                                        const size_t n, size_t K)
{
    const uint16_t *next = b + K * HALF_COLS;
    __m512 sums[MOST_ROWS][2];

#pragma GCC unroll 12
    for (size_t i = 0; i < n; i++) {
        sums[i][0] = _mm512_loadu_ps(c + i * ldc);
        sums[i][1] = _mm512_loadu_ps(c + i * ldc + WIDE);
    }
    for (size_t k = 0; k < K; k += 2, b += 2 * HALF_COLS, next += 2 * HALF_COLS) {
        const __m512bh left = pairs(b), right = pairs(b + HALF_COLS);

        _mm_prefetch((const char *)next, _MM_HINT_T1);
        _mm_prefetch((const char *)(next + HALF_COLS), _MM_HINT_T1);

#pragma GCC unroll 12
        for (size_t i = 0; i < n; i++) {
            const __m512bh x = pair(a + i * lda + k);

            sums[i][0] = _mm512_dpbf16_ps(sums[i][0], x, left);
            sums[i][1] = _mm512_dpbf16_ps(sums[i][1], x, right);
        }
    }
#pragma GCC unroll 12
    for (size_t i = 0; i < n; i++) {
        _mm512_storeu_ps(c + i * ldc, sums[i][0]);
        _mm512_storeu_ps(c + i * ldc + WIDE, sums[i][1]);
    }
}

#define CASE(n)                                                                                    \
    case n:                                                                                        \
        some_rows(c, ldc, a, lda, b, n, K);                                                        \
        break

AVX512_BF16 void half_tile_wide(float *c, size_t ldc, const uint16_t *a, size_t lda,
                                const uint16_t *b, size_t rows, size_t K)
{
    /* Groups of nearly the same size: few sums at once would wait for each other. */
    for (size_t groups = (rows + MOST_ROWS - 1) / MOST_ROWS; groups > 0; groups--) {
        const size_t n = (rows + groups - 1) / groups;

        switch (n) {
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
        c += n * ldc;
        a += n * lda;
        rows -= n;
    }
}
