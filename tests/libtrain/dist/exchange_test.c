/* Exchanges of the trainer, run alone and by mpirun with three ranks. */
#include "dist/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/half.h"
#include "base/mem.h"

enum { N = (1 << 22) + 1001 }; /* more than one piece */

static float value(int rank, size_t i)
{
    return 1.0f / (float)(3 + i % 1013) + (float)rank * 1e-3f;
}

static float *values_of(int rank)
{
    float *x = mem_array(N, sizeof *x);

    for (size_t i = 0; i < N; i++)
        x[i] = value(rank, i);
    return x;
}

static void all_get_what_rank_0_has(void **state)
{
    struct comm *c = *state;
    float *x = values_of(c->rank);
    struct err err = {0};

    assert_int_equal(exchange_share(c, x, N, &err), 0);
    for (size_t i = 0; i < N; i++)
        assert_true(x[i] == value(0, i));
    assert_int_equal(exchange_check(c, x, N, "weights", &err), 0);
    free(x);
}

static void sums_are_in_the_order_of_the_ranks(void **state)
{
    struct comm *c = *state;
    float *x = values_of(c->rank);
    struct err err = {0};

    assert_int_equal(exchange_sum(c, x, N, false, &err), 0);
    for (size_t i = 0; i < N; i++) {
        float want = value(0, i);

        for (int rank = 1; rank < c->size; rank++)
            want += value(rank, i);
        assert_true(x[i] == want);
    }
    free(x);
}

/* Rounded on the way out and once more as a sum; a rank that is alone rounds nothing. */
static void sums_of_halves_are_rounded_twice(void **state)
{
    struct comm *c = *state;
    float *x = values_of(c->rank);
    struct err err = {0};

    assert_int_equal(exchange_sum(c, x, N, true, &err), 0);
    for (size_t i = 0; i < N; i++) {
        float want = 0;

        for (int rank = 0; rank < c->size; rank++)
            want += half_float(half_round(value(rank, i)));
        assert_true(x[i] == (c->size == 1 ? value(0, i) : half_float(half_round(want))));
    }
    free(x);
}

static void ranks_that_differ_are_told(void **state)
{
    struct comm *c = *state;
    const bool alone = c->size == 1;
    float *x = values_of(0);
    char option[] = "option 0";
    struct err err = {0};

    assert_int_equal(exchange_agree(c, option, sizeof option, "options", &err), 0);
    option[7] = (char)('0' + c->rank);
    assert_int_equal(exchange_agree(c, option, sizeof option, "options", &err), alone ? 0 : -1);
    if (!alone) {
        assert_int_equal(err.kind, ERR_USAGE);
        assert_string_equal(err.text, "the ranks were given different options");
    }
    if (c->rank == c->size - 1)
        x[N - 1] += 1e-6f; /* in the last piece of the last rank */
    assert_int_equal(exchange_check(c, x, N, "weights", &err), alone ? 0 : -1);
    if (!alone) {
        assert_int_equal(err.kind, ERR_IO);
        assert_string_equal(err.text, "the ranks have different weights");
    }
    free(x);
}

int main(void)
{
    struct comm c = {0};
    struct err err = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(all_get_what_rank_0_has, &c),
        cmocka_unit_test_prestate(sums_are_in_the_order_of_the_ranks, &c),
        cmocka_unit_test_prestate(sums_of_halves_are_rounded_twice, &c),
        cmocka_unit_test_prestate(ranks_that_differ_are_told, &c),
    };
    int failed;

    if (comm_open(&c, &err) < 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    comm_close(&c);
    return failed;
}
