/* scores_test.c -- the official numbers of small cases that can be done by hand; the golden ones and
 * random answers are in tests/cli/squad-score.bats. */
#include "squad/scores.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char gold_path[] = "scores_test.gold.tmp", guess_path[] = "scores_test.guess.tmp",
                  probs_path[] = "scores_test.probs.tmp";

static void put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

/* want: the result as a line of JSON; why: what the error says instead. */
static void check(const char *gold, const char *guesses, const struct scores_options *o,
                  const char *want, const char *why)
{
    enum scores_version used;
    struct buf text = {0};
    struct err err = {0};
    struct json *result;

    put_file(gold_path, gold);
    put_file(guess_path, guesses);
    result = scores_make(&used, gold_path, guess_path, o, &err);
    if (result)
        json_write(&text, result, JSON_LINE);
    if (want && (!result || strcmp(text.data, want) != 0))
        fail_msg("%s: %s, not %s", result ? text.data : "", err.text, want);
    if (why && (result || !strstr(err.text, why)))
        fail_msg("%s: '%s' does not say '%s'", result ? text.data : "", err.text, why);
    json_release(result);
    buf_release(&text);
    unlink(gold_path);
    unlink(guess_path);
}

#define ANSWER(text) "{\"text\": \"" text "\", \"answer_start\": 0}"
#define QUESTION(id, answers)                                                                      \
    "{\"id\": \"" id "\", \"question\": \"?\", \"answers\": [" answers "]}"
#define FILE_OF(version, questions)                                                                \
    "{\"version\": \"" version "\", \"data\": [{\"title\": \"t\", \"paragraphs\": [{\"context\": " \
    "\"c\", \"qas\": [" questions "]}]}]}"

static const struct scores_options by_file = {.na_threshold = 1.0};

static void articles_case_and_punctuation_do_not_count(void **state)
{
    (void)state;
    check(FILE_OF("1.1", QUESTION("q", ANSWER("The Cat, sat!"))), "{\"q\": \"a cat  SAT\"}",
          &by_file, "{\"exact_match\": 100.0, \"f1\": 100.0}", NULL);
}

static void f1_is_by_words_and_by_the_best_answer(void **state)
{
    (void)state;
    /* 2 of 3 words given, 2 of 4 wanted: 2 * (2/3) * (1/2) / (2/3 + 1/2) */
    check(FILE_OF("1.1", QUESTION("q", ANSWER("w x y z") ", " ANSWER("nothing like it"))),
          "{\"q\": \"w x v\"}", &by_file, "{\"exact_match\": 0.0, \"f1\": 57.14285714285715}",
          NULL);
}

static void questions_without_an_answer_want_none(void **state)
{
    (void)state;
    check(
        FILE_OF("v2.0", QUESTION("a", ANSWER("x")) ", " QUESTION("b", "")),
        "{\"a\": \"\", \"b\": \"\"}", &by_file,
        "{\"exact\": 50.0, \"f1\": 50.0, \"total\": 2, \"HasAns_exact\": 0.0, \"HasAns_f1\": 0.0, "
        "\"HasAns_total\": 1, \"NoAns_exact\": 100.0, \"NoAns_f1\": 100.0, \"NoAns_total\": 1}",
        NULL);
}

static void a_likely_no_answer_is_taken_for_one(void **state)
{
    struct scores_options o = {.na_probs = probs_path, .na_threshold = 0.5};

    (void)state;
    put_file(probs_path, "{\"a\": 0.1, \"b\": 0.9}");
    check(FILE_OF("v2.0", QUESTION("a", ANSWER("x")) ", " QUESTION("b", "")),
          "{\"a\": \"x\", \"b\": \"x\"}", &o,
          "{\"exact\": 100.0, \"f1\": 100.0, \"total\": 2, \"HasAns_exact\": 100.0, \"HasAns_f1\": "
          "100.0, \"HasAns_total\": 1, \"NoAns_exact\": 100.0, \"NoAns_f1\": 100.0, "
          "\"NoAns_total\": 1, \"best_exact\": 100.0, \"best_exact_thresh\": 0.1, \"best_f1\": "
          "100.0, \"best_f1_thresh\": 0.1}",
          NULL);
    unlink(probs_path);
}

static void count(void *context, const char *id)
{
    (void)id;
    ++*(int *)context;
}

static void a_missing_prediction_is_0_or_an_error(void **state)
{
    int n = 0;
    const struct scores_options o = {.na_threshold = 1.0, .context = &n, .unanswered = count};

    (void)state;
    check(FILE_OF("1.1", QUESTION("a", ANSWER("x")) ", " QUESTION("b", ANSWER("x"))),
          "{\"a\": \"x\"}", &o, "{\"exact_match\": 50.0, \"f1\": 50.0}", NULL);
    assert_int_equal(n, 1);
    check(FILE_OF("v2.0", QUESTION("a", ANSWER("x"))), "{}", &by_file, NULL,
          "question 'a' has no prediction");
}

static void what_cannot_be_scored_says_so(void **state)
{
    (void)state;
    check(FILE_OF("1.1", QUESTION("q", "")), "{\"q\": \"x\"}", &by_file, NULL,
          "is this a file of version 2.0?");
    check(FILE_OF("1.1", QUESTION("q", ANSWER("x"))), "{\"q\": 1}", &by_file, NULL,
          "the prediction of question 'q' is not a text");
    check(FILE_OF("1.1", QUESTION("q", ANSWER("x"))), "[]", &by_file, NULL,
          "scores_test.guess.tmp: it is not a JSON object");
    check(FILE_OF("1.1", ""), "{}", &by_file, NULL, "there are no questions");
}

static void each_article_has_its_own(void **state)
{
    const struct scores_options o = {.na_threshold = 1.0, .articles = true};

    (void)state;
    check(FILE_OF("1.1", QUESTION("q", ANSWER("x"))), "{\"q\": \"x\"}", &o,
          "{\"exact_match\": 100.0, \"f1\": 100.0, \"articles\": [{\"title\": \"t\", "
          "\"exact_match\": 100.0, \"f1\": 100.0}]}",
          NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(articles_case_and_punctuation_do_not_count),
        cmocka_unit_test(f1_is_by_words_and_by_the_best_answer),
        cmocka_unit_test(questions_without_an_answer_want_none),
        cmocka_unit_test(a_likely_no_answer_is_taken_for_one),
        cmocka_unit_test(a_missing_prediction_is_0_or_an_error),
        cmocka_unit_test(what_cannot_be_scored_says_so),
        cmocka_unit_test(each_article_has_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
