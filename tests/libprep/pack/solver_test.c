/* solver_test.c -- plans of every solver cover their histogram, respect the limits, and are as good as
 * known; those that claim to be the best are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "pack/plan.h"
#include "pack/solver.h"

/* A plan fits T and the depth, and for every length has slots for all that are as long or longer. */
static void check_plan(const struct plan *p, const struct histogram *h)
{
    uint64_t *slots = mem_array(p->seq_length + 1, sizeof *slots);
    uint64_t n_packs = 0, more_slots = 0, more_sequences = 0;

    for (size_t i = 0; i < p->n_patterns; i++) {
        const struct pattern *t = &p->patterns[i];
        int64_t sum = 0;

        assert_true(t->count > 0 && t->n_slots > 0 && t->n_slots <= p->longest);
        assert_true(!p->max_sequences || t->n_slots <= p->max_sequences);
        for (size_t k = 0; k < t->n_slots; k++) {
            assert_true(k == 0 || t->slots[k] <= t->slots[k - 1]);
            sum += t->slots[k];
            slots[t->slots[k]] += t->count;
        }
        assert_true(sum <= (int64_t)p->seq_length);
        n_packs += t->count;
    }
    assert_true(n_packs == p->n_packs && n_packs >= p->lower_bound);
    for (size_t len = p->seq_length; len > 0; len--) {
        more_slots += slots[len];
        more_sequences += len <= h->max_len ? h->counts[len] : 0;
        assert_true(more_slots >= more_sequences);
    }
    free(slots);
}

static const char *const names[] = {"optimal", "nnls", "best-fit"};

static void make(struct plan *p, const char *solver, const struct histogram *h, size_t T,
                 size_t depth)
{
    struct err err = {0};

    assert_int_equal(solver_plan(p, solver, h, T, depth, &err), 0);
}

static void random_histograms_are_covered(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 300; i++) {
        struct histogram h;
        struct plan p;
        struct err err = {0};
        struct rng r;
        size_t T;

        rng_at(&r, 3, 0, i);
        T = (size_t)rng_between(&r, 1, 200);
        histogram_init(&h, T);
        for (int k = 0; k < 20; k++)
            assert_int_equal(
                histogram_add(&h, rng_between(&r, 1, (int64_t)T), rng_between(&r, 0, 30), &err), 0);
        make(&p, names[i % 3], &h, T, (size_t)rng_below(&r, 6));
        check_plan(&p, &h);
        plan_release(&p);
        histogram_release(&h);
    }
}

static void small_cases_are_planned_best(void **state)
{
    struct histogram h;
    struct err err = {0};
    struct plan p;

    (void)state;
    histogram_init(&h, 512);
    histogram_add(&h, 512, 5, &err);
    histogram_add(&h, 300, 3, &err);
    histogram_add(&h, 100, 6, &err);
    make(&p, "optimal", &h, 512, 3);
    assert_int_equal(p.n_packs, 8);
    assert_int_equal(p.lower_bound, 8);
    assert_int_equal(p.n_patterns, 2);
    assert_int_equal(p.patterns[1].n_slots, 3);
    assert_int_equal(p.patterns[1].slots[0], 300);
    plan_release(&p);
    make(&p, "optimal", &h, 512, 1);
    assert_int_equal(p.n_packs, 14);
    assert_int_equal(p.lower_bound, 14);
    plan_release(&p);
    /* Rows longer than the sequences. */
    make(&p, "optimal", &h, 1024, 0);
    assert_int_equal(p.n_packs, 4);
    assert_int_equal(p.lower_bound, 4);
    plan_release(&p);
    histogram_release(&h);
}

/* Short sequences only: there is nothing to share a row with but their like. */
static void equal_lengths_are_stacked(void **state)
{
    struct histogram h;
    struct err err = {0};
    struct plan p;

    (void)state;
    histogram_init(&h, 128);
    histogram_add(&h, 10, 25, &err);
    make(&p, "optimal", &h, 128, 0);
    assert_int_equal(p.n_packs, 3);
    assert_int_equal(p.longest, 12);
    plan_release(&p);
    make(&p, "optimal", &h, 128, 3);
    assert_int_equal(p.n_packs, 9);
    plan_release(&p);
    histogram_release(&h);
}

/* The fewest packs for a few sequences, by trying everything: each goes to every pack that has room. */
struct search {
    int32_t lens[8];
    size_t n, depth;
    int32_t room[8];
    size_t used[8];
    size_t best;
};

static void search_packs(struct search *s, size_t at, size_t n_packs)
{
    if (n_packs >= s->best)
        return;
    if (at == s->n) {
        s->best = n_packs;
        return;
    }
    for (size_t i = 0; i <= n_packs && i < s->n; i++) {
        if (s->room[i] < s->lens[at] || (s->depth && s->used[i] == s->depth))
            continue;
        s->room[i] -= s->lens[at];
        s->used[i]++;
        search_packs(s, at + 1, i == n_packs ? n_packs + 1 : n_packs);
        s->room[i] += s->lens[at];
        s->used[i]--;
    }
}

static void bounds_hold_where_the_best_is_known(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 400; i++) {
        struct search s = {.n = 8, .best = 9};
        struct histogram h;
        struct plan p;
        struct err err = {0};
        struct rng r;
        size_t T;

        rng_at(&r, 4, 0, i);
        T = (size_t)rng_between(&r, 3, 30);
        s.depth = (size_t)rng_below(&r, 5);
        histogram_init(&h, T);
        for (size_t k = 0; k < s.n; k++) {
            s.lens[k] = (int32_t)rng_between(&r, 1, (int64_t)T);
            s.room[k] = (int32_t)T;
            histogram_add(&h, s.lens[k], 1, &err);
        }
        search_packs(&s, 0, 0);
        make(&p, "optimal", &h, T, s.depth);
        check_plan(&p, &h);
        assert_true(p.lower_bound <= s.best && p.n_packs >= s.best);
        assert_true(p.n_packs <= s.best + 1);
        plan_release(&p);
        histogram_release(&h);
    }
}

/* More lengths than the linear program has rows: some share one, and the bound still is one. */
static void long_rows_are_planned_with_merged_lengths(void **state)
{
    struct histogram h;
    struct err err = {0};
    struct rng r;
    struct plan p;

    (void)state;
    rng_at(&r, 5, 0, 0);
    histogram_init(&h, 4096);
    for (int i = 0; i < 3000; i++)
        histogram_add(&h, rng_between(&r, 1, 1200), 1, &err);
    make(&p, "optimal", &h, 4096, 2);
    check_plan(&p, &h);
    assert_true(p.n_packs <= p.lower_bound + p.lower_bound / 50);
    plan_release(&p);
    histogram_release(&h);
}

/* A limit that is nearly none: few levels of the knapsack must do. */
static void high_limits_cost_no_more_than_none(void **state)
{
    static const size_t depths[] = {65, 100, 5000};
    struct histogram h;
    struct err err = {0};

    (void)state;
    histogram_init(&h, 20000);
    histogram_add(&h, 1, 300, &err);
    histogram_add(&h, 150, 70, &err);
    histogram_add(&h, 7001, 5, &err);
    for (size_t i = 0; i < 3; i++) {
        struct plan p;

        make(&p, "optimal", &h, 20000, depths[i]);
        check_plan(&p, &h);
        assert_true(p.n_packs <= p.lower_bound + 4);
        plan_release(&p);
    }
    histogram_release(&h);
}

static void what_a_solver_cannot_do_is_refused(void **state)
{
    struct histogram h;
    struct err err = {0};
    struct plan p;

    (void)state;
    histogram_init(&h, 4096);
    histogram_add(&h, 7, 1, &err);
    assert_int_equal(solver_plan(&p, "nnls", &h, 4096, 3, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_int_equal(solver_plan(&p, "magic", &h, 4096, 3, &err), -1);
    assert_int_equal(err.kind, ERR_USAGE);
    histogram_release(&h);
}

/* Lengths of the English Wikipedia at 512 and of SQuAD 1.1 at 384, where they are at hand. Best-fit: the
 * numbers of the published longest-pack-first packing, which it is. Least squares: no more than the
 * published 8,152,700. Optimal: the bound itself. */
static void known_numbers_of_packs_are_reached(void **state)
{
    static const struct {
        const char *solver, *name;
        size_t T, depth;
        uint64_t most;
        bool exactly, proven;
    } cases[] = {
        {"best-fit", "wikipedia_histogram.json", 512, 2, 10099081, true, false},
        {"best-fit", "wikipedia_histogram.json", 512, 3, 9090154, true, false},
        {"best-fit", "squad_1_1_histogram.json", 384, 3, 40631, true, false},
        {"nnls", "wikipedia_histogram.json", 512, 3, 8152700, false, false},
        {"optimal", "wikipedia_histogram.json", 512, 3, 8143829, true, true},
        {"optimal", "wikipedia_histogram.json", 512, 4, 8135727, true, true},
        {"optimal", "squad_1_1_histogram.json", 384, 2, 45335, true, true},
        {"optimal", "squad_1_1_histogram.json", 384, 0, 40195, true, true},
    };
    const char *shared = getenv("BERTLINE_SHARED");
    char *folder = file_join(shared ? shared : "../shared", "data/histograms");

    (void)state;
    if (!file_is_folder(folder)) {
        free(folder);
        print_message("skipped: no histograms here\n");
        skip();
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *path = file_join(folder, cases[i].name);
        struct histogram h;
        struct err err = {0};
        struct plan p;

        histogram_init(&h, cases[i].T);
        assert_int_equal(histogram_load(&h, path, &err), 0);
        make(&p, cases[i].solver, &h, cases[i].T, cases[i].depth);
        assert_true(p.n_packs <= cases[i].most);
        assert_true(!cases[i].exactly || p.n_packs == cases[i].most);
        assert_true(!cases[i].proven || p.n_packs == p.lower_bound);
        assert_true(cases[i].T != 512 || cases[i].depth != 3 || p.lower_bound == 8143829);
        check_plan(&p, &h);
        plan_release(&p);
        histogram_release(&h);
        free(path);
    }
    free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histograms_are_covered),
        cmocka_unit_test(small_cases_are_planned_best),
        cmocka_unit_test(equal_lengths_are_stacked),
        cmocka_unit_test(bounds_hold_where_the_best_is_known),
        cmocka_unit_test(long_rows_are_planned_with_merged_lengths),
        cmocka_unit_test(high_limits_cost_no_more_than_none),
        cmocka_unit_test(what_a_solver_cannot_do_is_refused),
        cmocka_unit_test(known_numbers_of_packs_are_reached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
