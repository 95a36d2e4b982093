/* best_fit.c -- bin packing on a histogram: equal packs are one group with a count, never single packs.
 *
 *      room 300: (12 packs [212]) (5 packs [112 100])      one stack of groups for each room left
 *      room 212: (3 packs [300])
 *
 * The c sequences of a length extend the first group of the smallest room that takes them; what is
 * left of c goes on to the next group, what is left of the group stays. Whether a pack takes several
 * sequences of the length at once is tried both ways: stacking is what best-fit does sequence by
 * sequence and is needed where there are short ones only; spreading leaves room for other lengths
 * and is better where packs may have few sequences. */
#include "pack/best_fit.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Some equal packs. Their lengths are this one's and those of the group it was made from. */
struct group {
    size_t parent; /* index + 1, 0 = none */
    size_t below;  /* the next group of the same room, index + 1 */
    size_t len;
    size_t copies; /* of len in a pack */
    size_t n_slots;
    uint64_t count;
};

struct packing {
    struct group *groups;
    size_t n_groups;
    size_t cap;
    size_t *top;    /* (T + 1) by room: the topmost open group, index + 1 */
    uint64_t *open; /* bit r: there is an open group with room r */
    size_t seq_length;
    size_t max_sequences;
    bool stack;
};

/* The smallest room >= len that a group has, 0 when there is none. */
static size_t find_room(const struct packing *k, size_t len)
{
    size_t word = len / 64;
    uint64_t bits = k->open[word] & (~UINT64_C(0) << len % 64);

    while (!bits && ++word <= k->seq_length / 64)
        bits = k->open[word];
    return bits ? word * 64 + (size_t)__builtin_ctzll(bits) : 0;
}

/* A new group: `count` packs of group `parent` extended by `copies` of len, with `room` left. */
static void push_group(struct packing *k, size_t parent, size_t len, size_t copies, uint64_t count,
                       size_t room)
{
    struct group g = {.parent = parent, .len = len, .copies = copies, .count = count};

    g.n_slots = copies + (parent ? k->groups[parent - 1].n_slots : 0);
    if (k->n_groups == k->cap) {
        k->cap = mem_grow(k->cap, k->n_groups + 1);
        k->groups = mem_resize(k->groups, k->cap, sizeof *k->groups);
    }
    if (room && g.n_slots != k->max_sequences) {
        g.below = k->top[room];
        k->top[room] = k->n_groups + 1;
        k->open[room / 64] |= UINT64_C(1) << room % 64;
    }
    k->groups[k->n_groups++] = g;
}

/* Takes n packs from the topmost group of a room. */
static void take_packs(struct packing *k, size_t room, uint64_t n)
{
    struct group *g = &k->groups[k->top[room] - 1];

    g->count -= n;
    if (g->count)
        return;
    k->top[room] = g->below;
    if (!k->top[room])
        k->open[room / 64] &= ~(UINT64_C(1) << room % 64);
}

/* How many of `count` sequences go into one pack with that room and n_slots already used. */
static size_t copies_for(const struct packing *k, size_t len, uint64_t count, size_t room,
                         size_t n_slots)
{
    size_t copies = k->stack ? room / len : 1;

    if (k->max_sequences && copies > k->max_sequences - n_slots)
        copies = k->max_sequences - n_slots;
    return copies < count ? copies : (size_t)count;
}

static void place_length(struct packing *k, size_t len, uint64_t count)
{
    assert(k->groups);
    while (count) {
        const size_t room = find_room(k, len);
        const size_t at = room ? k->top[room] : 0;
        const size_t space = room ? room : k->seq_length;
        const size_t n_slots = at ? k->groups[at - 1].n_slots : 0;
        const size_t copies = copies_for(k, len, count, space, n_slots);
        uint64_t n;

        assert(copies > 0);
        n = count / copies;
        if (room) {
            n = n < k->groups[at - 1].count ? n : k->groups[at - 1].count;
            take_packs(k, room, n);
        }
        count -= n * copies;
        push_group(k, at, len, copies, n, space - copies * len);
    }
}

/* What is left of every group is a pattern. */
static void collect(struct plan *p, const struct packing *k)
{
    for (size_t i = 0; i < k->n_groups; i++) {
        const struct group *g = &k->groups[i];
        const size_t n = g->n_slots;
        int32_t *slots;
        size_t at = n;

        if (!g->count)
            continue;
        slots = plan_add(p, n, g->count);
        for (; at > 0; g = &k->groups[g->parent - 1])
            for (size_t c = 0; c < g->copies; c++)
                slots[--at] = (int32_t)g->len;
    }
}

static void make_plan(struct plan *p, const struct histogram *h, size_t seq_length,
                      size_t max_sequences, bool stack)
{
    struct packing k = {.top = mem_array(seq_length + 1, sizeof *k.top),
                        .open = mem_array(seq_length / 64 + 1, sizeof *k.open),
                        .seq_length = seq_length,
                        .max_sequences = max_sequences,
                        .stack = stack,
                        .cap = seq_length};

    k.groups = mem_array(k.cap, sizeof *k.groups);
    plan_init(p, seq_length, max_sequences);
    for (size_t len = h->max_len; len > 0; len--)
        place_length(&k, len, h->counts[len]);
    collect(p, &k);
    plan_finish(p, h);
    free(k.groups);
    free(k.top);
    free(k.open);
}

void best_fit_plan(struct plan *p, const struct histogram *h, size_t seq_length,
                   size_t max_sequences)
{
    struct plan other;

    assert(seq_length > 0 && h->max_len <= seq_length);
    make_plan(p, h, seq_length, max_sequences, false);
    make_plan(&other, h, seq_length, max_sequences, true);
    if (other.n_packs < p->n_packs) {
        plan_release(p);
        *p = other;
    } else {
        plan_release(&other);
    }
}
