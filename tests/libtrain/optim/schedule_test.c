/* schedule_test.c -- rates that the original's PolyWarmUpScheduler gave. */
#include "optim/schedule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct want {
    int64_t t;
    double rate;
};

/* Equal but for the last bit: Python's ** 0.5 need not round as sqrt() does. */
static void check_rates(const struct schedule *s, const struct want *want, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const double got = schedule_rate(s, want[i].t);

        if (fabs(got - want[i].rate) > 4e-16 * want[i].rate)
            fail_msg("step %lld: %.17g, not %.17g", (long long)want[i].t, got, want[i].rate);
    }
}

static void phase_1_of_the_recipe(void **state)
{
    const struct schedule s = {.rate = 6e-3, .warmup = 0.2843, .n_steps = 7038};
    const struct want want[] = {
        {1, 2.9986455118223097e-06},   {2, 5.9972910236446195e-06},
        {2000, 0.00599729102364462},   {2001, 0.005075894589365794},
        {2002, 0.0050753907034669634}, {3519, 0.004242640687119286},
        {7037, 7.151985398522354e-05}, {7038, 0},
    };

    (void)state;
    check_rates(&s, want, sizeof want / sizeof *want);
}

static void phase_2_of_the_recipe(void **state)
{
    const struct schedule s = {.rate = 4e-3, .warmup = 0.128, .n_steps = 1563};
    const struct want want[] = {
        {1, 1.999360204734485e-05},   {200, 0.00399872040946897},     {201, 0.0037339547970086148},
        {782, 0.0028275221728354103}, {1562, 0.00010117669814854034}, {1563, 0},
    };

    (void)state;
    check_rates(&s, want, sizeof want / sizeof *want);
}

static void steps_after_the_last_have_rate_0(void **state)
{
    const struct schedule s = {.rate = 3e-5, .warmup = 0.1, .n_steps = 7298};

    (void)state;
    assert_true(schedule_rate(&s, 7297) > 0);
    assert_true(schedule_rate(&s, 7298) == 0);
    assert_true(schedule_rate(&s, 10000) == 0);
}

static void without_warmup_it_falls_from_the_first_step(void **state)
{
    const struct schedule s = {.rate = 1, .warmup = 0, .n_steps = 4};

    (void)state;
    assert_true(fabs(schedule_rate(&s, 1) - sqrt(0.75)) < 1e-15);
}

/* With 100 steps of rate 1, the first 20 of them warm-up. */
static void check_kind(enum schedule_kind kind, double at_20, double at_60, double at_95)
{
    const struct schedule s = {
        .rate = 1, .warmup = 0.2, .n_steps = 100, .kind = kind, .decay = 0.1};

    assert_true(fabs(schedule_rate(&s, 10) - 0.5) < 1e-15);
    assert_true(fabs(schedule_rate(&s, 20) - at_20) < 1e-15);
    assert_true(fabs(schedule_rate(&s, 60) - at_60) < 1e-15);
    assert_true(fabs(schedule_rate(&s, 95) - at_95) < 1e-15);
    assert_true(schedule_rate(&s, 100) == (kind == SCHEDULE_CONSTANT ? 1 : 0));
}

static void the_other_ways_down(void **state)
{
    (void)state;
    check_kind(SCHEDULE_LINEAR, 1, 0.5, 0.0625);
    check_kind(SCHEDULE_COSINE, 1, 0.5, (1 + cos(acos(-1) * 0.9375)) / 2);
    check_kind(SCHEDULE_CONSTANT, 1, 1, 1);
    check_kind(SCHEDULE_WSD, 1, 1, 0.5);
}

static void names_and_kinds_agree(void **state)
{
    enum schedule_kind kind;

    (void)state;
    for (int i = SCHEDULE_POLY; i <= SCHEDULE_WSD; i++) {
        assert_true(schedule_find(&kind, schedule_name((enum schedule_kind)i)));
        assert_int_equal(kind, i);
    }
    assert_false(schedule_find(&kind, "step"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phase_1_of_the_recipe),
        cmocka_unit_test(phase_2_of_the_recipe),
        cmocka_unit_test(steps_after_the_last_have_rate_0),
        cmocka_unit_test(without_warmup_it_falls_from_the_first_step),
        cmocka_unit_test(the_other_ways_down),
        cmocka_unit_test(names_and_kinds_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
