/* All numbers of 16 bits, and what lies between two of them. */
#include "base/half.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void every_number_comes_back(void **state)
{
    (void)state;
    for (uint32_t x = 0; x < 65536; x++) {
        const float y = half_float((uint16_t)x);

        if (isnan(y))
            assert_true(isnan(half_float(half_round(y))));
        else
            assert_int_equal(half_round(y), x);
    }
}

/* Between neighbours: the nearer one, and of equally near ones the even one. */
static void the_nearest_is_taken(void **state)
{
    (void)state;
    for (uint32_t x = 0; x < 0x7f7f; x++) {
        const double low = half_float((uint16_t)x), high = half_float((uint16_t)(x + 1));
        const float middle = (float)((low + high) / 2);

        assert_int_equal(half_round(middle), x + (x & 1));
        assert_int_equal(half_round(nextafterf(middle, 0)), x);
        assert_int_equal(half_round(nextafterf(middle, INFINITY)), x + 1);
        assert_int_equal(half_round(-middle), 0x8000 | (x + (x & 1)));
    }
}

static void what_is_too_large_is_infinite_and_nan_stays(void **state)
{
    const uint32_t quiet = 0x7f800001; /* a NaN whose upper half alone would be an infinity */
    float x;

    (void)state;
    memcpy(&x, &quiet, sizeof x);
    assert_true(isnan(half_float(half_round(x))));
    assert_true(isinf(half_float(half_round(3.4e38f))));
    assert_true(isinf(half_float(half_round(INFINITY))));
    assert_true(half_float(half_round(-INFINITY)) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_comes_back),
        cmocka_unit_test(the_nearest_is_taken),
        cmocka_unit_test(what_is_too_large_is_infinite_and_nan_stays),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
