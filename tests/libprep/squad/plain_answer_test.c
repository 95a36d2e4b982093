/* plain_answer_test.c -- what the scorers take for equal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "squad/plain_answer.h"

static void check(const char *text, const char *want)
{
    struct unicode *u = unicode_open();
    struct plain_answer a = {.unicode = u};

    plain_answer_set(&a, text, strlen(text));
    buf_put(&a.text, "", 0); /* with its zero byte */
    assert_string_equal(a.text.data, want);
    plain_answer_release(&a);
    unicode_close(u);
}

static void case_punctuation_articles_and_spaces_go(void **state)
{
    (void)state;
    check("The  Quick, brown\tfox!", "quick brown fox");
    check("an apple a day the", "apple day");
    check("(the)", "");
    check("a.b", "ab"); /* punctuation goes first: not an article */
    check("the_end", "theend");
    check("theatre an1 1a", "theatre an1 1a");
    check("$5.00", "500");
}

static void words_are_of_any_script(void **state)
{
    (void)state;
    check("a\u0301", "\u0301");                      /* a mark ends the word: the article goes */
    check("a\u00e9 the\u00bd", "a\u00e9 the\u00bd"); /* letters and numbers do not */
    check("\u201ca\u201d", "\u201c \u201d");         /* quotes of other scripts stay */
    check("\u039f\u0394\u039f\u03a3", "\u03bf\u03b4\u03bf\u03c2");
    check("x\u3000\u2028y\x1fz", "x y z");
    check("\u0130", "i\u0307");
}

static void shared_words_are_counted_as_often_as_both_have_them(void **state)
{
    struct unicode *u = unicode_open();
    struct plain_answer a = {.unicode = u};
    struct plain_answer b = {.unicode = u};
    struct plain_overlap o;

    (void)state;
    plain_answer_set(&a, "x y x z ab", 10);
    plain_answer_set(&b, "x w x x abc", 11);
    o = plain_answer_overlap(&a, &b);
    assert_int_equal(o.n_a, 5);
    assert_int_equal(o.n_b, 5);
    assert_int_equal(o.n_same, 2);
    plain_answer_set(&b, "the", 3);
    o = plain_answer_overlap(&a, &b);
    assert_int_equal(o.n_b, 0);
    assert_int_equal(o.n_same, 0);
    plain_answer_release(&a);
    plain_answer_release(&b);
    unicode_close(u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(case_punctuation_articles_and_spaces_go),
        cmocka_unit_test(words_are_of_any_script),
        cmocka_unit_test(shared_words_are_counted_as_often_as_both_have_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
