/* metadata_test.c -- the numbers of a plan, worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pack/metadata.h"
#include "pack/solver.h"

static double real(const struct json *map, const char *key)
{
    return json_real_or(json_member(map, key), -1);
}

static int64_t whole(const struct json *map, const char *key)
{
    return json_int_or(json_member(map, key), -1);
}

/* 4 x 3, 2 x 4, 1 x 5 tokens in rows of 8, two a row: [5 3] [4 4] [3 3] [3]. */
static void a_plan_in_numbers(void **state)
{
    struct histogram h;
    struct plan plan = {0};
    struct err err = {0};
    struct json *m;

    (void)state;
    histogram_init(&h, 8);
    assert_int_equal(histogram_add(&h, 3, 4, &err), 0);
    assert_int_equal(histogram_add(&h, 4, 2, &err), 0);
    assert_int_equal(histogram_add(&h, 5, 1, &err), 0);
    assert_int_equal(solver_plan(&plan, "optimal", &h, 8, 2, &err), 0);
    m = metadata_of_plan(&plan, &h, "optimal", plan.n_packs);

    assert_int_equal(whole(m, "new_number_of_samples"), 4);
    assert_int_equal(whole(m, "lower_bound"), 4);
    assert_int_equal(whole(m, "above_lower_bound"), 0);
    assert_int_equal(whole(m, "original_number_of_samples"), 7);
    assert_int_equal(whole(m, "number_of_sequences_dropped"), 0);
    assert_int_equal(whole(m, "padding_tokens_original_dataset"), 7 * 8 - 25);
    assert_int_equal(whole(m, "max_sequences_per_pack"), 2);
    assert_int_equal(whole(m, "max_sequence_length"), 8);
    assert_true(fabs(real(m, "padding_tokens_packed_dataset") - (4 * 8 - 25)) < 1e-12);
    assert_true(fabs(real(m, "avg_seq_per_sample") - 7 / 4.0) < 1e-12);
    assert_true(fabs(real(m, "expected_speed_up") - 7 / 4.0) < 1e-12);
    assert_true(fabs(real(m, "compression_ratio") - (1 - 4 / 7.0)) < 1e-12);
    assert_true(fabs(real(m, "packing_efficiency") - 25 / 32.0) < 1e-12);
    assert_true(fabs(real(m, "theoretical_speed_up") - 8 * 7 / 25.0) < 1e-12);
    assert_int_equal(json_count(json_member(m, "histogram")), 9);
    assert_int_equal(json_count(json_member(m, "patterns")), plan.n_patterns);
    assert_int_equal(json_count(json_member(m, "pattern_counts")), plan.n_patterns);
    for (size_t i = 0; i < plan.n_patterns; i++) { /* as sequences stand in a pack: rising */
        const struct json *slots = json_item(json_member(m, "patterns"), i);

        for (size_t k = 1; k < json_count(slots); k++)
            assert_true(json_int_or(json_item(slots, k - 1), 9) <=
                        json_int_or(json_item(slots, k), 0));
    }
    assert_string_equal(json_text_or(json_member(m, "solver"), ""), "optimal");
    json_release(m);
    plan_release(&plan);
    histogram_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_in_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
