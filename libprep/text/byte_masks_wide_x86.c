/* byte_masks_wide_x86.c -- AVX-512 looks all 64 classes up with one permutation of the table's 128
 * bytes; AVX2 takes the row of a class by the low half of each byte and the bit in it by the high. */
#include "text/byte_masks_wide.h"

#include <immintrin.h>
#include <string.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))
#define AVX2 __attribute__((target("avx2")))

AVX512 static void wide_avx512(char *folded, struct byte_masks *masks, const char *text, size_t n,
                               const struct byte_masks_plan *plan)
{
    const __m512i low_classes = _mm512_loadu_si512(plan->class_of);
    const __m512i high_classes = _mm512_loadu_si512(plan->class_of + 64);
    const __m512i first = _mm512_set1_epi8('A');
    const __m512i n_letters = _mm512_set1_epi8(plan->lower ? 26 : 0);
    const __m512i to_lower = _mm512_set1_epi8(0x20);
    const __m512i spaces = _mm512_set1_epi8(' ');
    uint64_t carry = 0;

    for (size_t at = 0; at < n; at += BYTE_MASKS_BLOCK) {
        const __mmask64 there = n - at < 64 ? (UINT64_C(1) << (n - at)) - 1 : ~UINT64_C(0);
        const __m512i bytes = _mm512_mask_loadu_epi8(spaces, there, text + at);
        const __m512i class = _mm512_permutex2var_epi8(low_classes, bytes, high_classes);
        const __mmask64 high = _mm512_movepi8_mask(bytes);
        const __mmask64 upper = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, first), n_letters);
        const uint64_t word = _mm512_test_epi8_mask(class, _mm512_set1_epi8(BYTE_WORD));
        const uint64_t alone = _mm512_test_epi8_mask(class, _mm512_set1_epi8(BYTE_ALONE));
        const uint64_t hard = _mm512_test_epi8_mask(class, _mm512_set1_epi8(BYTE_HARD));

        _mm512_storeu_si512(folded + at, _mm512_mask_add_epi8(bytes, upper, bytes, to_lower));
        byte_masks_join(&masks[at / BYTE_MASKS_BLOCK], word & ~high, alone & ~high, hard | high,
                        &carry);
    }
}

/* Bits of 32 bytes: whether a byte is in the class of that row; never for bytes from 0x80 on. */
AVX2 static uint32_t members(__m256i bytes, __m256i row)
{
    const __m256i bits = _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0, 1,
                                          2, 4, 8, 16, 32, 64, -128, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
    const __m256i bit = _mm256_shuffle_epi8(bits, high);
    const __m256i set = _mm256_shuffle_epi8(row, bytes); /* 0 where the byte is 0x80 or more */
    const __m256i none = _mm256_cmpeq_epi8(_mm256_and_si256(set, bit), _mm256_setzero_si256());

    return ~(uint32_t)_mm256_movemask_epi8(none);
}

AVX2 static void fold_half(char *to, uint64_t masks[3], const char *from, unsigned shift,
                           const __m256i rows[3], bool lower)
{
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)(from + shift));
    const __m256i above = _mm256_cmpgt_epi8(bytes, _mm256_set1_epi8('A' - 1));
    const __m256i below = _mm256_cmpgt_epi8(_mm256_set1_epi8('Z' + 1), bytes);
    const __m256i add =
        _mm256_and_si256(_mm256_and_si256(above, below), _mm256_set1_epi8(lower ? 0x20 : 0));

    _mm256_storeu_si256((__m256i *)(to + shift), _mm256_add_epi8(bytes, add));
    for (int class = 0; class < 3; class ++)
        masks[class] |= (uint64_t)members(bytes, rows[class]) << shift;
    masks[2] |= (uint64_t)(uint32_t)_mm256_movemask_epi8(bytes) << shift;
}

AVX2 static void wide_avx2(char *folded, struct byte_masks *masks, const char *text, size_t n,
                           const struct byte_masks_plan *plan)
{
    __m256i rows[3];
    char end[BYTE_MASKS_BLOCK];
    uint64_t carry = 0;

    for (int class = 0; class < 3; class ++)
        rows[class] =
            _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)plan->rows[class]));
    for (size_t at = 0; at < n; at += BYTE_MASKS_BLOCK) {
        const char *from = text + at;
        uint64_t bits[3] = {0};

        if (n - at < sizeof end) {
            memset(end, ' ', sizeof end);
            memcpy(end, from, n - at);
            from = end;
        }
        fold_half(folded + at, bits, from, 0, rows, plan->lower);
        fold_half(folded + at, bits, from, 32, rows, plan->lower);
        byte_masks_join(&masks[at / BYTE_MASKS_BLOCK], bits[0], bits[1], bits[2], &carry);
    }
}

byte_masks_fn byte_masks_wide(size_t number)
{
    __builtin_cpu_init();
    if (number == 0 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi"))
        return wide_avx512;
    if (number == 1 && __builtin_cpu_supports("avx2"))
        return wide_avx2;
    return NULL;
}
