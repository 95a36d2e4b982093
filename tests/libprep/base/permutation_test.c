/* permutation_test.c -- every number has one place, and the places look random. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/permutation.h"

static void every_place_is_taken_once(void **state)
{
    const uint64_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 100, 1023, 1024, 1025, 50000};

    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const uint64_t n = sizes[k];
        char *taken = mem_alloc((size_t)n);
        struct permutation p;

        permutation_init(&p, n, 42, 7);
        for (uint64_t i = 0; i < n; i++) {
            const uint64_t at = permutation_at(&p, i);

            assert_true(at < n);
            assert_false(taken[at]);
            taken[at] = 1;
        }
        free(taken);
    }
}

/* All 24 orders of four things, over 2,400 streams: 100 each, give or take 5 standard deviations. */
static void all_orders_are_as_likely(void **state)
{
    int count[256] = {0};
    int n_orders = 0;

    (void)state;
    for (uint64_t stream = 0; stream < 2400; stream++) {
        struct permutation p;
        unsigned order = 0;

        permutation_init(&p, 4, 1, stream);
        for (uint64_t i = 0; i < 4; i++)
            order = order << 2 | (unsigned)permutation_at(&p, i);
        count[order]++;
    }
    for (int i = 0; i < 256; i++) {
        if (!count[i])
            continue;
        n_orders++;
        assert_in_range(count[i], 50, 150);
    }
    assert_int_equal(n_orders, 24);
}

static void seeds_and_streams_differ(void **state)
{
    struct permutation a, b, c;
    int same_b = 0, same_c = 0;

    (void)state;
    permutation_init(&a, 100000, 1, 1);
    permutation_init(&b, 100000, 2, 1);
    permutation_init(&c, 100000, 1, 2);
    for (uint64_t i = 0; i < 1000; i++) {
        same_b += permutation_at(&a, i) == permutation_at(&b, i);
        same_c += permutation_at(&a, i) == permutation_at(&c, i);
    }
    assert_in_range(same_b, 0, 3);
    assert_in_range(same_c, 0, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_is_taken_once),
        cmocka_unit_test(all_orders_are_as_likely),
        cmocka_unit_test(seeds_and_streams_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
