/* dropout.c -- 16 Philox blocks at a time, so that all that is done to them is done to whole vectors.
 *
 * The 128 draws of a group of 16 blocks are numbered word by word: feature
 * (2 word + half) * 16 + block of the group is that half of that word of that block. */
#include "ops/dropout.h"

#include <string.h>

#include "ops/clones.h"
#include "ops/vector.h"

enum { BLOCKS = 2 * PHILOX_BLOCKS, WORDS = 4, GROUP = 2 * WORDS * BLOCKS };

void dropout_init(struct dropout *d, double probability, uint64_t seed, uint64_t step)
{
    const uint32_t counter[4] = {(uint32_t)step, (uint32_t)(step >> 32), 0, 0};
    uint32_t words[4];
    uint32_t threshold = (uint32_t)(probability * 65536 + 0.5);

    if (threshold > 65535)
        threshold = 65535;
    philox_block(words, counter, seed);
    d->key = (uint64_t)words[1] << 32 | words[0];
    d->philox = philox_choose();
    d->threshold = threshold;
    d->scale = 65536.0f / (float)(65536 - threshold);
}

static inline void keep_halves(float keep[2 * BLOCKS], const uint32_t draws[BLOCKS],
                               uint32_t threshold, float scale)
{
    for (int i = 0; i < BLOCKS; i++) {
        keep[i] = (draws[i] & 0xffff) < threshold ? 0.0f : scale;
        keep[i + BLOCKS] = (draws[i] >> 16) < threshold ? 0.0f : scale;
    }
}

/* words (BLOCKS, WORDS) -> keep (WORDS, 2, BLOCKS) */
OPS_CLONES static void keep_group(float keep[GROUP], const uint32_t words[BLOCKS * WORDS],
                                  uint32_t threshold, float scale)
{
    uint32_t turned[WORDS][BLOCKS];

    for (size_t i = 0; i < BLOCKS; i++) {
        turned[0][i] = words[i * WORDS];
        turned[1][i] = words[i * WORDS + 1];
        turned[2][i] = words[i * WORDS + 2];
        turned[3][i] = words[i * WORDS + 3];
    }
    for (size_t word = 0; word < WORDS; word++)
        keep_halves(keep + word * 2 * BLOCKS, turned[word], threshold, scale);
}

/* Blocks have the counters (first + i, site, token). */
static void draw_group(float keep[GROUP], uint32_t first, const struct dropout *d, uint32_t site,
                       uint64_t token)
{
    const uint32_t low = (uint32_t)token, high = (uint32_t)(token >> 32);
    uint32_t words[2 * PHILOX_WORDS];

    d->philox(words, (const uint32_t[]){first, site, low, high}, d->key);
    d->philox(words + PHILOX_WORDS, (const uint32_t[]){first + PHILOX_BLOCKS, site, low, high},
              d->key);
    keep_group(keep, words, d->threshold, d->scale);
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
