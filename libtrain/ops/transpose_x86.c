/* transpose_x86.c -- AVX-512: blocks of 16 x 16 words, shuffled in registers. */
#include <immintrin.h>

#include "ops/transpose.h"

enum { WIDE = 16 };

#define AVX512 __attribute__((target("avx512f")))

bool transpose_wide_works(void)
{
    return __builtin_cpu_supports("avx512f");
}

/* 16 x 16 transposed in registers: pairs, fours, then whole quarters change places. */
AVX512 static inline void transpose_block(__m512 r[WIDE])
{
    __m512 t[WIDE], u[WIDE];

    for (int i = 0; i < WIDE; i += 2) {
        t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < WIDE; i += 4) {
        for (int j = 0; j < 2; j++) {
            const __m512d x = _mm512_castps_pd(t[i + j]), y = _mm512_castps_pd(t[i + j + 2]);

            u[i + 2 * j] = _mm512_castpd_ps(_mm512_unpacklo_pd(x, y));
            u[i + 2 * j + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(x, y));
        }
    }
    for (int i = 0; i < 4; i++) {
        const __m512 even_low = _mm512_shuffle_f32x4(u[i], u[i + 4], 0x88);
        const __m512 even_high = _mm512_shuffle_f32x4(u[i + 8], u[i + 12], 0x88);
        const __m512 odd_low = _mm512_shuffle_f32x4(u[i], u[i + 4], 0xdd);
        const __m512 odd_high = _mm512_shuffle_f32x4(u[i + 8], u[i + 12], 0xdd);

        r[i] = _mm512_shuffle_f32x4(even_low, even_high, 0x88);
        r[i + 4] = _mm512_shuffle_f32x4(odd_low, odd_high, 0x88);
        r[i + 8] = _mm512_shuffle_f32x4(even_low, even_high, 0xdd);
        r[i + 12] = _mm512_shuffle_f32x4(odd_low, odd_high, 0xdd);
    }
}

AVX512 void transpose_wide(void *to, size_t to_ld, const void *from, size_t from_ld, size_t rows,
                           size_t cols)
{
    const float *in = from;
    float *out = to;

    for (size_t j = 0; j < cols; j += WIDE) {
        const size_t n = cols - j < WIDE ? cols - j : WIDE;
        const __mmask16 mask = (__mmask16)((1u << n) - 1);
        __m512 r[WIDE];

        for (size_t i = 0; i < WIDE; i++)
            r[i] =
                i < rows ? _mm512_maskz_loadu_ps(mask, in + i * from_ld + j) : _mm512_setzero_ps();
        transpose_block(r);
        for (size_t i = 0; i < n; i++)
            _mm512_storeu_ps(out + (j + i) * to_ld, r[i]);
    }
}
