/* knapsack_test.c -- the best pattern, against trying all of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "base/rng.h"
#include "pack/knapsack.h"

enum { LENGTHS = 5 };

static double try_all(const int32_t *lens, const double *price, size_t room, size_t slots,
                      bool exact)
{
    double best = exact && room ? -INFINITY : 0;

    for (size_t i = 0; slots && i < LENGTHS; i++)
        if ((size_t)lens[i] <= room) {
            const double value =
                price[i] + try_all(lens, price, room - (size_t)lens[i], slots - 1, exact);

            best = value > best ? value : best;
        }
    return best;
}

static void check(uint64_t number, bool exact)
{
    int32_t lens[LENGTHS];
    double price[LENGTHS];
    size_t items[64];
    struct knapsack k;
    struct rng r;
    size_t room, slots, n;
    double best, sum = 0;
    int32_t used = 0;

    rng_at(&r, 6, exact, number);
    for (int i = 0; i < LENGTHS; i++) {
        lens[i] = 1 + 3 * i + (int32_t)rng_below(&r, 3);
        price[i] = (double)rng_between(&r, exact ? -20 : 0, 50);
    }
    room = (size_t)rng_between(&r, lens[LENGTHS - 1], 24);
    slots = (size_t)rng_below(&r, 5);
    knapsack_init(&k, lens, LENGTHS, room, slots, exact);
    best = knapsack_solve(&k, price);
    assert_true(best == try_all(lens, price, room, slots ? slots : room, exact));
    if (best > -INFINITY) {
        n = knapsack_pattern(items, &k);
        for (size_t i = 0; i < n; i++) {
            sum += price[items[i]];
            used += lens[items[i]];
        }
        assert_true(n <= knapsack_max_slots(&k) && sum == best);
        assert_true(exact ? used == (int32_t)room : used <= (int32_t)room);
    }
    for (size_t i = 0; i < LENGTHS && !exact; i++) {
        const double with = knapsack_value_with(&k, i);

        assert_true(with <= best);
        n = knapsack_pattern_with(items, &k, i);
        assert_true(items[0] == i && n <= knapsack_max_slots(&k));
    }
    knapsack_release(&k);
}

static void the_best_pattern_is_found(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 500; i++)
        check(i, false);
}

static void the_best_pattern_that_fills_the_room_is_found(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 500; i++)
        check(i, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_pattern_is_found),
        cmocka_unit_test(the_best_pattern_that_fills_the_room_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
