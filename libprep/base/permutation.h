/* permutation.h -- a random order of [0, n) without a table: where number i goes.
 *
 * A function of (n, seed, stream) only, one-to-one; each call is O(1) in time and memory. */
#ifndef BASE_PERMUTATION_H
#define BASE_PERMUTATION_H

#include <stdint.h>

enum { PERMUTATION_ROUNDS = 8 };

struct permutation {
    uint64_t n;
    unsigned bits; /* of the halves together: n <= 2^bits */
    uint64_t keys[PERMUTATION_ROUNDS];
};

/* n >= 1. Streams of one seed are independent of each other. */
void permutation_init(struct permutation *p, uint64_t n, uint64_t seed, uint64_t stream);

/* The place in [0, n) of i in [0, n). */
uint64_t permutation_at(const struct permutation *p, uint64_t i);

#endif
