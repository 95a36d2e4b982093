/* paragraph_test.c -- words at the five white spaces, answers counted in code points. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "squad/paragraph.h"

static void parse(struct paragraph *p, const char *context)
{
    char json[1000];
    struct err err = {0};

    snprintf(json, sizeof json, "{\"context\": \"%s\", \"qas\": []}", context);
    assert_int_equal(paragraph_parse(p, json, strlen(json), PARAGRAPH_TEXTS, &err), 0);
}

static void check_words(const char *context, const char *want)
{
    struct paragraph p;
    char got[1000] = "";

    parse(&p, context);
    for (size_t i = 0; i < p.n_words; i++) {
        if (i)
            strcat(got, "|");
        strncat(got, p.context + p.words[i].start, p.words[i].end - p.words[i].start);
    }
    assert_string_equal(got, want);
    paragraph_release(&p);
}

static void only_five_white_spaces_part_words(void **state)
{
    (void)state;
    check_words("a b\\tc\\rd\\ne\\u202ff", "a|b|c|d|e|f");
    check_words("  a  b ", "a|b");
    check_words("a\\u00a0b\\u3000c\\u2028d\\u000be", "a\u00a0b\u3000c\u2028d\x0b"
                                                     "e");
    check_words(" \\u202f ", "");
    check_words("", "");
    check_words("\u202e\u65e5\U0001f600", "\u202e\u65e5\U0001f600");
}

static void every_code_point_knows_its_word(void **state)
{
    const int32_t want[] = {-1, 0, 0, 0, 1, 1};
    struct paragraph p;

    (void)state;
    parse(&p, " \u65e5\U0001f600 xy");
    assert_int_equal(p.n_points, 6);
    assert_memory_equal(p.word_of, want, sizeof want);
    paragraph_release(&p);
}

/* The words of the answer in the context; 0 = not there, -1 = outside. */
static void check_answer(const char *context, int64_t start, const char *text, int want,
                         int32_t want_first, int32_t want_last)
{
    const struct answer answer = {.text = text, .len = strlen(text), .start = start};
    struct unicode *u = unicode_open();
    struct paragraph p;
    struct err err = {0};
    int32_t first = 0;
    int32_t last = 0;

    parse(&p, context);
    assert_int_equal(paragraph_find_answer(&first, &last, &p, &answer, u, &err), want);
    if (want == 1) {
        assert_int_equal(first, want_first);
        assert_int_equal(last, want_last);
    }
    paragraph_release(&p);
    unicode_close(u);
}

static void answers_are_found_by_code_points(void **state)
{
    (void)state;
    check_answer("\u65e5\u672c the river", 3, "the", 1, 1, 1);
    check_answer("\u65e5\u672c the river", 3, "the\u3000river", 1, 1, 2); /* spaces are equal */
    check_answer("\u65e5\u672c the river", 4, "the", 1, 1, 1); /* the word at its place holds it */
    check_answer("\u65e5\u672c the river", 7, "the", 0, 0, 0);
    check_answer("Japanese", 0, "Japan", 1, 0, 0);
    check_answer("the river", 0, "", 1, 0, 1); /* Python's index -1 */
    check_answer(" a b", 0, "b", 0, 0, 0);
}

static void answers_outside_are_errors(void **state)
{
    (void)state;
    check_answer("abc", 3, "", -1, 0, 0);
    check_answer("abc", -1, "a", -1, 0, 0);
    check_answer("abc", 1, "abc", -1, 0, 0);
    check_answer("abc", INT64_MAX, "abc", -1, 0, 0);
    check_answer("", 0, "", -1, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_five_white_spaces_part_words),
        cmocka_unit_test(every_code_point_knows_its_word),
        cmocka_unit_test(answers_are_found_by_code_points),
        cmocka_unit_test(answers_outside_are_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
