/* philox_wide_x86.c -- one block in every lane of 64 bits, where a multiplication takes the lower half:
 * what a round leaves in the upper halves is never looked at.
 *
 * Which block a lane has is chosen so that interleaving at the end leaves them in order. */
#include "base/philox_wide.h"

#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f")))
#define AVX2 __attribute__((target("avx2")))

AVX512 static void wide_avx512(uint32_t out[PHILOX_WORDS], const uint32_t counter[4], uint64_t key)
{
    const __m512i m0 = _mm512_set1_epi64(PHILOX_MULTIPLIER_0);
    const __m512i m1 = _mm512_set1_epi64(PHILOX_MULTIPLIER_1);
    const __m512i low_half = _mm512_set1_epi64(UINT32_MAX);
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    __m512i x0 =
        _mm512_add_epi64(_mm512_set1_epi64(counter[0]), _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7));
    __m512i x1 = _mm512_set1_epi64(counter[1]);
    __m512i x2 = _mm512_set1_epi64(counter[2]);
    __m512i x3 = _mm512_set1_epi64(counter[3]);
    __m512i front, back;

    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        const __m512i p0 = _mm512_mul_epu32(x0, m0);
        const __m512i p1 = _mm512_mul_epu32(x2, m1);

        x0 = _mm512_xor_si512(_mm512_srli_epi64(p1, 32),
                              _mm512_xor_si512(x1, _mm512_set1_epi64(k0)));
        x2 = _mm512_xor_si512(_mm512_srli_epi64(p0, 32),
                              _mm512_xor_si512(x3, _mm512_set1_epi64(k1)));
        x1 = p1;
        x3 = p0;
        k0 += PHILOX_STEP_0;
        k1 += PHILOX_STEP_1;
    }
    front = _mm512_or_si512(_mm512_and_si512(x0, low_half), _mm512_slli_epi64(x1, 32));
    back = _mm512_or_si512(_mm512_and_si512(x2, low_half), _mm512_slli_epi64(x3, 32));
    _mm512_storeu_si512(out, _mm512_unpacklo_epi64(front, back));
    _mm512_storeu_si512(out + PHILOX_WORDS / 2, _mm512_unpackhi_epi64(front, back));
}

AVX2 static void four_blocks(uint32_t out[PHILOX_WORDS / 2], const uint32_t counter[4],
                             uint32_t more, uint64_t key)
{
    const __m256i m0 = _mm256_set1_epi64x(PHILOX_MULTIPLIER_0);
    const __m256i m1 = _mm256_set1_epi64x(PHILOX_MULTIPLIER_1);
    const __m256i low_half = _mm256_set1_epi64x(UINT32_MAX);
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    __m256i x0 =
        _mm256_add_epi64(_mm256_set1_epi64x(counter[0] + more), _mm256_setr_epi64x(0, 2, 1, 3));
    __m256i x1 = _mm256_set1_epi64x(counter[1]);
    __m256i x2 = _mm256_set1_epi64x(counter[2]);
    __m256i x3 = _mm256_set1_epi64x(counter[3]);
    __m256i front, back;

    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        const __m256i p0 = _mm256_mul_epu32(x0, m0);
        const __m256i p1 = _mm256_mul_epu32(x2, m1);

        x0 = _mm256_xor_si256(_mm256_srli_epi64(p1, 32),
                              _mm256_xor_si256(x1, _mm256_set1_epi64x(k0)));
        x2 = _mm256_xor_si256(_mm256_srli_epi64(p0, 32),
                              _mm256_xor_si256(x3, _mm256_set1_epi64x(k1)));
        x1 = p1;
        x3 = p0;
        k0 += PHILOX_STEP_0;
        k1 += PHILOX_STEP_1;
    }
    front = _mm256_or_si256(_mm256_and_si256(x0, low_half), _mm256_slli_epi64(x1, 32));
    back = _mm256_or_si256(_mm256_and_si256(x2, low_half), _mm256_slli_epi64(x3, 32));
    _mm256_storeu_si256((__m256i *)out, _mm256_unpacklo_epi64(front, back));
    _mm256_storeu_si256((__m256i *)(out + PHILOX_WORDS / 4), _mm256_unpackhi_epi64(front, back));
}

static void wide_avx2(uint32_t out[PHILOX_WORDS], const uint32_t counter[4], uint64_t key)
{
    four_blocks(out, counter, 0, key);
    four_blocks(out + PHILOX_WORDS / 2, counter, PHILOX_BLOCKS / 2, key);
}

philox_fn philox_wide(size_t number)
{
    __builtin_cpu_init();
    if (number == 0 && __builtin_cpu_supports("avx512f"))
        return wide_avx512;
    if (number == 1 && __builtin_cpu_supports("avx2"))
        return wide_avx2;
    return NULL;
}
