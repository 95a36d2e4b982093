/* balance.c -- piles of documents with equally many sentences; shards take from the piles in turns.
 *
 * Where shards stand is looked at once a round, so each gets at most one document a round. */
#include "instance/balance.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

enum { MEMORY_ROUNDS = 4 }; /* rounds without progress before shards may grow */

static const size_t NONE = SIZE_MAX;

/* Documents by their number of sentences; the last one put on a pile is the first one taken. */
struct piles {
    size_t *top;   /* (longest + 1) document on top of each pile, NONE when empty */
    size_t *below; /* (documents) the next one down */
    size_t longest;
    size_t n_left;
};

/* One of the two kinds of shard. */
struct kind {
    struct balance_shard *shards; /* (n) */
    size_t n;
    int64_t nominal; /* sentences a shard should have */
    int64_t *counts; /* (n) sentences at the start of the round */
    int64_t *sorted; /* (n) for the median */
    double median;
};

static void piles_init(struct piles *p, const uint32_t *counts, size_t n)
{
    *p = (struct piles){.n_left = n, .below = mem_array(n, sizeof *p->below)};
    for (size_t d = 0; d < n; d++)
        p->longest = counts[d] > p->longest ? counts[d] : p->longest;
    p->top = mem_array(p->longest + 1, sizeof *p->top);
    for (size_t i = 0; i <= p->longest; i++)
        p->top[i] = NONE;
    for (size_t d = 0; d < n; d++) {
        p->below[d] = p->top[counts[d]];
        p->top[counts[d]] = d;
    }
}

static void piles_release(struct piles *p)
{
    free(p->top);
    free(p->below);
}

static void lower_longest(struct piles *p)
{
    while (p->longest > 0 && p->top[p->longest] == NONE)
        p->longest--;
}

/* Moves the top of a pile to a shard. */
static void give(struct balance_shard *s, struct piles *p, size_t pile)
{
    const size_t d = p->top[pile];

    assert(d != NONE);
    p->top[pile] = p->below[d];
    p->n_left--;
    if (s->n_documents == s->cap) {
        s->cap = mem_grow(s->cap, s->n_documents + 1);
        s->documents = mem_resize(s->documents, s->cap, sizeof *s->documents);
    }
    s->documents[s->n_documents++] = d;
    s->n_sentences += pile;
}

/* The first round: the longest document that is left to each. */
static size_t give_longest(struct kind *k, struct piles *p)
{
    size_t n_too_long = 0;

    for (size_t i = 0; i < k->n; i++) {
        const size_t pile = p->longest;

        give(&k->shards[i], p, pile);
        lower_longest(p);
        if ((int64_t)pile > k->nominal) {
            k->nominal = (int64_t)pile;
            n_too_long++;
        }
    }
    return n_too_long;
}

static int compare_counts(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a;
    const int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* Looks where the shards stand. The median of an even number is the mean of the middle two. */
static void look(struct kind *k)
{
    size_t lower, upper; /* the two middle ones, or the middle one twice */

    for (size_t i = 0; i < k->n; i++)
        k->counts[i] = k->sorted[i] = (int64_t)k->shards[i].n_sentences;
    if (k->n == 0)
        return;
    qsort(k->sorted, k->n, sizeof *k->sorted, compare_counts);
    lower = (k->n - 1) / 2;
    upper = k->n / 2;
    k->median = ((double)k->sorted[lower] + (double)k->sorted[upper]) / 2;
}

/* A further round: what still fits a shard, the longest that does, to those not above the median. */
static void give_fitting(struct kind *k, struct piles *p)
{
    for (size_t i = 0; i < k->n; i++) {
        const int64_t room = k->nominal - k->counts[i];
        int64_t pile = room < (int64_t)p->longest ? room : (int64_t)p->longest;

        lower_longest(p);
        while (pile > 0 && p->top[pile] == NONE)
            pile--;
        if (pile > 0 && (double)k->counts[i] <= k->median)
            give(&k->shards[i], p, (size_t)pile);
    }
}

/* Whether the last rounds, as many as are remembered, all left the same number. */
static bool is_stuck(size_t left[MEMORY_ROUNDS], size_t *n_left, size_t now)
{
    bool same = true;

    if (*n_left == MEMORY_ROUNDS) {
        for (size_t i = 1; i < MEMORY_ROUNDS; i++)
            left[i - 1] = left[i];
        --*n_left;
    }
    left[(*n_left)++] = now;
    for (size_t i = 1; i < *n_left; i++)
        same = same && left[i] == left[0];
    return same;
}

static void distribute(struct kind *training, struct kind *test, struct piles *p)
{
    size_t left[MEMORY_ROUNDS];
    size_t n_left = 0;

    look(training);
    look(test);
    while (p->n_left) {
        give_fitting(training, p);
        give_fitting(test, p);
        /* Test shards do not grow: the original has that line commented out. A first round counts
         * as stuck, because there is nothing to compare it with. */
        if (is_stuck(left, &n_left, p->n_left))
            training->nominal++;
        look(training);
        look(test);
    }
}

static void kind_init(struct kind *k, struct balance_shard *shards, size_t n, uint64_t sentences)
{
    *k = (struct kind){.shards = shards,
                       .n = n,
                       .nominal = n ? (int64_t)(sentences / n) : 0,
                       .counts = mem_array(n, sizeof *k->counts),
                       .sorted = mem_array(n, sizeof *k->sorted)};
}

static void kind_release(struct kind *k)
{
    free(k->counts);
    free(k->sorted);
}

int balance_make(struct balance *b, const uint32_t *counts, size_t n_documents, size_t n_training,
                 size_t n_test, double test_fraction, struct err *err)
{
    const size_t n = n_training + n_test;
    struct kind training, test;
    struct piles piles;
    uint64_t total = 0;
    uint64_t for_training;

    *b = (struct balance){.n_training = n_training, .n_test = n_test};
    if (n_documents < n)
        return err_set(err, ERR_FORMAT, "%zu documents are fewer than %zu shards", n_documents, n);
    b->shards = mem_array(n, sizeof *b->shards);
    for (size_t d = 0; d < n_documents; d++)
        total += counts[d];
    for_training = (uint64_t)((1 - test_fraction) * (double)total);
    piles_init(&piles, counts, n_documents);
    kind_init(&training, b->shards, n_training, for_training);
    kind_init(&test, b->shards + n_training, n_test, total - for_training);
    b->n_too_long = give_longest(&training, &piles);
    b->n_too_long += give_longest(&test, &piles);
    distribute(&training, &test, &piles);
    kind_release(&training);
    kind_release(&test);
    piles_release(&piles);
    return 0;
}

void balance_release(struct balance *b)
{
    for (size_t i = 0; b->shards && i < b->n_training + b->n_test; i++)
        free(b->shards[i].documents);
    free(b->shards);
    *b = (struct balance){0};
}
