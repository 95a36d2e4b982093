/* The generators against CPython's own numbers, and the counter's words. */
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void python_words_are_cpythons(void **state)
{
    const uint32_t want[] = {1789368711u, 3146859322u, 43676229u,
                             3522623596u, 3544234957u, 3448207591u};
    struct rng r;

    (void)state;
    rng_python(&r, 12345);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(rng_u32(&r), want[i]);
}

static void python_reals_are_cpythons(void **state)
{
    const double want[] = {0.41661987254534116, 0.010169169457068361, 0.8252065092537432,
                           0.2986398551995928,  0.3684116894884757,   0.19366134904507426};
    struct rng r;

    (void)state;
    rng_python(&r, 12345);
    for (size_t i = 0; i < 6; i++)
        assert_true(rng_real(&r) == want[i]);
}

static void python_ranges_are_cpythons(void **state)
{
    const int want[] = {55, 95, 3, 106, 107, 104, 40, 111, 49, 121};
    struct rng r;

    (void)state;
    rng_python(&r, 12345);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(rng_between(&r, 2, 125), want[i]);
}

static void python_range_of_one_consumes_draws(void **state)
{
    struct rng r;

    (void)state;
    rng_python(&r, 12345);
    assert_int_equal(rng_between(&r, 1, 1), 1);
    assert_int_equal(rng_between(&r, 0, 0), 0);
    assert_int_equal(rng_between(&r, 0, 1), 1);
    assert_true(rng_real(&r) == 0.8551383418471491);
}

static void python_shuffle_is_cpythons(void **state)
{
    const int32_t want[] = {8, 7, 3, 5, 1, 2, 9, 4, 0, 6};
    const size_t want_41[] = {0, 9, 8, 2, 4, 7, 1, 3, 5, 6};
    int32_t items[10];
    size_t sizes[10];
    struct rng r;

    (void)state;
    for (int i = 0; i < 10; i++) {
        items[i] = i;
        sizes[i] = (size_t)i;
    }
    rng_python(&r, 12345);
    rng_shuffle(&r, items, 10);
    assert_memory_equal(items, want, sizeof want);
    assert_true(rng_real(&r) == 0.1616878239293682);
    rng_python(&r, 41);
    rng_shuffle_sizes(&r, sizes, 10);
    assert_memory_equal(sizes, want_41, sizeof want_41);
}

static void python_coins_are_halves_of_reals(void **state)
{
    const bool want[] = {true, true, false, true, true, true};
    struct rng r;

    (void)state;
    rng_python(&r, 12345);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(rng_coin(&r), want[i]);
}

static void a_shuffle_in_python_draws_all_at_its_beginning(void **state)
{
    int32_t whole[10], items[10];
    struct rng a, b;

    (void)state;
    for (int i = 0; i < 10; i++)
        whole[i] = items[i] = i;
    rng_python(&a, 12345);
    rng_python(&b, 12345);
    rng_shuffle(&a, whole, 10);
    rng_shuffle_begin(&b, items, 10);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(rng_shuffle_item(&b, items, 10, i), whole[i]);
    assert_int_equal(rng_u32(&a), rng_u32(&b));
}

/* Each of the orders of 4 items, and each beginning of one, as often as the others. */
static void a_counted_shuffle_is_even(void **state)
{
    enum { ROUNDS = 24000, ORDERS = 256 };
    uint32_t counts[ORDERS] = {0};
    size_t n_orders = 0;

    (void)state;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        int32_t items[4] = {0, 1, 2, 3};
        size_t order = 0;
        struct rng r;

        rng_at(&r, 1, 0, round);
        rng_shuffle_begin(&r, items, 4);
        for (size_t i = 0; i < 4; i++)
            order = order * 4 + (size_t)rng_shuffle_item(&r, items, 4, i);
        counts[order]++;
    }
    for (size_t i = 0; i < ORDERS; i++) {
        n_orders += counts[i] > 0;
        if (counts[i]) /* 1000 each; five standard deviations are 155 */
            assert_in_range(counts[i], 845, 1155);
    }
    assert_int_equal(n_orders, 24);
}

static void counted_coins_are_the_bits_of_a_draw(void **state)
{
    struct rng r, draws;

    (void)state;
    rng_at(&r, 5, 6, 7);
    rng_at(&draws, 5, 6, 7);
    for (int word = 0; word < 3; word++) {
        const uint32_t bits = rng_u32(&draws);

        for (int i = 0; i < 32; i++)
            assert_int_equal(rng_coin(&r), bits >> i & 1);
    }
    rng_coin(&r);
    rng_at(&r, 5, 6, 7); /* begins anew, not with what is left of a draw */
    rng_at(&draws, 5, 6, 7);
    assert_int_equal(rng_coin(&r), rng_u32(&draws) & 1);
}

static void counter_draws_depend_on_their_place_only(void **state)
{
    struct rng a, b;
    uint32_t first[9];

    (void)state;
    rng_at(&a, 7, 3, 1ull << 40);
    for (size_t i = 0; i < 9; i++)
        first[i] = rng_u32(&a);
    rng_at(&b, 7, 3, 1ull << 40);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(rng_u32(&b), first[i]);
    rng_at(&b, 7, 4, 1ull << 40);
    assert_int_not_equal(rng_u32(&b), first[0]);
    rng_at(&b, 8, 3, 1ull << 40);
    assert_int_not_equal(rng_u32(&b), first[0]);
    rng_at(&b, 7, 3, 0);
    assert_int_not_equal(rng_u32(&b), first[0]);
}

static void counter_words_are_philoxs(void **state)
{
    struct rng r;

    (void)state;
    rng_at(&r, 77, 3, 1ull << 33 | 5);
    for (uint32_t block = 0; block < 3 * PHILOX_BLOCKS; block++) {
        const uint32_t counter[4] = {block, 3, 5, 2};
        uint32_t want[4];

        philox_block(want, counter, 77);
        for (size_t i = 0; i < 4; i++)
            assert_int_equal(rng_u32(&r), want[i]);
    }
}

static void large_ranges_stay_inside(void **state)
{
    struct rng r;

    (void)state;
    rng_python(&r, 1);
    for (int i = 0; i < 1000; i++)
        assert_true(rng_below(&r, (1ull << 40) + 1) <= 1ull << 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_words_are_cpythons),
        cmocka_unit_test(python_reals_are_cpythons),
        cmocka_unit_test(python_ranges_are_cpythons),
        cmocka_unit_test(python_range_of_one_consumes_draws),
        cmocka_unit_test(python_shuffle_is_cpythons),
        cmocka_unit_test(python_coins_are_halves_of_reals),
        cmocka_unit_test(a_shuffle_in_python_draws_all_at_its_beginning),
        cmocka_unit_test(a_counted_shuffle_is_even),
        cmocka_unit_test(counted_coins_are_the_bits_of_a_draw),
        cmocka_unit_test(counter_draws_depend_on_their_place_only),
        cmocka_unit_test(counter_words_are_philoxs),
        cmocka_unit_test(large_ranges_stay_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
