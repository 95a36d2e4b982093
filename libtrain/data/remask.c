/* remask.c -- the first places of a shuffle, in rising order. */
#include "data/remask.h"

#include <math.h>
#include <stdlib.h>

#include "base/rng.h"

/* No other purpose of the trainer draws with this stream and the same seed. */
enum { STREAM_REMASK = 0x72656d01 };

/* As the originals draw the fate of a token. */
static const double AS_MASK = 0.8;
static const double KEPT_OF_REST = 0.5;

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t remask_most(const struct remask *r, size_t n_tokens, size_t n_sequences)
{
    return smaller((size_t)(r->prob * (double)n_tokens) + n_sequences + 1, n_tokens);
}

/* A sequence ends in [SEP], and so does its first segment. */
static size_t list_places(int32_t *places, const struct sequence *s)
{
    size_t n = 0;

    for (size_t i = 1; i + 1 < s->n_ids; i++)
        if (i + 1 != s->n_first)
            places[n++] = (int32_t)i;
    return n;
}

static int compare_places(const void *a, const void *b)
{
    const int32_t x = *(const int32_t *)a;
    const int32_t y = *(const int32_t *)b;

    return (x > y) - (x < y);
}

static int32_t fate(int32_t id, const struct remask *r, struct rng *rng)
{
    if (rng_real(rng) < AS_MASK)
        return r->mask_id;
    if (rng_real(rng) < KEPT_OF_REST)
        return id;
    return (int32_t)rng_below(rng, (uint64_t)r->vocab_size);
}

size_t remask_sequence(int32_t *ids, int32_t *masked_at, int32_t *masked_ids, int32_t *places,
                       const struct sequence *s, const struct remask *r, uint64_t draw)
{
    const double wanted = fmax(rint((double)s->n_ids * r->prob), 1);
    const size_t n_places = list_places(places, s);
    const size_t n = smaller(smaller((size_t)wanted, r->most), n_places);
    struct rng rng;

    rng_at(&rng, r->seed, STREAM_REMASK, draw);
    for (size_t i = 0; i < s->n_ids; i++)
        ids[i] = s->ids[i];
    for (size_t i = 0; i < s->n_masked; i++)
        ids[s->masked_at[i]] = s->masked_ids[i];
    for (size_t i = 0; i < n; i++) {
        const size_t other = i + (size_t)rng_below(&rng, n_places - i);
        const int32_t place = places[other];

        places[other] = places[i];
        places[i] = place;
    }
    qsort(places, n, sizeof *places, compare_places);
    for (size_t i = 0; i < n; i++) {
        masked_at[i] = places[i];
        masked_ids[i] = ids[places[i]];
        ids[places[i]] = fate(masked_ids[i], r, &rng);
    }
    return n;
}
