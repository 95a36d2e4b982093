/* elementary_test.c -- the bounds that elementary.h states, over the whole range. */
#include "ops/elementary.h"

#include "../numbers.h"

static void exp_is_exact_to_2e7(void **state)
{
    (void)state;
    for (double v = -87.3; v < 88.3; v += 0.0007) {
        float x = (float)v, y;

        elementary_exp(&y, &x, 1);
        if (x >= -87.3f && x <= 88.3f && !(fabs(y / exp((double)x) - 1) < 2e-7))
            fail_msg("exp(%.9g) = %.9g", x, y);
    }
}

static void exp_ends_in_zero_and_in_a_finite_number(void **state)
{
    const float x[] = {-INFINITY, -1e30f, -87.4f, 0, 89, 1e30f, INFINITY};
    float y[7];

    (void)state;
    elementary_exp(y, x, 7);
    assert_true(y[0] == 0 && y[1] == 0 && y[2] == 0);
    assert_true(y[3] == 1);
    assert_true(y[4] == y[5] && y[5] == y[6] && isfinite(y[6]));
}

static void erf_and_tanh_are_exact_to_5e7(void **state)
{
    (void)state;
    for (double v = -12; v < 12; v += 0.0001) {
        float x = (float)v, y, z;

        elementary_erf(&y, &x, 1);
        elementary_tanh(&z, &x, 1);
        if (!(fabs(y - erf((double)x)) < 5e-7))
            fail_msg("erf(%.9g) = %.9g", x, y);
        if (!(fabs(z - tanh((double)x)) < 5e-7))
            fail_msg("tanh(%.9g) = %.9g", x, z);
    }
}

static void tanh_and_erf_of_infinity_are_one(void **state)
{
    const float x[] = {-INFINITY, INFINITY};
    float y[2];

    (void)state;
    elementary_tanh(y, x, 2);
    check_close(y[0], -1, 5e-7, "tanh", 0);
    check_close(y[1], 1, 5e-7, "tanh", 1);
    elementary_erf(y, x, 2);
    check_close(y[0], -1, 5e-7, "erf", 0);
    check_close(y[1], 1, 5e-7, "erf", 1);
}

static void nan_stays_nan(void **state)
{
    float y[3] = {NAN, NAN, NAN};

    (void)state;
    elementary_exp(&y[0], &y[0], 1);
    elementary_erf(&y[1], &y[1], 1);
    elementary_tanh(&y[2], &y[2], 1);
    assert_true(isnan(y[0]) && isnan(y[1]) && isnan(y[2]));
}

static void any_length_gives_the_same_numbers(void **state)
{
    float *x = numbers(70, 5, 1);
    float all[70], one;

    (void)state;
    elementary_exp(all, x, 70);
    for (int i = 0; i < 70; i++) {
        elementary_exp(&one, x + i, 1);
        assert_true(one == all[i]);
    }
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_is_exact_to_2e7),
        cmocka_unit_test(exp_ends_in_zero_and_in_a_finite_number),
        cmocka_unit_test(erf_and_tanh_are_exact_to_5e7),
        cmocka_unit_test(tanh_and_erf_of_infinity_are_one),
        cmocka_unit_test(nan_stays_nan),
        cmocka_unit_test(any_length_gives_the_same_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
