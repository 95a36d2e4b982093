/* rng.c -- Philox and MT19937, with CPython's use of 32-bit draws on top of both.
 *
 * Sources: Matsumoto and Nishimura, "Mersenne Twister" (1998); CPython 3.11 Lib/random.py for the
 * order of draws. */
#include "base/rng.h"

enum { MT_SHIFT = 397 };

void rng_at(struct rng *r, uint64_t seed, uint32_t stream, uint64_t index)
{
    r->kind = RNG_COUNTER;
    r->seed = seed;
    r->philox = philox_choose();
    r->counter[0] = 0;
    r->counter[1] = stream;
    r->counter[2] = (uint32_t)index;
    r->counter[3] = (uint32_t)(index >> 32);
    r->n_used = PHILOX_WORDS;
    r->n_coins = 0;
}

static inline uint32_t philox_u32(struct rng *r)
{
    if (r->n_used == PHILOX_WORDS) {
        r->philox(r->ready, r->counter, r->seed);
        r->counter[0] += PHILOX_BLOCKS;
        r->n_used = 0;
    }
    return r->ready[r->n_used++];
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

static inline uint32_t draw(struct rng *r)
{
    return r->kind == RNG_PYTHON ? mt_u32(r) : philox_u32(r);
}

uint32_t rng_u32(struct rng *r)
{
    return draw(r);
}

double rng_real(struct rng *r)
{
    const uint32_t a = draw(r) >> 5;
    const uint32_t b = draw(r) >> 6;

    return (a * 67108864.0 + b) * (1.0 / 9007199254740992.0);
}

/* getrandbits(k), 1 <= k <= 64: the low word is drawn first. */
static inline uint64_t random_bits(struct rng *r, int k)
{
    uint64_t low;

    if (k <= 32)
        return draw(r) >> (32 - k);
    low = draw(r);
    return low | (uint64_t)(draw(r) >> (64 - k)) << 32;
}

static int bit_length(uint64_t n)
{
    return n ? 64 - __builtin_clzll(n) : 0;
}

static inline uint64_t draw_below(struct rng *r, uint64_t n)
{
    /* CPython's k is the bit length of n itself, so even n == 1 consumes draws. */
    const int k = bit_length(n);
    uint64_t x = random_bits(r, k);

    while (x >= n)
        x = random_bits(r, k);
    return x;
}

uint64_t rng_below(struct rng *r, uint64_t n)
{
    return draw_below(r, n);
}

int64_t rng_between(struct rng *r, int64_t lo, int64_t hi)
{
    return lo + (int64_t)rng_below(r, (uint64_t)(hi - lo) + 1);
}

bool rng_coin(struct rng *r)
{
    bool coin;

    if (r->kind == RNG_PYTHON)
        return rng_real(r) < 0.5;
    if (r->n_coins == 0) {
        r->coins = philox_u32(r);
        r->n_coins = 32;
    }
    coin = r->coins & 1;
    r->coins >>= 1;
    r->n_coins--;
    return coin;
}

/* As a plain loop over draw_below() would, but a draw that is too large swaps an item with itself
 * instead of being a branch, which would be foreseen half the time. */
void rng_shuffle(struct rng *r, int32_t *items, size_t n)
{
    size_t i = n ? n - 1 : 0;

    while (i > 0) {
        const int k = 64 - __builtin_clzll(i + 1);
        const size_t last = ((size_t)1 << (k - 1)) - 1; /* that needs as many bits */

        while (i >= last) {
            const size_t j = (size_t)random_bits(r, k);
            const bool fits = j <= i;
            const size_t to = fits ? j : i;
            const int32_t kept = items[i];

            items[i] = items[to];
            items[to] = kept;
            i -= fits;
        }
    }
}

void rng_shuffle_sizes(struct rng *r, size_t *items, size_t n)
{
    for (size_t i = n; i-- > 1;) {
        const size_t j = (size_t)draw_below(r, i + 1);
        const size_t kept = items[i];

        items[i] = items[j];
        items[j] = kept;
    }
}

void rng_shuffle_begin(struct rng *r, int32_t *items, size_t n)
{
    if (r->kind == RNG_PYTHON)
        rng_shuffle(r, items, n);
}

int32_t rng_shuffle_item(struct rng *r, int32_t *items, size_t n, size_t i)
{
    const int32_t kept = items[i];
    size_t from;

    if (r->kind == RNG_PYTHON)
        return kept;
    from = i + (size_t)draw_below(r, n - i);
    items[i] = items[from];
    items[from] = kept;
    return items[i];
}
