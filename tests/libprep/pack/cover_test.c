/* cover_test.c -- fractions of packs cover the histogram, and no plan goes below the bound. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "pack/cover.h"

static int64_t plenty(void)
{
    return INT64_C(1) << 40;
}

static void add(struct histogram *h, int64_t len, int64_t n)
{
    struct err err = {0};

    assert_int_equal(histogram_add(h, len, n, &err), 0);
}

static double packs_of(const struct cover *c)
{
    double sum = 0;

    for (size_t i = 0; i < c->n_parts; i++)
        sum += c->parts[i].packs;
    return sum;
}

/* For every length, slots of that length or longer are as many as such sequences. */
static void check(const struct cover *c, const struct histogram *h, size_t T, size_t depth)
{
    double need = 0;

    for (size_t i = 0; i < c->n_parts; i++) {
        size_t tokens = 0;

        assert_true(c->parts[i].packs > 0);
        assert_true(!depth || c->parts[i].n_slots <= depth);
        for (size_t k = 0; k < c->parts[i].n_slots; k++) {
            tokens += (size_t)c->parts[i].slots[k];
            assert_true(k == 0 || c->parts[i].slots[k] <= c->parts[i].slots[k - 1]);
        }
        assert_true(tokens <= T);
    }
    for (size_t len = h->max_len; len > 0; len--) {
        double slots = 0;

        need += (double)h->counts[len];
        for (size_t i = 0; i < c->n_parts; i++)
            for (size_t k = 0; k < c->parts[i].n_slots; k++)
                if ((size_t)c->parts[i].slots[k] >= len)
                    slots += c->parts[i].packs;
        /* Parts under 1e-7 of a pack are not listed. */
        assert_true(slots >= need - 1e-3);
    }
}

/* Worked out by hand. */
static void small_programs_have_their_known_value(void **state)
{
    static const struct {
        size_t T, depth;
        int64_t counts[6]; /* of lengths 1.. */
        double packs;
    } cases[] = {
        {6, 0, {0, 0, 0, 0, 0, 7}, 7},   /* full rows */
        {6, 3, {9, 0, 0, 0, 0, 0}, 3},   /* limited by the depth */
        {6, 0, {12, 0, 0, 0, 0, 0}, 2},  /* limited by the tokens */
        {6, 0, {0, 0, 0, 5, 0, 0}, 5},   /* two never fit */
        {6, 0, {0, 3, 0, 3, 0, 0}, 3},   /* [4 2] */
        {5, 0, {0, 2, 1, 0, 0, 0}, 1.5}, /* [3 2] and half of [2 2] */
        {6, 2, {2, 0, 0, 0, 2, 0}, 2},   /* a short one into a longer place is free */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct histogram h;
        struct cover c = {0};
        int64_t work = plenty();

        histogram_init(&h, cases[i].T);
        for (int64_t len = 1; len <= 6; len++)
            if (cases[i].counts[len - 1])
                add(&h, len, cases[i].counts[len - 1]);
        cover_solve(&c, &work, &h, cases[i].T, cases[i].depth);
        assert_true(fabs(packs_of(&c) - cases[i].packs) < 1e-3);
        assert_int_equal(c.lower_bound, (uint64_t)ceil(cases[i].packs));
        assert_true(work < plenty());
        check(&c, &h, cases[i].T, cases[i].depth);
        cover_release(&c);
        histogram_release(&h);
    }
}

static void any_histogram_is_covered_and_the_bound_is_below(void **state)
{
    static const size_t depths[] = {0, 2, 3, 5};
    struct rng r;

    (void)state;
    rng_at(&r, 3, 0, 0);
    for (int round = 0; round < 20; round++) {
        const size_t T = (size_t)rng_between(&r, 5, 120);
        const size_t depth = depths[round % 4];
        struct histogram h;
        struct cover c = {0};
        int64_t work = plenty();

        histogram_init(&h, T);
        for (int i = 0; i < 30; i++)
            add(&h, rng_between(&r, 1, (int64_t)T), rng_between(&r, 1, 100));
        cover_solve(&c, &work, &h, T, depth);
        check(&c, &h, T, depth);
        assert_true(c.lower_bound * T >= h.n_tokens);
        assert_true((double)c.lower_bound <= ceil(packs_of(&c) + 1e-3));
        /* With pricing to the end the two meet. */
        assert_true((double)c.lower_bound >= packs_of(&c) - 1e-3);
        cover_release(&c);
        histogram_release(&h);
    }
}

static void little_work_gives_a_weaker_bound_not_a_wrong_one(void **state)
{
    struct histogram h;
    struct cover best = {0};
    int64_t work = plenty();

    (void)state;
    histogram_init(&h, 100);
    for (int64_t len = 1; len <= 100; len++)
        add(&h, len, 1 + len * 37 % 11);
    cover_solve(&best, &work, &h, 100, 4);
    for (int64_t some = 1; some < plenty() - work; some *= 8) {
        struct cover c = {0};
        int64_t left = some;

        cover_solve(&c, &left, &h, 100, 4);
        check(&c, &h, 100, 4);
        assert_true(c.lower_bound <= best.lower_bound);
        assert_true(packs_of(&c) >= packs_of(&best) - 1e-3);
        cover_release(&c);
    }
    cover_release(&best);
    histogram_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_programs_have_their_known_value),
        cmocka_unit_test(any_histogram_is_covered_and_the_bound_is_below),
        cmocka_unit_test(little_work_gives_a_weaker_bound_not_a_wrong_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
