/* masking_test.c -- how many positions, which ones, and what stands there instead. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "instance/masking.h"

enum { VOCAB = 2000, CLS = 2, SEP = 3, MASK = 4, FIRST_PIECE = 1000, LENGTH = 128 };

static bool continues[VOCAB];
static int32_t words[VOCAB];

static struct tokens_header make_vocab(void)
{
    for (int32_t i = 0; i < VOCAB; i++) {
        words[i] = i;
        continues[i] = i >= FIRST_PIECE;
    }
    return (struct tokens_header){.vocab_size = VOCAB,
                                  .cls = CLS,
                                  .sep = SEP,
                                  .mask = MASK,
                                  .continues = continues,
                                  .words = words,
                                  .n_words = VOCAB};
}

/* [CLS] 50 ids [SEP] 75 ids [SEP]; every third id is a piece when `pieces`. */
static void fill(struct sequence *s, bool pieces)
{
    s->n_ids = LENGTH;
    s->n_first = 52;
    for (int32_t i = 0; i < LENGTH; i++)
        s->ids[i] = (pieces && i % 3 == 0 ? FIRST_PIECE : 10) + i;
    s->ids[0] = CLS;
    s->ids[51] = SEP;
    s->ids[LENGTH - 1] = SEP;
}

static void the_count_is_rounded_half_to_even(void **state)
{
    const struct {
        size_t n, want;
    } cases[] = {{5, 1},   {8, 1},   {10, 2},   {13, 2},   {20, 3},   {30, 4},  {50, 8},
                 {70, 10}, {90, 14}, {110, 16}, {128, 19}, {384, 58}, {512, 77}};
    const struct tokens_header vocab = make_vocab();
    struct masking m;

    (void)state;
    masking_init(&m, &vocab, &(struct masking_rules){.prob = 0.15, .max_predictions = 80}, 512);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(masking_count(&m, cases[i].n), cases[i].want);
    m.rules.max_predictions = 20;
    assert_int_equal(masking_count(&m, 512), 20);
    m.rules.prob = 0;
    assert_int_equal(masking_count(&m, 512), 1);
    m.rules.prob = 1;
    assert_int_equal(masking_count(&m, 15), 15);
    masking_release(&m);
}

static void labels_are_what_stood_there(void **state)
{
    const struct tokens_header vocab = make_vocab();
    struct sequence before, s;
    struct masking m;
    struct rng rng;

    (void)state;
    masking_init(&m, &vocab, &(struct masking_rules){.prob = 0.15, .max_predictions = 20}, LENGTH);
    sequence_init(&before, LENGTH, 20);
    sequence_init(&s, LENGTH, 20);
    fill(&before, false);
    for (uint64_t round = 0; round < 200; round++) {
        size_t next = 0;

        fill(&s, false);
        rng_at(&rng, 1, 0, round);
        masking_apply(&m, &s, &rng);
        assert_int_equal(s.n_masked, 19);
        for (size_t i = 0; i < s.n_ids; i++) {
            if (next < s.n_masked && (size_t)s.masked_at[next] == i)
                assert_int_equal(s.masked_ids[next++], before.ids[i]);
            else
                assert_int_equal(s.ids[i], before.ids[i]);
            if (before.ids[i] == CLS || before.ids[i] == SEP)
                assert_int_equal(s.ids[i], before.ids[i]);
        }
        assert_int_equal(next, s.n_masked); /* positions rise */
    }
    masking_release(&m);
    sequence_release(&before);
    sequence_release(&s);
}

static void four_of_five_show_the_mask(void **state)
{
    enum { ROUNDS = 2000 };
    const struct tokens_header vocab = make_vocab();
    struct sequence s;
    struct masking m;
    struct rng rng;
    size_t n = 0, shown = 0, kept = 0;

    (void)state;
    masking_init(&m, &vocab, &(struct masking_rules){.prob = 0.15, .max_predictions = 20}, LENGTH);
    sequence_init(&s, LENGTH, 20);
    for (uint64_t round = 0; round < ROUNDS; round++) {
        fill(&s, false);
        rng_at(&rng, 2, 0, round);
        masking_apply(&m, &s, &rng);
        for (size_t i = 0; i < s.n_masked; i++, n++) {
            shown += s.ids[s.masked_at[i]] == MASK;
            kept += s.ids[s.masked_at[i]] == s.masked_ids[i];
        }
    }
    /* 38,000 draws: five standard deviations are 0.010 and 0.008. */
    assert_float_equal((double)shown / (double)n, 0.8, 0.010);
    assert_float_equal((double)kept / (double)n, 0.1, 0.008);
    masking_release(&m);
    sequence_release(&s);
}

static void whole_words_are_masked_whole(void **state)
{
    const struct tokens_header vocab = make_vocab();
    struct sequence before, s;
    struct masking m;
    struct rng rng;

    (void)state;
    masking_init(&m, &vocab,
                 &(struct masking_rules){.prob = 0.15, .max_predictions = 20, .way = MASKING_WORDS},
                 LENGTH);
    sequence_init(&before, LENGTH, 20);
    sequence_init(&s, LENGTH, 20);
    fill(&before, true);
    for (uint64_t round = 0; round < 200; round++) {
        bool masked[LENGTH] = {false};

        fill(&s, true);
        rng_at(&rng, 3, 0, round);
        masking_apply(&m, &s, &rng);
        assert_in_range(s.n_masked, 18, 19);
        for (size_t i = 0; i < s.n_masked; i++)
            masked[s.masked_at[i]] = true;
        /* The piece at 51 is [SEP] here; the one at 54 follows the word at 53. */
        for (size_t i = 3; i < LENGTH - 1; i += 3)
            if (i != 51)
                assert_int_equal(masked[i], masked[i - 1]);
    }
    masking_release(&m);
    sequence_release(&before);
    sequence_release(&s);
}

static void nothing_to_mask_is_no_harm(void **state)
{
    const struct tokens_header vocab = make_vocab();
    struct sequence s;
    struct masking m;
    struct rng rng;

    (void)state;
    masking_init(&m, &vocab, &(struct masking_rules){.prob = 0.15, .max_predictions = 20}, LENGTH);
    sequence_init(&s, LENGTH, 20);
    s.n_ids = 5;
    s.ids[0] = s.ids[1] = CLS;
    s.ids[2] = s.ids[3] = s.ids[4] = SEP;
    rng_at(&rng, 4, 0, 0);
    masking_apply(&m, &s, &rng);
    assert_int_equal(s.n_masked, 0);
    masking_release(&m);
    sequence_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_count_is_rounded_half_to_even),
        cmocka_unit_test(labels_are_what_stood_there),
        cmocka_unit_test(four_of_five_show_the_mask),
        cmocka_unit_test(whole_words_are_masked_whole),
        cmocka_unit_test(nothing_to_mask_is_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
