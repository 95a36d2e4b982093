/* half_pack.c -- pairs of halves are words: two rows zipped are words, columns are words transposed. */
#include "ops/half_pack.h"

#include <string.h>

#include "ops/clones.h"
#include "ops/transpose.h"

enum { WIDE = 16 };

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t half_padded(size_t n)
{
    return (n + HALF_DEPTH - 1) / HALF_DEPTH * HALF_DEPTH;
}

size_t half_panel(size_t K)
{
    return half_padded(K) * HALF_COLS;
}

size_t half_packed(size_t K, size_t N)
{
    return half_panel(K) * (half_padded(N) / HALF_COLS);
}

/* words[j] = (even[j], odd[j]), the even one in the lower half as little-endian memory has it. */
static inline void zip(uint32_t *words, const uint16_t *even, const uint16_t *odd, size_t n)
{
    for (size_t j = 0; j < n; j++)
        words[j] = even[j] | (uint32_t)odd[j] << 16;
}

/* Pairs of whole rows, n a constant where this is inlined: words[i * n + j] is of column j. What lies
 * to the right of a row is wanted next, from lines too far apart for a CPU to see it coming. */
static inline __attribute__((always_inline)) void zip_pairs(uint32_t *words, const uint16_t *from,
                                                            size_t ld, size_t pairs, const size_t n)
{
    for (size_t i = 0; i < pairs; i++) {
        const uint16_t *even = from + 2 * i * ld, *odd = even + ld;

        __builtin_prefetch(even + HALF_COLS);
        __builtin_prefetch(odd + HALF_COLS);
        zip(words + i * n, even, odd, n);
    }
}

OPS_CLONES static void zip_panel(uint32_t *words, const uint16_t *from, size_t ld, size_t pairs)
{
    zip_pairs(words, from, ld, pairs, HALF_COLS);
}

OPS_CLONES static void zip_block(uint32_t *words, const uint16_t *from, size_t ld)
{
    zip_pairs(words, from, ld, WIDE, WIDE);
}

/* A row may be missing. */
static void zip_rows(uint32_t *words, const uint16_t *from, size_t ld, size_t k, size_t K, size_t n)
{
    static const uint16_t zeros[HALF_COLS];

    zip(words, k < K ? from + k * ld : zeros, k + 1 < K ? from + (k + 1) * ld : zeros, n);
}

void half_pack_rows(uint16_t *to, size_t stride, const uint16_t *from, size_t ld, size_t K,
                    size_t N)
{
    for (size_t col = 0; col < N; col += HALF_COLS, to += stride) {
        const size_t n = min_size(N - col, HALF_COLS);
        const size_t whole = n == HALF_COLS ? K / 2 * 2 : 0;

        zip_panel((uint32_t *)(void *)to, from + col, ld, whole / 2);
        for (size_t k = whole; k < half_padded(K); k += 2) {
            uint32_t words[HALF_COLS] = {0};

            zip_rows(words, from + col, ld, k, K, n);
            memcpy(to + k * HALF_COLS, words, sizeof words);
        }
    }
}

/* The pair of rows of B that K odd leaves half empty. */
static void pack_last_row(uint16_t *to, const uint16_t *from, size_t ld, size_t K, size_t n)
{
    uint16_t *row = to + (K - 1) * HALF_COLS;

    memset(row, 0, 2 * HALF_COLS * sizeof *row);
    for (size_t j = 0; j < n; j++)
        row[2 * j] = from[j * ld + K - 1];
}

static void pack_pairs(uint16_t *to, const uint16_t *from, size_t ld, size_t n, size_t pairs)
{
    if (ld % 2) { /* rows do not begin at a whole number of words from each other */
        for (size_t k = 0; k < pairs; k++) {
            for (size_t j = 0; j < WIDE; j++) {
                const uint16_t *pair = from + j * ld + 2 * k;

                to[(k * HALF_COLS + j) * 2] = j < n ? pair[0] : 0;
                to[(k * HALF_COLS + j) * 2 + 1] = j < n ? pair[1] : 0;
            }
        }
    } else {
        transpose_words(to, HALF_COLS, from, ld / 2, n, pairs);
    }
}

void half_pack_columns(uint16_t *to, size_t stride, const uint16_t *from, size_t ld, size_t K,
                       size_t N)
{
    const size_t filled = (K + 1) / 2 * 2;

    for (size_t col = 0; col < N; col += HALF_COLS, to += stride) {
        const size_t n = min_size(N - col, HALF_COLS);

        for (size_t i = 0; i < HALF_COLS; i += WIDE)
            pack_pairs(to + 2 * i, from + (col + min_size(i, n)) * ld, ld,
                       n > i ? min_size(n - i, WIDE) : 0, K / 2);
        if (K % 2)
            pack_last_row(to, from + col * ld, ld, K, n);
        memset(to + filled * HALF_COLS, 0, (half_padded(K) - filled) * HALF_COLS * sizeof *to);
    }
}

/* The first line of each of the next rows. */
static void fetch_rows(const uint16_t *from, size_t ld)
{
    for (size_t j = 0; j < HALF_DEPTH; j++)
        __builtin_prefetch(from + j * ld);
}

void half_transpose(uint16_t *to, size_t to_ld, const uint16_t *from, size_t ld, size_t M, size_t K)
{
    for (size_t k = 0; k < half_padded(K); k += HALF_DEPTH) {
        for (size_t i = 0; i < M; i += WIDE) {
            const size_t n = min_size(M - i, WIDE);
            uint32_t words[WIDE * WIDE], turned[WIDE * WIDE];

            if (i % HALF_COLS == 0)
                fetch_rows(from + (k + HALF_DEPTH) * ld + i, ld);
            if (n == WIDE && k + HALF_DEPTH <= K)
                zip_block(words, from + k * ld + i, ld);
            else
                for (size_t j = 0; j < WIDE; j++)
                    zip_rows(words + j * WIDE, from + i, ld, k + 2 * j, K, n);
            transpose_words(turned, WIDE, words, WIDE, WIDE, n);
            for (size_t j = 0; j < n; j++)
                memcpy(to + (i + j) * to_ld + k, turned + j * WIDE, WIDE * sizeof *turned);
        }
    }
}
