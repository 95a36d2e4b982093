/* The sums of the ranks, run alone and by mpirun with three ranks: the same bits everywhere. */
#include "base/comm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/half.h"
#include "base/mem.h"

enum { N = 100003 }; /* does not divide by the ranks */

static float value(int rank, size_t i)
{
    return 1.0f / (float)(1 + i % 1000) + (float)rank * 1e-3f;
}

static void sums_are_made_in_rank_order(void **state)
{
    struct comm *c = *state;
    float *x = mem_array(N, sizeof *x);
    struct err err = {0};

    for (size_t i = 0; i < N; i++)
        x[i] = value(c->rank, i);
    assert_int_equal(comm_sum_floats(c, x, N, &err), 0);
    for (size_t i = 0; i < N; i++) {
        float want = value(0, i);

        for (int rank = 1; rank < c->size; rank++)
            want += value(rank, i);
        assert_true(x[i] == want);
    }
    free(x);
}

/* 1/3 + 1/3 + 1/3 with 8 bits: the sum is rounded once, not after every addition. */
static void halves_are_added_as_floats(void **state)
{
    struct comm *c = *state;
    uint16_t x[5];
    float sum = 0;
    struct err err = {0};

    for (int i = 0; i < 5; i++)
        x[i] = half_round(1 / 3.0f);
    for (int rank = 0; rank < c->size; rank++)
        sum += half_float(half_round(1 / 3.0f));
    assert_int_equal(comm_sum_halves(c, x, 5, &err), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(x[i], half_round(sum));
}

static void doubles_fewer_than_ranks_are_summed(void **state)
{
    struct comm *c = *state;
    double x = c->rank + 1;
    struct err err = {0};

    assert_int_equal(comm_sum_doubles(c, &x, 1, &err), 0);
    assert_true(x == c->size * (c->size + 1) / 2.0);
}

static void counts_over_53_bits_are_summed_exactly(void **state)
{
    struct comm *c = *state;
    uint64_t x[2] = {((uint64_t)1 << 60) + 1, (uint64_t)c->rank};
    struct err err = {0};

    assert_int_equal(comm_sum_counts(c, x, 2, &err), 0);
    assert_true(x[0] == (((uint64_t)1 << 60) + 1) * (uint64_t)c->size);
    assert_true(x[1] == (uint64_t)(c->size * (c->size - 1) / 2));
}

static void the_largest_value_is_found(void **state)
{
    struct comm *c = *state;
    int64_t x = c->rank == c->size / 2 ? 7 : -1;
    struct err err = {0};

    assert_int_equal(comm_max(c, &x, &err), 0);
    assert_int_equal(x, 7);
}

static void rank_0_shares_its_bytes(void **state)
{
    struct comm *c = *state;
    int x = c->rank + 40;
    struct err err = {0};

    assert_int_equal(comm_share(c, &x, sizeof x, &err), 0);
    assert_int_equal(x, 40);
    assert_int_equal(comm_barrier(c, &err), 0);
}

int main(void)
{
    struct comm c = {0};
    struct err err = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(sums_are_made_in_rank_order, &c),
        cmocka_unit_test_prestate(halves_are_added_as_floats, &c),
        cmocka_unit_test_prestate(doubles_fewer_than_ranks_are_summed, &c),
        cmocka_unit_test_prestate(counts_over_53_bits_are_summed_exactly, &c),
        cmocka_unit_test_prestate(the_largest_value_is_found, &c),
        cmocka_unit_test_prestate(rank_0_shares_its_bytes, &c),
    };
    int failed;

    if (comm_open(&c, &err) < 0)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    comm_close(&c);
    return failed;
}
