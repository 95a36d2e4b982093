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
    const struct schedule s = {6e-3, 0.2843, 7038};
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
    const struct schedule s = {4e-3, 0.128, 1563};
    const struct want want[] = {
        {1, 1.999360204734485e-05},   {200, 0.00399872040946897},     {201, 0.0037339547970086148},
        {782, 0.0028275221728354103}, {1562, 0.00010117669814854034}, {1563, 0},
    };

    (void)state;
    check_rates(&s, want, sizeof want / sizeof *want);
}

static void steps_after_the_last_have_rate_0(void **state)
{
    const struct schedule s = {3e-5, 0.1, 7298};

    (void)state;
    assert_true(schedule_rate(&s, 7297) > 0);
    assert_true(schedule_rate(&s, 7298) == 0);
    assert_true(schedule_rate(&s, 10000) == 0);
}

static void without_warmup_it_falls_from_the_first_step(void **state)
{
    const struct schedule s = {1, 0, 4};

    (void)state;
    assert_true(fabs(schedule_rate(&s, 1) - sqrt(0.75)) < 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phase_1_of_the_recipe),
        cmocka_unit_test(phase_2_of_the_recipe),
        cmocka_unit_test(steps_after_the_last_have_rate_0),
        cmocka_unit_test(without_warmup_it_falls_from_the_first_step),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
