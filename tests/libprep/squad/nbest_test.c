/* nbest_test.c -- one question through both families of rules, by hand. */
#include "squad/nbest.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "own_vocab.h"

/* A window: [CLS] y [SEP] and 5 tokens of the context, [SEP]; the next begins 3 tokens later. */
enum { T = 9, COLUMN = 3, STRIDE = 3 };

struct fixture {
    struct tokenizer *tokenizer;
    struct tokenizer_scratch *scratch;
    struct unicode *unicode;
    struct nbest_scratch *nbest;
    struct passage passage;
    float start[4 * T], end[4 * T];
    struct nbest got;
};
static struct fixture f;

static int set_up(void **state)
{
    (void)state;
    f.tokenizer = own_tokenizer("nbest_test.tmp");
    f.scratch = tokenizer_scratch_open();
    f.unicode = unicode_open();
    f.nbest = nbest_scratch_open(f.tokenizer, f.unicode);
    return f.tokenizer ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    nbest_scratch_close(f.nbest);
    tokenizer_close(f.tokenizer);
    tokenizer_scratch_close(f.scratch);
    unicode_close(f.unicode);
    nbest_release(&f.got);
    return 0;
}

static void ask(const char *context)
{
    const struct passage_options o = {.seq_length = T, .doc_stride = STRIDE, .max_query_length = 1};
    char json[500];
    struct err err = {0};

    passage_release(&f.passage);
    snprintf(json, sizeof json,
             "{\"context\": \"%s\", \"qas\": [{\"id\": \"q\", \"question\": \"y\"}]}", context);
    assert_int_equal(
        passage_make(&f.passage, json, strlen(json), &o, f.tokenizer, f.scratch, f.unicode, &err),
        0);
    for (size_t i = 0; i < 4 * (size_t)T; i++)
        f.start[i] = f.end[i] = -50;
}

/* Token `token` of the context, from window w, is a start or an end. */
static void say(float *logits, size_t w, size_t token, float logit)
{
    logits[w * T + COLUMN + token - f.passage.queries[0].windows[w].first] = logit;
}

static void check(const struct nbest_options *o, const char *want)
{
    char got[500] = "";
    struct err err = {0};

    assert_int_equal(nbest_decode(&f.got, f.nbest, &f.passage, 0, f.start, f.end, T, o, &err), 0);
    nbest_finish(&f.got, f.got.null_start, f.got.null_end, o);
    for (size_t i = 0; i < f.got.n && i < 4; i++)
        sprintf(got + strlen(got), "%.*s %g|", (int)f.got.entries[i].len,
                f.got.texts.data + f.got.entries[i].text,
                f.got.entries[i].start + f.got.entries[i].end);
    assert_string_equal(got, want);
    passage_release(&f.passage);
}

static const struct nbest_options google = {.n_best = 3, .max_answer_length = 3};
static const struct nbest_options pytorch = {.n_best = 3, .max_answer_length = 3, .pytorch = true};

static void answers_are_parts_of_words(void **state)
{
    (void)state;
    ask("a (B's c d");
    say(f.start, 0, 2, 5);
    say(f.end, 0, 2, 4);
    check(&google, "B 9|");
}

static void texts_come_back_as_they_are_written(void **state)
{
    const struct nbest_options one = {.n_best = 1, .max_answer_length = 3};

    (void)state;
    ask("a \\u00c9X b"); /* tokens e and ##x; as many characters */
    say(f.start, 0, 1, 5);
    say(f.end, 0, 1, 5);
    check(&one, "\u00c9 10|");
    ask("a \\u0130 b"); /* the lower case has another length: all the words */
    say(f.start, 0, 1, 5);
    say(f.end, 0, 2, 5);
    check(&one, "\u0130 b 10|");
}

static void a_text_of_two_windows_counts_once_or_twice(void **state)
{
    (void)state;
    for (int rules = 0; rules < 2; rules++) {
        ask("a b c d e f a b");
        assert_int_equal(f.passage.queries[0].n_windows, 2);
        say(f.start, 0, 0, 5);
        say(f.end, 0, 0, 5);
        say(f.start, 1, 6, 3);
        say(f.end, 1, 6, 3);
        check(rules ? &pytorch : &google, rules ? "a 10|a 6|" : "a 10|");
    }
}

static void equal_scores_keep_their_order(void **state)
{
    const struct nbest_options o = {.n_best = 2, .max_answer_length = 1};

    (void)state;
    ask("c b a");
    for (size_t i = 0; i < 3; i++) {
        say(f.start, 0, i, 1);
        say(f.end, 0, i, 1);
    }
    check(&o, "c 2|b 2|");
}

static void version_2_weighs_no_answer(void **state)
{
    struct nbest_options o = google;

    (void)state;
    o.version_2 = true;
    ask("a b c d e f g h");
    say(f.start, 0, 0, 5);
    say(f.end, 0, 0, 5);
    f.start[0] = f.end[0] = 6;
    f.start[T] = f.end[T] = 4; /* the smaller one counts */
    check(&o, "a 10| 8|");
    assert_true(f.got.null_odds == -2);
    assert_int_equal(f.got.answer->len, 1);
    ask("a b c");
    say(f.start, 0, 0, 5);
    say(f.end, 0, 0, 5);
    f.start[0] = f.end[0] = 6;
    check(&o, " 12|a 10|");
    assert_null(f.got.answer);
    assert_true(f.got.null_odds == 2);
}

static void without_any_span_there_is_an_answer(void **state)
{
    struct nbest_options o = google;

    (void)state;
    ask("a b c");
    f.start[1] = f.end[1] = f.start[2] = f.end[2] = f.start[8] = f.end[8] = 9;
    check(&o, "empty 0|");
    o.version_2 = true;
    ask("a b c");
    f.start[1] = f.end[1] = f.start[2] = f.end[2] = f.start[8] = f.end[8] = 9;
    check(&o, " -100|");
    assert_null(f.got.answer);
    assert_true(f.got.null_odds == -100);
    ask("");
    check(&google, "empty 0|");
}

static void logits_that_are_no_numbers_are_refused(void **state)
{
    struct err err = {0};

    (void)state;
    ask("a b c");
    f.end[8] = NAN;
    assert_int_equal(nbest_decode(&f.got, f.nbest, &f.passage, 0, f.start, f.end, T, &google, &err),
                     -1);
    assert_string_equal(err.text, "question 'q', window 0: a logit is not finite");
    passage_release(&f.passage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_parts_of_words),
        cmocka_unit_test(texts_come_back_as_they_are_written),
        cmocka_unit_test(a_text_of_two_windows_counts_once_or_twice),
        cmocka_unit_test(equal_scores_keep_their_order),
        cmocka_unit_test(version_2_weighs_no_answer),
        cmocka_unit_test(without_any_span_there_is_an_answer),
        cmocka_unit_test(logits_that_are_no_numbers_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
