/* repeats_test.c -- what is told makes the bytes again; runs are all told, others when long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/repeats.h"
#include "base/rng.h"

enum { LIMIT = 500 };

/* Builds the bytes from what is told. Returns how many of them were told of as repeats. */
static size_t check_told(const uint8_t *bytes, size_t n)
{
    struct repeats *r = mem_alloc(sizeof *r);
    uint8_t *made = mem_alloc(n + 1);
    size_t at = 0;
    size_t n_repeated = 0;
    struct repeat told;

    repeats_begin(r, bytes, n);
    while (repeats_next(&told, r, LIMIT)) {
        assert_true(told.n_before + told.length > 0);
        assert_in_range(told.n_before, 0, LIMIT);
        assert_true(told.n_before + told.length <= n - at);
        memcpy(made + at, bytes + at, told.n_before);
        at += told.n_before;
        if (told.length) {
            assert_in_range(told.distance, 1, at < REPEATS_REACH ? at : REPEATS_REACH);
            assert_true(told.length >= REPEATS_MIN_RUN);
            assert_true(told.distance == 1 || told.length >= REPEATS_MIN_LENGTH);
        }
        for (size_t i = 0; i < told.length; i++, at++)
            made[at] = made[at - told.distance];
        n_repeated += told.length;
        assert_int_equal(r->at, at);
    }
    assert_int_equal(at, n);
    assert_memory_equal(made, bytes, n);
    free(made);
    free(r);
    return n_repeated;
}

static void random_bytes(uint8_t *bytes, size_t n, unsigned kinds, uint64_t seed)
{
    struct rng rng;

    rng_at(&rng, seed, 0, 0);
    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)rng_below(&rng, kinds);
}

static void bytes_of_any_kind_are_told(void **state)
{
    const unsigned kinds[] = {1, 2, 3, 16, 256};
    uint8_t bytes[3 * REPEATS_WINDOW];

    (void)state;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (size_t n = 0; n < 100; n++) {
            random_bytes(bytes, n, kinds[k], n);
            check_told(bytes, n);
        }
        for (size_t n = sizeof bytes - 20; n <= sizeof bytes; n++) {
            random_bytes(bytes, n, kinds[k], n);
            check_told(bytes, n);
        }
    }
}

static void runs_are_all_told(void **state)
{
    uint8_t bytes[5 * REPEATS_WINDOW];
    struct rng rng;

    (void)state;
    rng_at(&rng, 5, 0, 0);
    for (int round = 0; round < 50; round++) {
        size_t n = 0;
        size_t n_runs = 0;
        uint8_t value = 0;

        while (n < sizeof bytes - 9000) {
            size_t length = 1 + rng_below(&rng, 9);

            if (rng_below(&rng, 100) == 0)
                length = 1 + rng_below(&rng, 9000);
            value = (uint8_t)(value + 1 + rng_below(&rng, 255));
            memset(bytes + n, value, length);
            n += length;
            n_runs += length > REPEATS_MIN_RUN ? length - 1 : 0;
        }
        memset(bytes + n, value + 1, 16); /* no run begins in the last bytes */
        assert_true(check_told(bytes, n + 16) >= n_runs);
    }
}

static void long_strings_are_found_again(void **state)
{
    enum { STRING = 600, APART = 9001, COPIES = 4 };
    uint8_t bytes[COPIES * APART];

    (void)state;
    random_bytes(bytes, sizeof bytes, 256, 9);
    for (size_t i = 1; i < COPIES; i++)
        memcpy(bytes + i * APART + i, bytes, STRING);
    assert_in_range(check_told(bytes, sizeof bytes), (COPIES - 1) * STRING,
                    (COPIES - 1) * STRING + 100);
}

static void counting_rows_are_found_again(void **state)
{
    uint8_t bytes[65536];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i % 200);
    assert_true(check_told(bytes, sizeof bytes) > sizeof bytes - 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_of_any_kind_are_told),
        cmocka_unit_test(runs_are_all_told),
        cmocka_unit_test(long_strings_are_found_again),
        cmocka_unit_test(counting_rows_are_found_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
