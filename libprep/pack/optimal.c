/* optimal.c -- whole packs out of fractions: take the whole ones, solve for what is left, again.
 *
 * A solution has at most as many patterns as there are lengths, so what is left after rounding down
 * is a few hundred packs of millions. In that rest no pattern is used as often as once: those nearest
 * to it are taken, and the linear program of what then remains says what goes with them ("diving").
 * After every step best-fit packs the rest as well; the best of all plans on the way is kept, and the
 * first one that meets the bound ends the search. */
#include "pack/optimal.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "pack/best_fit.h"
#include "pack/cover.h"

enum { MAX_SLOTS = 64 };

/* In cover_solve()'s steps: ten times what the hardest of the published histograms takes, some
 * seconds. A count and not a clock, so that a plan does not depend on the machine. */
#define MAX_WORK (INT64_C(48) << 30)
#define MAX_BOUND_WORK (INT64_C(8) << 30)

static const double nearly_whole = 1e-3; /* rounding of the linear program, and its trifles */
static const double near_enough = 0.6;   /* of a pack, to be taken as one where none is whole */

/* The whole packs of a solution; where there are none, those nearest to one. */
static void take_whole(struct plan *taken, struct histogram *left, const struct cover *c)
{
    double level = 1 - nearly_whole;
    double highest = 0;

    for (size_t i = 0; i < c->n_parts; i++)
        highest = c->parts[i].packs > highest ? c->parts[i].packs : highest;
    if (highest < level)
        level = highest < near_enough ? highest : near_enough;
    for (size_t i = 0; i < c->n_parts; i++) {
        const struct cover_part *part = &c->parts[i];
        uint64_t count = (uint64_t)floor(part->packs + nearly_whole);

        if (part->packs < level)
            continue;
        count = count ? count : 1;
        memcpy(plan_add(taken, part->n_slots, count), part->slots,
               part->n_slots * sizeof *part->slots);
        plan_cover(left, part->slots, part->n_slots, count);
    }
}

/* The packs taken so far and best-fit for the rest; it replaces *best if it is better. */
static void try_rest(struct plan *best, const struct plan *taken, const struct histogram *left,
                     const struct histogram *h)
{
    struct plan rest;
    struct plan all;

    best_fit_plan(&rest, left, best->seq_length, best->max_sequences);
    plan_init(&all, best->seq_length, best->max_sequences);
    plan_join(&all, taken);
    plan_join(&all, &rest);
    plan_finish(&all, h);
    all.lower_bound = best->lower_bound;
    if (all.n_packs < best->n_packs) {
        plan_release(best);
        *best = all;
    } else {
        plan_release(&all);
    }
    plan_release(&rest);
}

/* The knapsack has a level a slot. Nearly no pattern has more slots than this, so that a higher limit
 * is first taken for none: the bound holds for it as well. */
static size_t slots_to_solve_for(size_t max_sequences)
{
    return max_sequences > MAX_SLOTS ? 0 : max_sequences;
}

static void solve(struct plan *p, const struct histogram *h)
{
    struct histogram left;
    struct plan taken;
    int64_t work = MAX_WORK;

    histogram_copy(&left, h);
    plan_init(&taken, p->seq_length, p->max_sequences);
    for (int step = 0; work > 0 && left.n_sequences && p->n_packs > p->lower_bound; step++) {
        struct cover c;

        cover_solve(&c, &work, &left, p->seq_length, p->max_sequences);
        if (step == 0 && c.lower_bound > p->lower_bound)
            p->lower_bound = c.lower_bound;
        take_whole(&taken, &left, &c);
        cover_release(&c);
        try_rest(p, &taken, &left, h);
    }
    plan_release(&taken);
    histogram_release(&left);
}

void optimal_plan(struct plan *p, const struct histogram *h, size_t seq_length,
                  size_t max_sequences)
{
    const size_t slots = slots_to_solve_for(max_sequences);

    best_fit_plan(p, h, seq_length, slots);
    p->lower_bound = plan_lower_bound(h, seq_length, max_sequences);
    solve(p, h);
    p->max_sequences = max_sequences;
    if (max_sequences && p->longest > max_sequences) {
        const uint64_t bound = p->lower_bound;

        plan_release(p);
        best_fit_plan(p, h, seq_length, max_sequences);
        p->lower_bound = bound;
    }
}

uint64_t optimal_bound(const struct histogram *h, size_t seq_length, size_t max_sequences)
{
    const uint64_t simple = plan_lower_bound(h, seq_length, max_sequences);
    int64_t work = MAX_BOUND_WORK;
    struct cover c;
    uint64_t bound;

    cover_solve(&c, &work, h, seq_length, slots_to_solve_for(max_sequences));
    bound = c.lower_bound;
    cover_release(&c);
    return bound > simple ? bound : simple;
}
