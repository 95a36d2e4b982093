/* permutation.c -- a Feistel network over [0, 2^bits), walked until it is inside of [0, n).
 *
 * Each round keeps one half and changes the other by a keyed hash of it, so every round can be
 * undone and the whole is one-to-one (Black and Rogaway, "Ciphers with arbitrary finite domains",
 * 2002). 2^bits < 2 n, so the walk takes fewer than two steps on average. */
#include "base/permutation.h"

#include <assert.h>

#include "base/hash.h"

void permutation_init(struct permutation *p, uint64_t n, uint64_t seed, uint64_t stream)
{
    assert(n >= 1);
    p->n = n;
    p->bits = 2; /* two halves of at least one bit */
    while (p->bits < 64 && (n - 1) >> p->bits)
        p->bits++;
    for (uint64_t i = 0; i < PERMUTATION_ROUNDS; i++) {
        const uint64_t what[2] = {stream, i};

        p->keys[i] = xxh3_of(what, sizeof what, seed);
    }
}

static uint64_t step(const struct permutation *p, uint64_t i)
{
    unsigned left_bits = p->bits / 2;
    unsigned right_bits = p->bits - left_bits;
    uint64_t left = i >> right_bits;
    uint64_t right = i & ((UINT64_C(1) << right_bits) - 1);

    for (int round = 0; round < PERMUTATION_ROUNDS; round++) {
        const uint64_t mask = (UINT64_C(1) << left_bits) - 1;
        const uint64_t changed = (left ^ xxh3_of(&right, sizeof right, p->keys[round])) & mask;
        const unsigned bits = left_bits;

        left = right;
        right = changed;
        left_bits = right_bits;
        right_bits = bits;
    }
    return left << right_bits | right;
}

uint64_t permutation_at(const struct permutation *p, uint64_t i)
{
    assert(i < p->n);
    do
        i = step(p, i);
    while (i >= p->n);
    return i;
}
