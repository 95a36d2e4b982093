/* rng.h -- one interface, two generators of random numbers.
 *
 *   counter   a pure function of (seed, stream, index): results do not depend on threads or ranks.
 *             Philox4x32-10, key = seed, counter = (draw, stream, index)
 *   python    MT19937 driven as CPython's `random` module drives it, bit for bit
 *
 * Everything above the 32-bit draw (reals, ranges, shuffles) is CPython's way for both, but where most of
 * what CPython draws would go unused: coins, and shuffles of which only the beginning is wanted. */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/philox.h"

enum { RNG_MT_WORDS = 624 };

struct rng {
    enum { RNG_COUNTER, RNG_PYTHON } kind;
    /* counter */
    uint64_t seed;
    philox_fn philox;
    uint32_t counter[4];          /* of the next block: number, stream, index low, index high */
    uint32_t ready[PHILOX_WORDS]; /* draws made together */
    unsigned n_used;              /* of them already handed out */
    uint32_t coins;               /* bits of a draw for rng_coin(), the next one lowest */
    unsigned n_coins;
    /* python */
    uint32_t state[RNG_MT_WORDS];
    unsigned at;
};

/* The generator of one thing: e.g. stream = purpose, index = document. Costs no set-up. */
void rng_at(struct rng *r, uint64_t seed, uint32_t stream, uint64_t index);

/* random.Random(seed) of CPython 3. */
void rng_python(struct rng *r, uint64_t seed);

uint32_t rng_u32(struct rng *r);                            /* getrandbits(32) */
double rng_real(struct rng *r);                             /* random(): [0, 1), 53 bits */
uint64_t rng_below(struct rng *r, uint64_t n);              /* _randbelow(n), n >= 1 */
int64_t rng_between(struct rng *r, int64_t lo, int64_t hi); /* randint(lo, hi), both included */
bool rng_coin(struct rng *r); /* random() < 0.5; the counter has 32 of them in one draw */

/* shuffle() of n int32 or n size_t, CPython's order of draws. */
void rng_shuffle(struct rng *r, int32_t *items, size_t n);
void rng_shuffle_sizes(struct rng *r, size_t *items, size_t n);

/* A shuffle of n items of which only the first are wanted: begin, then ask for item 0, 1, ... CPython's
 * order of draws is shuffle()'s, all at the beginning; the counter draws once for each item asked for. */
void rng_shuffle_begin(struct rng *r, int32_t *items, size_t n);
int32_t rng_shuffle_item(struct rng *r, int32_t *items, size_t n, size_t i);

#endif
