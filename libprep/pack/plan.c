/* plan.c -- patterns in one order, and only with slots that a sequence fills. */
#include "pack/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void plan_init(struct plan *p, size_t seq_length, size_t max_sequences)
{
    *p = (struct plan){.seq_length = seq_length, .max_sequences = max_sequences};
}

int32_t *plan_add(struct plan *p, size_t n_slots, uint64_t count)
{
    struct pattern *t;

    assert(n_slots > 0 && count > 0);
    if (p->n_patterns == p->cap) {
        p->cap = mem_grow(p->cap, p->n_patterns + 1);
        p->patterns = mem_resize(p->patterns, p->cap, sizeof *p->patterns);
    }
    t = &p->patterns[p->n_patterns++];
    *t = (struct pattern){
        .slots = mem_array(n_slots, sizeof *t->slots), .n_slots = n_slots, .count = count};
    return t->slots;
}

void plan_join(struct plan *to, const struct plan *from)
{
    for (size_t i = 0; i < from->n_patterns; i++) {
        const struct pattern *t = &from->patterns[i];

        memcpy(plan_add(to, t->n_slots, t->count), t->slots, t->n_slots * sizeof *t->slots);
    }
}

/* ---- the end of planning ---- */

static void count_slots(uint64_t *slots, const struct plan *p)
{
    for (size_t i = 0; i < p->n_patterns; i++)
        for (size_t k = 0; k < p->patterns[i].n_slots; k++)
            slots[p->patterns[i].slots[k]] += p->patterns[i].count;
}

/* Takes slot number k out of `count` packs of a pattern, which may be all; those that still have it
 * stay, the others become a pattern of their own at the end, unless they are empty. */
static void take_slot(struct plan *p, size_t i, size_t k, uint64_t count)
{
    const size_t n_left = p->patterns[i].n_slots - 1;

    p->patterns[i].count -= count;
    if (n_left) {
        int32_t *to = plan_add(p, n_left, count);
        const int32_t *from = p->patterns[i].slots;

        memcpy(to, from, k * sizeof *to);
        memcpy(to + k, from + k + 1, (n_left - k) * sizeof *to);
    }
}

/* Slots over the number of sequences are taken out, the shortest first: as sequences go to slots in
 * order of length, these would stay empty. */
static void trim(struct plan *p, const struct histogram *h)
{
    uint64_t *slots = mem_array(p->seq_length + 1, sizeof *slots);
    uint64_t surplus = 0;

    count_slots(slots, p);
    for (size_t len = 1; len <= p->seq_length; len++)
        surplus += slots[len];
    assert(surplus >= h->n_sequences);
    surplus -= h->n_sequences;
    for (size_t len = 1; surplus; len++) {
        uint64_t here = slots[len] < surplus ? slots[len] : surplus;

        surplus -= here;
        /* Patterns that come to the end of the list are looked at in turn. */
        for (size_t i = 0; here; i++)
            for (size_t k = 0; k < p->patterns[i].n_slots; k++)
                if (p->patterns[i].slots[k] == (int32_t)len && p->patterns[i].count) {
                    const uint64_t count =
                        p->patterns[i].count < here ? p->patterns[i].count : here;

                    take_slot(p, i, k, count);
                    here -= count;
                    break;
                }
    }
    free(slots);
}

static int compare_slots(const void *a, const void *b)
{
    const struct pattern *x = a;
    const struct pattern *y = b;
    const size_t n = x->n_slots < y->n_slots ? x->n_slots : y->n_slots;

    for (size_t i = 0; i < n; i++)
        if (x->slots[i] != y->slots[i])
            return x->slots[i] > y->slots[i] ? -1 : 1;
    return (x->n_slots > y->n_slots) - (x->n_slots < y->n_slots);
}

static int compare_patterns(const void *a, const void *b)
{
    const struct pattern *x = a;
    const struct pattern *y = b;

    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return compare_slots(a, b);
}

/* Equal patterns become one. */
static void merge(struct plan *p)
{
    size_t n = 0;

    qsort(p->patterns, p->n_patterns, sizeof *p->patterns, compare_slots);
    for (size_t i = 0; i < p->n_patterns; i++) {
        struct pattern *t = &p->patterns[i];

        if (t->count && n && compare_slots(&p->patterns[n - 1], t) == 0) {
            p->patterns[n - 1].count += t->count;
            t->count = 0;
        }
        if (t->count)
            p->patterns[n++] = *t;
        else
            free(t->slots);
    }
    p->n_patterns = n;
}

void plan_finish(struct plan *p, const struct histogram *h)
{
    p->n_packs = 0;
    p->longest = 0;
    if (p->n_patterns == 0)
        return;
    trim(p, h);
    merge(p);
    qsort(p->patterns, p->n_patterns, sizeof *p->patterns, compare_patterns);
    for (size_t i = 0; i < p->n_patterns; i++) {
        p->n_packs += p->patterns[i].count;
        if (p->patterns[i].n_slots > p->longest)
            p->longest = p->patterns[i].n_slots;
    }
}

void plan_cover(struct histogram *left, const int32_t *slots, size_t n_slots, uint64_t count)
{
    for (size_t k = 0; k < n_slots; k++) {
        uint64_t free_slots = count;

        for (size_t len = (size_t)slots[k]; len > 0 && free_slots; len--) {
            const uint64_t n = left->counts[len] < free_slots ? left->counts[len] : free_slots;

            left->counts[len] -= n;
            left->n_sequences -= n;
            left->n_tokens -= n * len;
            free_slots -= n;
        }
    }
}

/* ---- bounds ---- */

static uint64_t divide_up(uint64_t a, uint64_t b)
{
    assert(b > 0);
    return a / b + (a % b != 0);
}

/* L2 (Martello and Toth, "Knapsack Problems", 1990, 8.3.2): for every `small` <= T/2, the sequences
 * over T - small fill packs of their own as far as those of at least `small` are concerned, and so
 * do the other ones over T/2 among each other; the rest has to go into the room the latter leave. */
static uint64_t martello_toth(const struct histogram *h, size_t T)
{
    uint64_t alone = 0; /* sequences over T - small */
    uint64_t halves = 0,
             half_room = 0; /* those over T/2 up to T - small, and the room they leave */
    uint64_t rest = 0;      /* tokens of those from small to T/2 */
    uint64_t best = 0;

    for (size_t len = 1; len <= h->max_len; len++) {
        if (2 * len > T) {
            halves += h->counts[len];
            half_room += h->counts[len] * (T - len);
        } else {
            rest += h->counts[len] * len;
        }
    }
    for (size_t small = 0; 2 * small <= T; small++) {
        const uint64_t more = rest > half_room ? divide_up(rest - half_room, T) : 0;
        const size_t len = T - small; /* over T - small from the next round on */

        if (alone + halves + more > best)
            best = alone + halves + more;
        if (small <= h->max_len)
            rest -= h->counts[small] * small;
        if (2 * len > T && len <= h->max_len) {
            alone += h->counts[len];
            halves -= h->counts[len];
            half_room -= h->counts[len] * small;
        }
    }
    return best;
}

uint64_t plan_lower_bound(const struct histogram *h, size_t seq_length, size_t max_sequences)
{
    uint64_t bound = martello_toth(h, seq_length);
    const uint64_t by_tokens = divide_up(h->n_tokens, seq_length);
    const uint64_t by_number = max_sequences ? divide_up(h->n_sequences, max_sequences) : 0;

    bound = by_tokens > bound ? by_tokens : bound;
    return by_number > bound ? by_number : bound;
}

void plan_release(struct plan *p)
{
    for (size_t i = 0; i < p->n_patterns; i++)
        free(p->patterns[i].slots);
    free(p->patterns);
    *p = (struct plan){0};
}
