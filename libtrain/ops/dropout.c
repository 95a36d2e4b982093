/* dropout.c -- 16 Philox blocks side by side, so that the rounds are vector instructions.
 *
 * The 128 draws of a group of 16 blocks are numbered so that no lane has to move: feature
 * (2 word + half) * 16 + block of the group is that half of that word of that block. */
#include "ops/dropout.h"

#include <string.h>

#include "base/rng.h"
#include "ops/clones.h"
#include "ops/vector.h"

enum { BLOCKS = 16, GROUP = 8 * BLOCKS, ROUNDS = 10 };

/* Salmon et al., SC'11 */
#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u
#define PHILOX_W1 0xBB67AE85u

void dropout_init(struct dropout *d, double probability, uint64_t seed, uint64_t step)
{
    const uint32_t counter[4] = {(uint32_t)step, (uint32_t)(step >> 32), 0, 0};
    uint32_t words[4];
    uint32_t threshold = (uint32_t)(probability * 65536 + 0.5);

    if (threshold > 65535)
        threshold = 65535;
    philox_block(words, counter, seed);
    d->key = (uint64_t)words[1] << 32 | words[0];
    d->threshold = threshold;
    d->scale = 65536.0f / (float)(65536 - threshold);
}

/* The words of BLOCKS blocks: counter (first + i, site, token), key. */
static inline void philox_blocks(uint32_t w0[BLOCKS], uint32_t w1[BLOCKS], uint32_t w2[BLOCKS],
                                 uint32_t w3[BLOCKS], uint32_t first, uint32_t site, uint64_t token,
                                 uint64_t key)
{
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);

    for (uint32_t i = 0; i < BLOCKS; i++) {
        w0[i] = first + i;
        w1[i] = site;
        w2[i] = (uint32_t)token;
        w3[i] = (uint32_t)(token >> 32);
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (uint32_t i = 0; i < BLOCKS; i++) {
            const uint64_t p0 = (uint64_t)PHILOX_M0 * w0[i];
            const uint64_t p1 = (uint64_t)PHILOX_M1 * w2[i];

            w0[i] = (uint32_t)(p1 >> 32) ^ w1[i] ^ k0;
            w2[i] = (uint32_t)(p0 >> 32) ^ w3[i] ^ k1;
            w1[i] = (uint32_t)p1;
            w3[i] = (uint32_t)p0;
        }
        k0 += PHILOX_W0;
        k1 += PHILOX_W1;
    }
}

static inline void keep_halves(float *keep, const uint32_t words[BLOCKS], uint32_t threshold,
                               float scale)
{
    for (int i = 0; i < BLOCKS; i++) {
        keep[i] = (words[i] & 0xffff) < threshold ? 0.0f : scale;
        keep[i + BLOCKS] = (words[i] >> 16) < threshold ? 0.0f : scale;
    }
}

OPS_CLONES static void draw_group(float keep[GROUP], uint32_t first, const struct dropout *d,
                                  uint32_t site, uint64_t token)
{
    uint32_t w0[BLOCKS], w1[BLOCKS], w2[BLOCKS], w3[BLOCKS];

    philox_blocks(w0, w1, w2, w3, first, site, token, d->key);
    keep_halves(keep, w0, d->threshold, d->scale);
    keep_halves(keep + 2 * BLOCKS, w1, d->threshold, d->scale);
    keep_halves(keep + 4 * BLOCKS, w2, d->threshold, d->scale);
    keep_halves(keep + 6 * BLOCKS, w3, d->threshold, d->scale);
}

void dropout_draw(float *keep, size_t n, const struct dropout *d, uint32_t site, uint64_t token)
{
    float last[GROUP];

    for (size_t at = 0; at < n; at += GROUP) {
        const uint32_t first = (uint32_t)(at / GROUP * BLOCKS);

        if (n - at >= GROUP) {
            draw_group(keep + at, first, d, site, token);
        } else {
            draw_group(last, first, d, site, token);
            memcpy(keep + at, last, (n - at) * sizeof *keep);
        }
    }
}

void dropout_rows(float *y, const float *x, size_t n_rows, size_t n, const struct dropout *d,
                  uint32_t site, uint64_t token)
{
    float keep[GROUP];

    if (d->threshold == 0) {
        if (y != x)
            memcpy(y, x, n_rows * n * sizeof *y);
        return;
    }
    for (size_t row = 0; row < n_rows; row++) {
        for (size_t at = 0; at < n; at += GROUP) {
            const size_t len = n - at < GROUP ? n - at : GROUP;
            const size_t i = row * n + at;

            draw_group(keep, (uint32_t)(at / GROUP * BLOCKS), d, site, token + row);
            vector_multiply(y + i, x + i, keep, len);
        }
    }
}

OPS_CLONES static void multiply_add(float *y, const float *x, const float *by,
                                    const float *residual, size_t n)
{
    for (size_t i = 0; i < n; i++)
        y[i] = residual[i] + x[i] * by[i];
}

void dropout_add_rows(float *y, const float *x, const float *residual, size_t n_rows, size_t n,
                      const struct dropout *d, uint32_t site, uint64_t token)
{
    float keep[GROUP];

    if (d->threshold == 0) {
        const float *other = y == x ? residual : x;

        if (y != x && y != residual)
            memcpy(y, residual, n_rows * n * sizeof *y);
        vector_add(y, other, n_rows * n);
        return;
    }
    for (size_t row = 0; row < n_rows; row++) {
        for (size_t at = 0; at < n; at += GROUP) {
            const size_t len = n - at < GROUP ? n - at : GROUP;
            const size_t i = row * n + at;

            draw_group(keep, (uint32_t)(at / GROUP * BLOCKS), d, site, token + row);
            multiply_add(y + i, x + i, keep, residual + i, len);
        }
    }
}
