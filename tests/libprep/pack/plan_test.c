/* plan_test.c -- plans cover their histogram, respect the limits, and are as good as known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "pack/best_fit.h"
#include "pack/plan.h"

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
        best_fit_plan(&p, &h, T, (size_t)rng_below(&r, 6));
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
    best_fit_plan(&p, &h, 512, 3);
    assert_int_equal(p.n_packs, 8);
    assert_int_equal(p.lower_bound, 8);
    assert_int_equal(p.n_patterns, 2);
    assert_int_equal(p.patterns[1].n_slots, 3);
    assert_int_equal(p.patterns[1].slots[0], 300);
    plan_release(&p);
    best_fit_plan(&p, &h, 512, 1);
    assert_int_equal(p.n_packs, 14);
    assert_int_equal(p.lower_bound, 14);
    plan_release(&p);
    /* Rows longer than the sequences. */
    best_fit_plan(&p, &h, 1024, 0);
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
    best_fit_plan(&p, &h, 128, 0);
    assert_int_equal(p.n_packs, 3);
    assert_int_equal(p.longest, 12);
    plan_release(&p);
    best_fit_plan(&p, &h, 128, 3);
    assert_int_equal(p.n_packs, 9);
    plan_release(&p);
    histogram_release(&h);
}

static void long_sequences_raise_the_bound(void **state)
{
    struct histogram h;
    struct err err = {0};

    (void)state;
    /* Three of 6 cannot share a row of 10, though 18 tokens would fit two rows. */
    histogram_init(&h, 10);
    histogram_add(&h, 6, 3, &err);
    assert_int_equal(plan_lower_bound(&h, 10, 0), 3);
    /* The room of 4 beside each of them is no use to the 5s: those share one row more. */
    histogram_add(&h, 5, 2, &err);
    assert_int_equal(plan_lower_bound(&h, 10, 0), 4);
    histogram_release(&h);
}

/* Lengths of the English Wikipedia at 512 and of SQuAD 1.1 at 384, where they are at hand: the numbers
 * of the published longest-pack-first packing, which is best-fit decreasing. */
static void known_numbers_of_packs_are_reached(void **state)
{
    static const struct {
        const char *name;
        size_t T, depth;
        uint64_t n_packs;
    } cases[] = {
        {"wikipedia_histogram.json", 512, 1, 16279552},
        {"wikipedia_histogram.json", 512, 2, 10099081},
        {"wikipedia_histogram.json", 512, 3, 9090154},
        {"wikipedia_histogram.json", 512, 4, 8657119},
        {"wikipedia_histogram.json", 512, 8, 8207569},
        {"wikipedia_histogram.json", 512, 12, 8149619},
        {"wikipedia_histogram.json", 512, 16, 8140006},
        {"wikipedia_histogram.json", 512, 0, 8138483},
        {"squad_1_1_histogram.json", 384, 2, 45335},
        {"squad_1_1_histogram.json", 384, 3, 40631},
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
        best_fit_plan(&p, &h, cases[i].T, cases[i].depth);
        assert_true(p.n_packs == cases[i].n_packs);
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
        cmocka_unit_test(long_sequences_raise_the_bound),
        cmocka_unit_test(known_numbers_of_packs_are_reached),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
