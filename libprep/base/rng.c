/* rng.c -- Philox4x32-10 and MT19937, with CPython's use of 32-bit draws on top of both.
 *
 * Sources: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC'11); Matsumoto and
 * Nishimura, "Mersenne Twister" (1998); CPython 3.11 Lib/random.py for the order of draws. */
#include "base/rng.h"

enum { MT_SHIFT = 397, PHILOX_ROUNDS = 10 };

void rng_philox(uint32_t out[4], const uint32_t counter[4], uint64_t key)
{
    uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);

    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        const uint64_t p0 = (uint64_t)0xD2511F53u * x0;
        const uint64_t p1 = (uint64_t)0xCD9E8D57u * x2;

        x0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0;
        x1 = (uint32_t)p1;
        x2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
        x3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

void rng_at(struct rng *r, uint64_t seed, uint32_t stream, uint64_t index)
{
    r->kind = RNG_COUNTER;
    r->seed = seed;
    r->counter[0] = 0;
    r->counter[1] = stream;
    r->counter[2] = (uint32_t)index;
    r->counter[3] = (uint32_t)(index >> 32);
    r->n_used = 4;
}

static uint32_t philox_u32(struct rng *r)
{
    if (r->n_used == 4) {
        rng_philox(r->block, r->counter, r->seed);
        r->counter[0]++;
        r->n_used = 0;
    }
    return r->block[r->n_used++];
}

static void mt_seed_word(uint32_t *state, uint32_t word)
{
    state[0] = word;
    for (uint32_t i = 1; i < RNG_MT_WORDS; i++)
        state[i] = 1812433253u * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
}

/* init_by_array of the reference code, with the seed's 32-bit words as CPython passes them. */
void rng_python(struct rng *r, uint64_t seed)
{
    const uint32_t words[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t n_words = words[1] ? 2 : 1;
    uint32_t *state = r->state;
    uint32_t i = 1, j = 0;

    r->kind = RNG_PYTHON;
    r->at = RNG_MT_WORDS;
    mt_seed_word(state, 19650218u);
    for (int k = RNG_MT_WORDS; k > 0; k--) {
        state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) * 1664525u)) + words[j] + j;
        if (++i == RNG_MT_WORDS) {
            state[0] = state[RNG_MT_WORDS - 1];
            i = 1;
        }
        if (++j == n_words)
            j = 0;
    }
    for (int k = RNG_MT_WORDS - 1; k > 0; k--) {
        state[i] = (state[i] ^ ((state[i - 1] ^ (state[i - 1] >> 30)) * 1566083941u)) - i;
        if (++i == RNG_MT_WORDS) {
            state[0] = state[RNG_MT_WORDS - 1];
            i = 1;
        }
    }
    state[0] = 0x80000000u;
}

static void mt_refill(uint32_t *state)
{
    for (unsigned i = 0; i < RNG_MT_WORDS; i++) {
        const uint32_t next = state[(i + 1) % RNG_MT_WORDS];
        const uint32_t y = (state[i] & 0x80000000u) | (next & 0x7fffffffu);

        state[i] = state[(i + MT_SHIFT) % RNG_MT_WORDS] ^ (y >> 1) ^ ((y & 1) ? 0x9908b0dfu : 0);
    }
}

static uint32_t mt_u32(struct rng *r)
{
    uint32_t y;

    if (r->at == RNG_MT_WORDS) {
        mt_refill(r->state);
        r->at = 0;
    }
    y = r->state[r->at++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

uint32_t rng_u32(struct rng *r)
{
    return r->kind == RNG_PYTHON ? mt_u32(r) : philox_u32(r);
}

double rng_real(struct rng *r)
{
    const uint32_t a = rng_u32(r) >> 5;
    const uint32_t b = rng_u32(r) >> 6;

    return (a * 67108864.0 + b) * (1.0 / 9007199254740992.0);
}

/* getrandbits(k), 1 <= k <= 64: the low word is drawn first. */
static uint64_t random_bits(struct rng *r, int k)
{
    uint64_t low;

    if (k <= 32)
        return rng_u32(r) >> (32 - k);
    low = rng_u32(r);
    return low | (uint64_t)(rng_u32(r) >> (64 - k)) << 32;
}

static int bit_length(uint64_t n)
{
    return n ? 64 - __builtin_clzll(n) : 0;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    /* CPython's k is the bit length of n itself, so even n == 1 consumes draws. */
    const int k = bit_length(n);
    uint64_t x = random_bits(r, k);

    while (x >= n)
        x = random_bits(r, k);
    return x;
}

int64_t rng_between(struct rng *r, int64_t lo, int64_t hi)
{
    return lo + (int64_t)rng_below(r, (uint64_t)(hi - lo) + 1);
}

void rng_shuffle(struct rng *r, int32_t *items, size_t n)
{
    for (size_t i = n; i-- > 1;) {
        const size_t j = (size_t)rng_below(r, i + 1);
        const int32_t kept = items[i];

        items[i] = items[j];
        items[j] = kept;
    }
}

void rng_shuffle_sizes(struct rng *r, size_t *items, size_t n)
{
    for (size_t i = n; i-- > 1;) {
        const size_t j = (size_t)rng_below(r, i + 1);
        const size_t kept = items[i];

        items[i] = items[j];
        items[j] = kept;
    }
}
