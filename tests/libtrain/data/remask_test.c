/* remask_test.c -- new masks hide other tokens of the same sequence, as often as the originals do. */
#include "data/remask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LENGTH = 42, FIRST = 20, CLS = 2, SEP = 3, MASK = 4, VOCAB = 1000, STATIC = 6 };

/* [CLS] 100 101 ... [SEP] ... [SEP], six of its tokens hidden. */
struct fixture {
    int32_t original[LENGTH];
    int32_t ids[LENGTH];
    int32_t masked_at[STATIC];
    int32_t masked_ids[STATIC];
    struct sequence s;
};

static void make(struct fixture *f)
{
    for (int i = 0; i < LENGTH; i++)
        f->original[i] = 100 + i;
    f->original[0] = CLS;
    f->original[FIRST - 1] = f->original[LENGTH - 1] = SEP;
    memcpy(f->ids, f->original, sizeof f->ids);
    for (int i = 0; i < STATIC; i++) {
        f->masked_at[i] = 1 + 3 * i;
        f->masked_ids[i] = f->original[1 + 3 * i];
        f->ids[1 + 3 * i] = i == 5 ? 777 : MASK;
    }
    f->s = (struct sequence){.ids = f->ids,
                             .n_ids = LENGTH,
                             .n_first = FIRST,
                             .masked_at = f->masked_at,
                             .masked_ids = f->masked_ids,
                             .n_masked = STATIC};
}

/* What one call made. */
struct result {
    int32_t ids[LENGTH];
    int32_t at[LENGTH];
    int32_t masked[LENGTH];
    size_t n;
};

static void draw(struct result *r, const struct fixture *f, const struct remask *how,
                 uint64_t number)
{
    int32_t places[LENGTH];

    memset(r, 0, sizeof *r);
    r->n = remask_sequence(r->ids, r->at, r->masked, places, &f->s, how, number);
}

static void the_original_tokens_come_back(void **state)
{
    const struct remask how = {.prob = 0.15, .most = 20, .mask_id = MASK, .vocab_size = VOCAB};
    struct fixture f;
    struct result r;

    (void)state;
    make(&f);
    for (uint64_t k = 0; k < 100; k++) {
        draw(&r, &f, &how, k);
        assert_int_equal(r.n, 6); /* round(42 * 0.15) */
        for (size_t i = 0; i < r.n; i++) {
            assert_true(i == 0 || r.at[i] > r.at[i - 1]);
            assert_int_equal(r.masked[i], f.original[r.at[i]]);
            assert_true(r.masked[i] != CLS && r.masked[i] != SEP);
            r.ids[r.at[i]] = r.masked[i];
        }
        assert_memory_equal(r.ids, f.original, sizeof f.original);
    }
}

static void fates_are_80_10_10_and_every_place_is_hidden(void **state)
{
    const struct remask how = {.prob = 0.15, .most = 20, .mask_id = MASK, .vocab_size = VOCAB};
    int hidden[LENGTH] = {0};
    int n_mask = 0, n_kept = 0, n = 0;
    struct fixture f;
    struct result r;

    (void)state;
    make(&f);
    for (uint64_t k = 0; k < 4000; k++) {
        draw(&r, &f, &how, k);
        for (size_t i = 0; i < r.n; i++, n++) {
            hidden[r.at[i]]++;
            n_mask += r.ids[r.at[i]] == MASK;
            n_kept += r.ids[r.at[i]] == r.masked[i];
        }
    }
    /* Five standard deviations of 24,000 draws are 1.3 %. */
    assert_true(abs(n_mask * 1000 / n - 800) < 13);
    assert_true(abs(n_kept * 1000 / n - 100) < 13);
    for (int i = 0; i < LENGTH; i++) {
        if (i == 0 || i == FIRST - 1 || i == LENGTH - 1)
            assert_int_equal(hidden[i], 0);
        else
            assert_true(abs(hidden[i] - n / (LENGTH - 3)) < 130); /* five of 25 */
    }
}

static void draws_are_a_function_of_seed_and_number(void **state)
{
    struct remask how = {.prob = 0.3, .most = 20, .mask_id = MASK, .vocab_size = VOCAB, .seed = 7};
    struct fixture f;
    struct result a, b;

    (void)state;
    make(&f);
    draw(&a, &f, &how, 5);
    draw(&b, &f, &how, 5);
    assert_memory_equal(&a, &b, sizeof a);
    draw(&b, &f, &how, 6);
    assert_memory_not_equal(&a, &b, sizeof a);
    how.seed = 8;
    draw(&b, &f, &how, 5);
    assert_memory_not_equal(&a, &b, sizeof a);
}

static void limits_hold(void **state)
{
    struct remask how = {.prob = 0.9, .most = 3, .mask_id = MASK, .vocab_size = VOCAB};
    int32_t ids[] = {CLS, SEP};
    const struct sequence empty = {.ids = ids, .n_ids = 2, .n_first = 2};
    struct fixture f;
    struct result r;
    int32_t places[2];

    (void)state;
    make(&f);
    draw(&r, &f, &how, 0);
    assert_int_equal(r.n, 3);
    how.most = 100;
    draw(&r, &f, &how, 0);
    assert_int_equal(r.n, 38); /* round(42 * 0.9) of 39 places */
    assert_true(r.n <= remask_most(&how, LENGTH, 1));
    how.prob = 0.001;
    draw(&r, &f, &how, 0);
    assert_int_equal(r.n, 1);
    assert_int_equal(remask_sequence(r.ids, r.at, r.masked, places, &empty, &how, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_original_tokens_come_back),
        cmocka_unit_test(fates_are_80_10_10_and_every_place_is_hidden),
        cmocka_unit_test(draws_are_a_function_of_seed_and_number),
        cmocka_unit_test(limits_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
