/* halves_test.c -- against the functions for one number, over every kind of number. */
#include "ops/halves.h"

#include <string.h>

#include "../numbers.h"
#include "base/half.h"

static float float_of_bits(uint32_t bits)
{
    float x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Every exponent and sign, and lower halves around the ties. */
static void rounding_is_that_of_one_number(void **state)
{
    const uint32_t low[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff, 0x17fff, 0x18000, 0x18001};
    enum { N = sizeof low / sizeof *low };
    float x[N];
    uint16_t y[N];

    (void)state;
    for (uint32_t high = 0; high < 0x10000; high += 0x40) {
        for (size_t i = 0; i < N; i++)
            x[i] = float_of_bits((high << 16) + low[i]);
        halves_round(y, x, N);
        for (size_t i = 0; i < N; i++)
            assert_int_equal(y[i], half_round(x[i]));
    }
}

/* Rows of a whole panel, and ragged ones; what lies between them stays. */
static void rows_are_rounded_one_by_one(void **state)
{
    enum { ROWS = 5, LD = 40, PANEL = 32 };
    float *x = numbers(ROWS * PANEL, 1, 1);

    (void)state;
    x[0] = float_of_bits(0x7fffffff); /* a NaN that rounding would make an infinity */
    x[1] = float_of_bits(0x7f800000);
    x[PANEL] = float_of_bits(0x8001); /* subnormal */
    for (size_t n = 1; n <= PANEL; n += n == 1 ? 6 : 5) {
        uint16_t y[ROWS * LD];

        memset(y, 0xa5, sizeof y);
        halves_round_rows(y, LD, x, PANEL, ROWS, n);
        for (size_t i = 0; i < ROWS * LD; i++)
            assert_int_equal(y[i], i % LD < n ? half_round(x[i / LD * PANEL + i % LD]) : 0xa5a5);
    }
    free(x);
}

static void all_halves_are_floats(void **state)
{
    enum { N = 0x10000 };
    uint16_t *x = malloc(N * sizeof *x);
    float *y = malloc(N * sizeof *y);

    (void)state;
    for (size_t i = 0; i < N; i++)
        x[i] = (uint16_t)i;
    halves_float(y, x, N);
    for (size_t i = 0; i < N; i++) {
        const float want = half_float((uint16_t)i);

        assert_memory_equal(&y[i], &want, sizeof want);
    }
    free(x);
    free(y);
}

static void adding(void **state)
{
    const uint16_t x[] = {half_round(2), half_round(-0.5f), half_round(100)};
    float y[] = {1, 1, 1};

    (void)state;
    halves_add(y, x, 3);
    assert_true(y[0] == 3 && y[1] == 0.5f && y[2] == 101);
}

static void sums_of_columns(void **state)
{
    enum { ROWS = 131, COLS = 150, LD = 160 };
    uint16_t *x = malloc(ROWS * LD * sizeof *x);
    float *y = numbers(COLS, 1, 5), *from = numbers(ROWS * LD, 1, 6);
    double *want = doubles(y, COLS);

    (void)state;
    halves_round(x, from, ROWS * LD);
    for (size_t i = 0; i < ROWS; i++) {
        for (size_t j = 0; j < COLS; j++)
            want[j] += half_float(x[i * LD + j]);
    }
    halves_add_columns(y, x, LD, ROWS, COLS);
    check_all(y, want, COLS, 1e-5, "sum");
    free(x);
    free(y);
    free(from);
    free(want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rounding_is_that_of_one_number),
        cmocka_unit_test(rows_are_rounded_one_by_one),
        cmocka_unit_test(all_halves_are_floats),
        cmocka_unit_test(adding),
        cmocka_unit_test(sums_of_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
