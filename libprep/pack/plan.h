/* plan.h -- lengths -> patterns: which lengths share a pack, and how many packs are filled so.
 *
 *      histogram  5 x 512, 3 x 300, 6 x 100      T = 512, at most 3 a pack
 *      patterns   5 x [512], 3 x [300 100 100]
 *
 * A slot takes a sequence of its length or a shorter one. A plan covers the histogram: for every
 * length it has at least as many slots of that length or longer as there are such sequences. */
#ifndef PACK_PLAN_H
#define PACK_PLAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pack/histogram.h"

struct pattern {
    int32_t *slots; /* (n_slots) falling lengths, together at most T */
    size_t n_slots;
    uint64_t count; /* packs filled so */
};

struct plan {
    size_t seq_length;        /* T */
    size_t max_sequences;     /* slots a pattern may have, 0 = any number */
    struct pattern *patterns; /* (n_patterns) the most used first */
    size_t n_patterns;
    size_t cap;
    uint64_t n_packs;
    size_t longest;       /* slots of the longest pattern */
    uint64_t lower_bound; /* no plan has fewer packs */
};

void plan_init(struct plan *p, size_t seq_length, size_t max_sequences);

/* Adds a pattern; the caller fills its slots, falling. */
int32_t *plan_add(struct plan *p, size_t n_slots, uint64_t count);

/* Adds all patterns of another plan. */
void plan_join(struct plan *to, const struct plan *from);

/* After the last pattern of a plan that covers the histogram: slots that no sequence needs are taken
 * out, equal patterns become one, and they are sorted and counted. */
void plan_finish(struct plan *p, const struct histogram *h);

/* Takes out of *left the sequences that `count` packs with these slots hold: each slot the longest
 * that are left and fit. */
void plan_cover(struct histogram *left, const int32_t *slots, size_t n_slots, uint64_t count);

/* The largest of: tokens / T, sequences / max_sequences, and Martello and Toth's L2, which knows
 * that long sequences cannot share a pack (max_sequences 0 = any number). */
uint64_t plan_lower_bound(const struct histogram *h, size_t seq_length, size_t max_sequences);

void plan_release(struct plan *p);

#endif
