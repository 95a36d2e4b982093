/* assignment.c -- sequences and slots both stand in order of falling length; the i-th sequence goes to
 * the i-th slot, which is at least as long because the plan covers the histogram. */
#include "pack/assignment.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

struct slot_run {
    int32_t len;
    uint64_t first_slot; /* number of its first slot in the order of all */
    uint64_t first_pack; /* number of its pattern's first pack */
    uint64_t count;
};

/* Purposes of random numbers; lengths have the streams from STREAM_LENGTHS on. */
enum { STREAM_PACKS, STREAM_LENGTHS };

static int compare_runs(const void *a, const void *b)
{
    const struct slot_run *x = a;
    const struct slot_run *y = b;

    if (x->len != y->len)
        return x->len > y->len ? -1 : 1;
    if (x->first_pack != y->first_pack)
        return x->first_pack < y->first_pack ? -1 : 1;
    return 0; /* two equal slots of one pattern: which is which does not matter */
}

static void make_runs(struct assignment *a, const struct plan *plan)
{
    uint64_t first_pack = 0;
    uint64_t first_slot = 0;

    for (size_t i = 0; i < plan->n_patterns; i++)
        a->n_runs += plan->patterns[i].n_slots;
    a->runs = mem_array(a->n_runs, sizeof *a->runs);
    a->n_runs = 0;
    for (size_t i = 0; i < plan->n_patterns; i++) {
        const struct pattern *p = &plan->patterns[i];

        for (size_t k = 0; k < p->n_slots; k++)
            a->runs[a->n_runs++] =
                (struct slot_run){.len = p->slots[k], .first_pack = first_pack, .count = p->count};
        first_pack += p->count;
    }
    qsort(a->runs, a->n_runs, sizeof *a->runs, compare_runs);
    for (size_t i = 0; i < a->n_runs; i++) {
        a->runs[i].first_slot = first_slot;
        first_slot += a->runs[i].count;
    }
}

void assignment_init(struct assignment *a, const struct plan *plan, const struct histogram *h,
                     uint64_t seed)
{
    uint64_t n_longer = 0;

    assert(h->n_sequences > 0);
    *a = (struct assignment){.histogram = h,
                             .order = mem_array(h->max_len + 1, sizeof *a->order),
                             .n_longer = mem_array(h->max_len + 1, sizeof *a->n_longer),
                             .n_placed = mem_array(h->max_len + 1, sizeof *a->n_placed)};
    for (size_t len = h->max_len; len > 0; len--) {
        a->n_longer[len] = n_longer;
        n_longer += h->counts[len];
        if (h->counts[len])
            permutation_init(&a->order[len], h->counts[len], seed, STREAM_LENGTHS + len);
    }
    make_runs(a, plan);
    permutation_init(&a->pack_order, plan->n_packs, seed, STREAM_PACKS);
    a->key_shift = 63;
    while (a->key_shift && (plan->n_packs - 1) >> (64 - a->key_shift))
        a->key_shift--;
}

/* The run that slot number `slot` belongs to. */
static const struct slot_run *find_run(const struct assignment *a, uint64_t slot)
{
    size_t lo = 0;
    size_t hi = a->n_runs;

    while (hi - lo > 1) {
        const size_t middle = lo + (hi - lo) / 2;

        if (a->runs[middle].first_slot <= slot)
            lo = middle;
        else
            hi = middle;
    }
    return &a->runs[lo];
}

int assignment_next(uint64_t *key, struct assignment *a, size_t len, struct err *err)
{
    const struct slot_run *run;
    uint64_t slot;

    if (len > a->histogram->max_len || a->n_placed[len] >= a->histogram->counts[len])
        return err_set(err, ERR_FORMAT, "more sequences of length %zu than before: has it changed?",
                       len);
    slot = a->n_longer[len] + permutation_at(&a->order[len], a->n_placed[len]++);
    run = find_run(a, slot);
    assert(run->len >= (int32_t)len && slot - run->first_slot < run->count);
    *key = permutation_at(&a->pack_order, run->first_pack + (slot - run->first_slot))
           << a->key_shift;
    return 0;
}

uint64_t assignment_pack(const struct assignment *a, uint64_t key)
{
    return key >> a->key_shift;
}

void assignment_release(struct assignment *a)
{
    free(a->order);
    free(a->n_longer);
    free(a->n_placed);
    free(a->runs);
    *a = (struct assignment){0};
}
