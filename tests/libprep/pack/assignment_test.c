/* assignment_test.c -- every sequence gets a slot of its own that is long enough for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "pack/assignment.h"
#include "pack/best_fit.h"

enum { T = 100, N = 4000 };

/* The tokens and sequences that each pack gets; packs are numbered as in the output. */
static void fill(int *tokens, int *sequences, size_t *n_packs, uint64_t seed, size_t depth)
{
    struct histogram h;
    struct assignment a;
    struct err err = {0};
    struct plan p;
    int *lens = mem_array(N, sizeof *lens);
    struct rng r;

    rng_at(&r, 9, 0, 0);
    histogram_init(&h, T);
    for (size_t i = 0; i < N; i++) {
        lens[i] = (int)rng_between(&r, 1, i % 2 ? T : T / 3);
        assert_int_equal(histogram_add(&h, lens[i], 1, &err), 0);
    }
    best_fit_plan(&p, &h, T, depth);
    assignment_init(&a, &p, &h, seed);
    *n_packs = (size_t)p.n_packs;
    for (size_t i = 0; i < N; i++) {
        uint64_t key;

        assert_int_equal(assignment_next(&key, &a, (size_t)lens[i], &err), 0);
        assert_true(key >> a.key_shift < p.n_packs);
        tokens[key >> a.key_shift] += lens[i];
        sequences[key >> a.key_shift]++;
    }
    /* One more than was counted is no longer the input of the first pass. */
    {
        uint64_t key;

        assert_int_equal(assignment_next(&key, &a, (size_t)lens[0], &err), -1);
        assert_int_equal(err.kind, ERR_FORMAT);
    }
    assignment_release(&a);
    plan_release(&p);
    histogram_release(&h);
    free(lens);
}

static void packs_are_filled_as_planned(void **state)
{
    (void)state;
    for (size_t depth = 0; depth < 5; depth++) {
        int tokens[N] = {0};
        int sequences[N] = {0};
        size_t n_packs;
        int all = 0;

        fill(tokens, sequences, &n_packs, 42, depth);
        for (size_t i = 0; i < n_packs; i++) {
            assert_in_range(tokens[i], 1, T);
            assert_in_range(sequences[i], 1, depth ? depth : T);
            all += sequences[i];
        }
        assert_int_equal(all, N);
    }
}

static void seed_alone_decides(void **state)
{
    int a[N] = {0}, b[N] = {0}, c[N] = {0}, ignored[N] = {0};
    size_t n_packs;

    (void)state;
    fill(a, ignored, &n_packs, 42, 3);
    fill(b, ignored, &n_packs, 42, 3);
    fill(c, ignored, &n_packs, 43, 3);
    assert_memory_equal(a, b, sizeof a);
    assert_memory_not_equal(a, c, sizeof a);
}

/* With slots longer than the sequences, as plans of other kinds have them. */
static void shorter_sequences_use_longer_slots(void **state)
{
    int32_t slots[2] = {60, 40};
    struct pattern pattern = {.slots = slots, .n_slots = 2, .count = 5};
    struct plan p = {
        .seq_length = T, .patterns = &pattern, .n_patterns = 1, .n_packs = 5, .longest = 2};
    int tokens[8] = {0};
    struct histogram h;
    struct assignment a;
    struct err err = {0};

    (void)state;
    histogram_init(&h, T);
    assert_int_equal(histogram_add(&h, 55, 4, &err), 0);
    assert_int_equal(histogram_add(&h, 38, 3, &err), 0);
    assert_int_equal(histogram_add(&h, 7, 3, &err), 0);
    assignment_init(&a, &p, &h, 1);
    for (int i = 0; i < 10; i++) {
        const size_t len = i < 3 ? 7 : i < 6 ? 38 : 55;
        uint64_t key;

        assert_int_equal(assignment_next(&key, &a, len, &err), 0);
        tokens[key >> a.key_shift] += (int)len;
    }
    for (int i = 0; i < 5; i++)
        assert_in_range(tokens[i], 7 + 38, 55 + 38);
    assignment_release(&a);
    histogram_release(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_are_filled_as_planned),
        cmocka_unit_test(seed_alone_decides),
        cmocka_unit_test(shorter_sequences_use_longer_slots),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
