/* apart.c -- an index of all sequences by length; who has to leave looks around its own place in it,
 * outwards, where the nearest lengths are. */
#include "pack/apart.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
    /* Packs of a window in which every second sequence is of one document still offer a place at every
     * second try; more tries would only make hopeless cases slow. */
    MAX_TRIES = 512,
    MAX_ROUNDS = 3 /* a trade can make room for one that failed before */
};

/* Where a sequence stands, by length. */
struct entry {
    size_t len;
    size_t member;
};

struct search {
    struct apart *a;
    struct entry *index; /* (n_members) rising by length, then by member */
    size_t *entry_of;    /* (n_members) */
    size_t *pack_of;     /* (n_members) */
};

void apart_init(struct apart *a, size_t max_len, size_t max_masked)
{
    *a = (struct apart){.max_len = max_len, .max_masked = max_masked};
}

void apart_add(struct apart *a, const struct apart_member *m, bool new_pack)
{
    if (new_pack) {
        if (a->n_packs == a->cap_packs) {
            a->cap_packs = mem_grow(a->cap_packs, a->n_packs + 1);
            a->firsts = mem_resize(a->firsts, a->cap_packs, sizeof *a->firsts);
        }
        a->firsts[a->n_packs++] = a->n_members;
    }
    if (a->n_members == a->cap_members) {
        a->cap_members = mem_grow(a->cap_members, a->n_members + 1);
        a->members = mem_resize(a->members, a->cap_members, sizeof *a->members);
    }
    a->members[a->n_members++] = *m;
}

static struct apart_member *pack_at(size_t *n, const struct apart *a, size_t i)
{
    *n = (i + 1 < a->n_packs ? a->firsts[i + 1] : a->n_members) - a->firsts[i];
    return a->members + a->firsts[i];
}

const struct apart_member *apart_pack(size_t *n, const struct apart *a, size_t i)
{
    return pack_at(n, a, i);
}

/* Whether a sequence of its document is in front of it in its pack. */
static bool meets(const struct apart *a, size_t pack, size_t member)
{
    const int64_t document = a->members[member].document;

    for (size_t i = a->firsts[pack]; document && i < member; i++)
        if (a->members[i].document == document)
            return true;
    return false;
}

static size_t count_meetings(const struct apart *a)
{
    size_t n_meetings = 0;

    for (size_t pack = 0; pack < a->n_packs; pack++) {
        size_t n;

        pack_at(&n, a, pack);
        for (size_t i = 0; i < n; i++)
            n_meetings += meets(a, pack, a->firsts[pack] + i);
    }
    return n_meetings;
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;

    if (x->len != y->len)
        return x->len < y->len ? -1 : 1;
    return x->member < y->member ? -1 : x->member > y->member;
}

static void search_init(struct search *s, struct apart *a)
{
    size_t pack = 0;

    *s = (struct search){.a = a,
                         .index = mem_array(a->n_members, sizeof *s->index),
                         .entry_of = mem_array(a->n_members, sizeof *s->entry_of),
                         .pack_of = mem_array(a->n_members, sizeof *s->pack_of)};
    for (size_t i = 0; i < a->n_members; i++) {
        while (pack + 1 < a->n_packs && a->firsts[pack + 1] == i)
            pack++;
        s->pack_of[i] = pack;
        s->index[i] = (struct entry){.len = a->members[i].len, .member = i};
    }
    qsort(s->index, a->n_members, sizeof *s->index, compare_entries);
    for (size_t i = 0; i < a->n_members; i++)
        s->entry_of[s->index[i].member] = i;
}

static void search_release(struct search *s)
{
    free(s->index);
    free(s->entry_of);
    free(s->pack_of);
}

/* Whether the pack would be good with `in` instead of its member `out`. */
static bool would_take(const struct apart *a, size_t pack, size_t out,
                       const struct apart_member *in)
{
    size_t n;
    const struct apart_member *members = pack_at(&n, a, pack);
    size_t len = in->len;
    size_t n_masked = in->n_masked;

    for (size_t i = 0; i < n; i++) {
        if (members + i == a->members + out)
            continue;
        if (in->document && members[i].document == in->document)
            return false;
        len += members[i].len;
        n_masked += members[i].n_masked;
    }
    return len <= a->max_len && n_masked <= a->max_masked;
}

static void trade(struct search *s, size_t i, size_t k)
{
    struct apart_member *members = s->a->members;
    const struct apart_member kept = members[i];
    const size_t entry = s->entry_of[i];

    members[i] = members[k];
    members[k] = kept;
    /* The lengths have moved, so the entries now belong to the other place. */
    s->index[entry].member = k;
    s->index[s->entry_of[k]].member = i;
    s->entry_of[i] = s->entry_of[k];
    s->entry_of[k] = entry;
}

static bool try_trade(struct search *s, size_t i, size_t k)
{
    const struct apart *a = s->a;

    if (s->pack_of[i] == s->pack_of[k] || !would_take(a, s->pack_of[i], i, &a->members[k]) ||
        !would_take(a, s->pack_of[k], k, &a->members[i]))
        return false;
    trade(s, i, k);
    return true;
}

/* Finds another place for a member. */
static bool move(struct search *s, size_t member)
{
    const size_t from = s->entry_of[member];
    const size_t n = s->a->n_members;
    size_t above = from;
    size_t below = from;

    for (int i = 0; i < MAX_TRIES && (above + 1 < n || below > 0); i++) {
        /* The nearer of the two neighbours that are left. */
        const bool up =
            below == 0 || (above + 1 < n && s->index[above + 1].len - s->index[from].len <=
                                                s->index[from].len - s->index[below - 1].len);

        if (try_trade(s, member, s->index[up ? ++above : --below].member))
            return true;
    }
    return false;
}

/* Either of the two that meet may leave. */
static bool separate(struct search *s, size_t pack, size_t member)
{
    const struct apart *a = s->a;

    if (move(s, member))
        return true;
    for (size_t i = a->firsts[pack]; i < member; i++)
        if (a->members[i].document == a->members[member].document && move(s, i))
            return true;
    return false;
}

size_t apart_trade(struct apart *a)
{
    size_t left = count_meetings(a);
    bool moved = true;
    struct search s;

    if (left == 0)
        return 0;
    search_init(&s, a);
    for (int round = 0; round < MAX_ROUNDS && left && moved; round++) {
        moved = false;
        for (size_t i = 0; i < a->n_members; i++)
            if (meets(a, s.pack_of[i], i) && separate(&s, s.pack_of[i], i))
                moved = true;
        left = count_meetings(a);
    }
    search_release(&s);
    return left;
}

void apart_clear(struct apart *a)
{
    a->n_members = a->n_packs = 0;
}

void apart_release(struct apart *a)
{
    free(a->members);
    free(a->firsts);
    *a = (struct apart){0};
}
