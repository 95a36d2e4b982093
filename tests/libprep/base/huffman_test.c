/* huffman_test.c -- codes are complete, within the limit, and as short as a plain search makes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/huffman.h"
#include "base/rng.h"

/* Bits of the best code without a limit: the sum of all inner nodes, found by brute force. */
static uint64_t best_cost(const uint32_t *counts, size_t n)
{
    uint64_t trees[HUFFMAN_MAX_SYMBOLS];
    size_t n_trees = 0;
    uint64_t cost = 0;

    for (size_t i = 0; i < n; i++)
        if (counts[i])
            trees[n_trees++] = counts[i];
    while (n_trees > 1) {
        for (int k = 0; k < 2; k++) { /* the two smallest go to the end */
            const size_t last = n_trees - 1 - (size_t)k;
            size_t smallest = 0;
            uint64_t kept;

            for (size_t i = 1; i <= last; i++)
                if (trees[i] < trees[smallest])
                    smallest = i;
            kept = trees[last];
            trees[last] = trees[smallest];
            trees[smallest] = kept;
        }
        trees[n_trees - 2] += trees[n_trees - 1];
        cost += trees[n_trees - 2];
        n_trees--;
    }
    return cost;
}

static uint64_t cost_of(const uint8_t *lengths, const uint32_t *counts, size_t n)
{
    uint64_t cost = 0;

    for (size_t i = 0; i < n; i++)
        cost += (uint64_t)counts[i] * lengths[i];
    return cost;
}

static void check_code(const uint8_t *lengths, const uint32_t *counts, size_t n, unsigned limit)
{
    uint16_t codes[HUFFMAN_MAX_SYMBOLS];
    uint32_t room = 0;

    for (size_t i = 0; i < n; i++) {
        assert_in_range(lengths[i], counts[i] ? 1 : 0, limit);
        if (lengths[i])
            room += 1u << (limit - lengths[i]);
    }
    assert_int_equal(room, 1u << limit);
    huffman_codes(codes, lengths, n);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n && lengths[i]; k++)
            if (k != i && lengths[k] >= lengths[i]) /* no code begins another */
                assert_int_not_equal(codes[k] & ((1u << lengths[i]) - 1), codes[i]);
}

static void codes_are_the_shortest(void **state)
{
    struct rng r;

    (void)state;
    rng_at(&r, 1, 0, 0);
    for (int round = 0; round < 300; round++) {
        const size_t n = 2 + rng_below(&r, 200);
        const uint64_t most = 1 + rng_below(&r, 1000);
        uint32_t counts[HUFFMAN_MAX_SYMBOLS] = {0};
        uint8_t lengths[HUFFMAN_MAX_SYMBOLS];
        size_t n_used = 0;

        for (size_t i = 0; i < n; i++) {
            counts[i] = rng_below(&r, 3) ? (uint32_t)rng_below(&r, most + 1) : 0;
            n_used += counts[i] > 0;
        }
        huffman_lengths(lengths, counts, n, HUFFMAN_MAX_LENGTH);
        check_code(lengths, counts, n, HUFFMAN_MAX_LENGTH);
        if (n_used > 1)
            assert_int_equal(cost_of(lengths, counts, n), best_cost(counts, n));
    }
}

static void the_limit_holds(void **state)
{
    uint32_t counts[40] = {1, 1};
    uint8_t lengths[40];

    (void)state;
    for (size_t i = 2; i < 40; i++) /* Fibonacci: without a limit as deep as can be */
        counts[i] = counts[i - 1] + counts[i - 2];
    for (unsigned limit = 6; limit <= HUFFMAN_MAX_LENGTH; limit++) {
        huffman_lengths(lengths, counts, 40, limit);
        check_code(lengths, counts, 40, limit);
        for (size_t i = 1; i < 40; i++)
            assert_true(lengths[i] <= lengths[i - 1]);
    }
}

static void there_are_always_two_codes(void **state)
{
    uint32_t counts[30] = {0};
    uint8_t lengths[30];

    (void)state;
    huffman_lengths(lengths, counts, 30, 15);
    check_code(lengths, counts, 30, 15);
    counts[7] = 5;
    huffman_lengths(lengths, counts, 30, 15);
    check_code(lengths, counts, 30, 15);
    assert_int_equal(lengths[7], 1);
}

static void codes_are_canonical(void **state)
{
    /* The example of RFC 1951, 3.2.2; bits turned round. */
    const uint8_t lengths[] = {3, 3, 3, 3, 3, 2, 4, 4};
    const uint16_t want[] = {2, 6, 1, 5, 3, 0, 7, 15};
    uint16_t codes[8];

    (void)state;
    huffman_codes(codes, lengths, 8);
    assert_memory_equal(codes, want, sizeof want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_the_shortest),
        cmocka_unit_test(the_limit_holds),
        cmocka_unit_test(there_are_always_two_codes),
        cmocka_unit_test(codes_are_canonical),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
