/* huffman.c -- Moffat and Katajainen, "In-place calculation of minimum-redundancy codes" (WADS 1995);
 * what comes out too long is made shorter at the cost of the rarest symbols that have room. */
#include "base/huffman.h"

#include <string.h>

#include "base/mem.h"

enum { DIGIT_BITS = 8, DIGITS = 1 << DIGIT_BITS };

struct leaf {
    uint32_t count;
    uint32_t symbol;
};

/* One round of a radix sort. */
static void sort_by_digit(struct leaf *to, const struct leaf *from, size_t n, unsigned shift)
{
    uint32_t start[DIGITS] = {0};
    uint32_t sum = 0;

    for (size_t i = 0; i < n; i++)
        start[from[i].count >> shift & (DIGITS - 1)]++;
    for (size_t d = 0; d < DIGITS; d++) {
        const uint32_t here = start[d];

        start[d] = sum;
        sum += here;
    }
    for (size_t i = 0; i < n; i++)
        to[start[from[i].count >> shift & (DIGITS - 1)]++] = from[i];
}

/* Symbols that occur, rarest first, equal counts in the order of their numbers; two at least. */
static size_t sort_leaves(struct leaf *leaves, const uint32_t *counts, size_t n)
{
    struct leaf other[HUFFMAN_MAX_SYMBOLS];
    uint32_t all = 0;
    size_t n_leaves = 0;

    for (size_t s = 0; s < n; s++) {
        all |= counts[s];
        if (counts[s])
            leaves[n_leaves++] = (struct leaf){counts[s], (uint32_t)s};
    }
    for (size_t s = 0; n_leaves < 2; s++)
        if (!counts[s])
            leaves[n_leaves++] = (struct leaf){0, (uint32_t)s};
    for (unsigned shift = 0; shift < 32 && (all >> shift || shift == 0); shift += 2 * DIGIT_BITS) {
        sort_by_digit(other, leaves, n_leaves, shift);
        sort_by_digit(leaves, other, n_leaves, shift + DIGIT_BITS);
    }
    return n_leaves;
}

/* work[i] = how deep leaf i lies, from counts that rise: the three passes of the paper. */
static void find_depths(uint32_t *work, size_t n)
{
    size_t root = 0, leaf = 2, next;
    uint32_t depth = 0;
    size_t open = 1, used;
    size_t at = n;

    /* counts -> parents */
    work[0] += work[1];
    for (next = 1; next < n - 1; next++) {
        for (int half = 0; half < 2; half++) {
            uint32_t weight;

            if (leaf >= n || (root < next && work[root] < work[leaf])) {
                weight = work[root];
                work[root++] = (uint32_t)next;
            } else {
                weight = work[leaf++];
            }
            work[next] = half ? work[next] + weight : weight;
        }
    }
    /* parents -> depths of inner nodes */
    work[n - 2] = 0;
    for (next = n - 2; next-- > 0;)
        work[next] = work[work[next]] + 1;
    /* depths of inner nodes -> depths of leaves */
    next = n - 1;
    while (open > 0) {
        for (used = 0; next > 0 && work[next - 1] == depth; next--)
            used++;
        for (; open > used; open--)
            work[--at] = depth;
        open = 2 * used;
        depth++;
    }
}

/* How many codes of each length there are, none above the limit. */
static void limit_lengths(uint32_t *n_of, const uint32_t *depths, size_t n, unsigned limit)
{
    uint32_t room = 0; /* taken, in units of the longest code */

    for (size_t i = 0; i < n; i++)
        n_of[depths[i] < limit ? depths[i] : limit]++;
    for (unsigned l = 1; l <= limit; l++)
        room += n_of[l] << (limit - l);
    for (; room > 1u << limit; room--) {
        unsigned l = limit - 1;

        while (n_of[l] == 0)
            l--;
        /* A code of the longest becomes the sister of this one, one bit longer. */
        n_of[limit]--;
        n_of[l]--;
        n_of[l + 1] += 2;
    }
}

void huffman_lengths(uint8_t *lengths, const uint32_t *counts, size_t n, unsigned limit)
{
    struct leaf leaves[HUFFMAN_MAX_SYMBOLS];
    uint32_t work[HUFFMAN_MAX_SYMBOLS] = {0};
    uint32_t n_of[HUFFMAN_MAX_LENGTH + 1] = {0};
    const size_t n_leaves = sort_leaves(leaves, counts, n);
    size_t at = 0;

    for (size_t i = 0; i < n_leaves; i++)
        work[i] = leaves[i].count;
    find_depths(work, n_leaves);
    limit_lengths(n_of, work, n_leaves, limit);
    memset(lengths, 0, n);
    for (unsigned l = limit; l > 0; l--)
        for (uint32_t i = 0; i < n_of[l]; i++)
            lengths[leaves[at++].symbol] = (uint8_t)l;
}

static uint16_t reversed(uint32_t code, unsigned length)
{
    uint32_t turned = 0;

    for (unsigned i = 0; i < length; i++)
        turned |= (code >> i & 1) << (length - 1 - i);
    return (uint16_t)turned;
}

void huffman_codes(uint16_t *codes, const uint8_t *lengths, size_t n)
{
    uint32_t next[HUFFMAN_MAX_LENGTH + 2] = {0};

    for (size_t s = 0; s < n; s++)
        next[lengths[s] + 1]++;
    next[1] = 0; /* what has no code takes none */
    for (unsigned l = 1; l <= HUFFMAN_MAX_LENGTH; l++)
        next[l] = (next[l - 1] + next[l]) << 1;
    for (size_t s = 0; s < n; s++)
        if (lengths[s])
            codes[s] = reversed(next[lengths[s]]++, lengths[s]);
}
