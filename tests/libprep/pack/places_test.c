/* places_test.c -- every sequence has a place of its own, and packs are those of the shards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "pack/assignment.h"
#include "pack/places.h"
#include "pack/solver.h"

enum { T = 64, N = 3000 };

static void make(struct place *places, struct histogram *h, struct plan *plan, size_t depth)
{
    struct err err = {0};
    struct rng r;

    rng_at(&r, 4, 0, 0);
    histogram_init(h, T);
    for (size_t i = 0; i < N; i++) {
        places[i] = (struct place){.len = (uint32_t)rng_between(&r, 1, T)};
        assert_int_equal(histogram_add(h, places[i].len, 1, &err), 0);
    }
    assert_int_equal(solver_plan(plan, "optimal", h, T, depth, &err), 0);
}

static void nothing_overlaps_and_all_fits(void **state)
{
    static const size_t depths[] = {0, 1, 3};
    struct place *places = mem_array(N, sizeof *places);

    (void)state;
    for (size_t d = 0; d < sizeof depths / sizeof depths[0]; d++) {
        struct histogram h;
        struct plan plan = {0};
        struct err err = {0};
        uint64_t *taken; /* of each pack, a bit a token */
        size_t *n;

        make(places, &h, &plan, depths[d]);
        assert_int_equal(places_find(places, N, &plan, &h, 7, &err), 0);
        taken = mem_array((size_t)plan.n_packs, sizeof *taken);
        n = mem_array((size_t)plan.n_packs, sizeof *n);
        for (size_t i = 0; i < N; i++) {
            const struct place *p = &places[i];

            assert_true(p->pack < plan.n_packs && p->offset + p->len <= T);
            for (uint32_t k = p->offset; k < p->offset + p->len; k++) {
                assert_false(taken[p->pack] >> k & 1);
                taken[p->pack] |= UINT64_C(1) << k;
            }
            n[p->pack]++;
        }
        for (size_t i = 0; i < plan.n_packs; i++) {
            assert_int_equal(taken[i] & (taken[i] + 1), 0); /* no gaps */
            assert_true(n[i] > 0 && (!depths[d] || n[i] <= depths[d]));
        }
        free(taken);
        free(n);
        plan_release(&plan);
        histogram_release(&h);
    }
    free(places);
}

static void packs_are_those_of_the_assignment(void **state)
{
    struct place *places = mem_array(N, sizeof *places);
    struct assignment a;
    struct histogram h;
    struct plan plan = {0};
    struct err err = {0};

    (void)state;
    make(places, &h, &plan, 3);
    assert_int_equal(places_find(places, N, &plan, &h, 7, &err), 0);
    assignment_init(&a, &plan, &h, 7);
    for (size_t i = 0; i < N; i++) {
        uint64_t key;

        assert_int_equal(assignment_next(&key, &a, places[i].len, &err), 0);
        assert_int_equal(assignment_pack(&a, key), places[i].pack);
    }
    assignment_release(&a);
    plan_release(&plan);
    histogram_release(&h);
    free(places);
}

static void lengths_that_were_not_planned_are_an_error(void **state)
{
    struct place *places = mem_array(N, sizeof *places);
    struct histogram h;
    struct plan plan = {0};
    struct err err = {0};

    (void)state;
    make(places, &h, &plan, 3);
    places[N - 1].len = places[N - 1].len == T ? 1 : T;
    assert_int_equal(places_find(places, N, &plan, &h, 7, &err), -1);
    assert_int_equal(err.kind, ERR_FORMAT);
    plan_release(&plan);
    histogram_release(&h);
    free(places);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_overlaps_and_all_fits),
        cmocka_unit_test(packs_are_those_of_the_assignment),
        cmocka_unit_test(lengths_that_were_not_planned_are_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
