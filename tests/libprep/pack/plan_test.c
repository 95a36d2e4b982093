/* plan_test.c -- what is done to the patterns of any solver, and the simple bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pack/plan.h"

static void add(struct plan *p, uint64_t count, int32_t a, int32_t b)
{
    int32_t *slots = plan_add(p, b ? 2 : 1, count);

    slots[0] = a;
    if (b)
        slots[1] = b;
}

static void slots_without_sequences_are_taken_out(void **state)
{
    struct histogram h;
    struct plan p;
    struct err err = {0};

    (void)state;
    histogram_init(&h, 10);
    histogram_add(&h, 6, 3, &err);
    histogram_add(&h, 4, 1, &err);
    plan_init(&p, 10, 0);
    add(&p, 2, 6, 4);
    add(&p, 2, 6, 4);
    add(&p, 1, 3, 0); /* stays empty: its pack goes as well */
    plan_finish(&p, &h);
    assert_true(p.n_packs == 4);
    /* The 4 goes to a slot of 6. */
    assert_int_equal(p.n_patterns, 1);
    assert_int_equal(p.longest, 1);
    assert_true(p.patterns[0].count == 4 && p.patterns[0].slots[0] == 6);
    plan_release(&p);
    histogram_release(&h);
}

static void slots_hold_the_longest_that_fit(void **state)
{
    const int32_t slots[] = {7, 3};
    struct histogram left;
    struct err err = {0};

    (void)state;
    histogram_init(&left, 10);
    histogram_add(&left, 8, 1, &err);
    histogram_add(&left, 6, 3, &err);
    histogram_add(&left, 2, 1, &err);
    plan_cover(&left, slots, 2, 2);
    assert_true(left.n_sequences == 2 && left.n_tokens == 14);
    assert_true(left.counts[8] == 1 && left.counts[6] == 1 && left.counts[2] == 0);
    histogram_release(&left);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_without_sequences_are_taken_out),
        cmocka_unit_test(slots_hold_the_longest_that_fit),
        cmocka_unit_test(long_sequences_raise_the_bound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
