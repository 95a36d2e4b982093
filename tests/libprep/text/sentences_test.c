/* sentences_test.c -- where sentences end. */
#include "text/sentences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"

/* The sentences of `text`, with '\n' between. */
static void split(struct buf *to, const char *text, size_t n)
{
    struct sentences s = {0};
    size_t end = 0;

    sentences_split(&s, LANGUAGE_AUTO, text, n);
    for (size_t i = 0; i < s.n; i++) {
        assert_true(s.spans[i].start >= end && s.spans[i].start < s.spans[i].end &&
                    s.spans[i].end <= n);
        for (size_t k = end; k < s.spans[i].start; k++)
            assert_true(strchr(" \t\r\n", text[k]) != NULL); /* only blanks are left out */
        end = s.spans[i].end;
        if (i)
            buf_put_byte(to, '\n');
        buf_put(to, text + s.spans[i].start, s.spans[i].end - s.spans[i].start);
    }
    buf_put(to, "", 0);
    sentences_release(&s);
}

static void check(const char *text, const char *want)
{
    struct buf got = {0};

    split(&got, text, strlen(text));
    assert_string_equal(got.data ? got.data : "", want);
    buf_release(&got);
}

static void stops_end_sentences(void **state)
{
    (void)state;
    check("Hello World. My name is Jo. What is yours? Oh! No",
          "Hello World.\nMy name is Jo.\nWhat is yours?\nOh!\nNo");
    check("Really?! Yes. 1990 was good.", "Really?!\nYes.\n1990 was good.");
    check("", "");
    check("   ", "");
    check("No stop", "No stop");
}

static void abbreviations_do_not(void **state)
{
    (void)state;
    check("Mr. Smith met Dr. Jones at 5 p.m. in St. Louis, e.g. at home.",
          "Mr. Smith met Dr. Jones at 5 p.m. in St. Louis, e.g. at home.");
    check("See p. 55 and Fig. 3, vol. 2. Then go.", "See p. 55 and Fig. 3, vol. 2.\nThen go.");
    check("I live in the U.S. It is big. The U.S. Government is old.",
          "I live in the U.S.\nIt is big.\nThe U.S. Government is old.");
    check("Pitt & Co. at noon. Pitt & Co. It closed.",
          "Pitt & Co. at noon.\nPitt & Co.\nIt closed.");
    check("George W. Bush and J. R. Tolkien met. He left.",
          "George W. Bush and J. R. Tolkien met.\nHe left.");
    check("We are good, you and I. Did you see?", "We are good, you and I.\nDid you see?");
    check("He was born on Dec. 31, 1911. She was not.",
          "He was born on Dec. 31, 1911.\nShe was not.");
    check("But they didn't. Today's is it.", "But they didn't.\nToday's is it.");
    check("He said no. Then he left.", "He said no.\nThen he left.");
}

static void numbers_and_names_keep_their_points(void **state)
{
    (void)state;
    check("It costs $100.50. Version 2.0.1 is at www.example.com. Good.",
          "It costs $100.50.\nVersion 2.0.1 is at www.example.com.\nGood.");
    check("Mail a.b@c.org. Use .NET here.", "Mail a.b@c.org.\nUse .NET here.");
}

static void quotes_and_notes_stay_with_their_sentence(void **state)
{
    (void)state;
    check("\"Go home.\" She left. (He stayed.) \xe2\x80\x9cYes.\xe2\x80\x9d Ok.",
          "\"Go home.\"\nShe left.\n(He stayed.)\n\xe2\x80\x9cYes.\xe2\x80\x9d\nOk.");
    check("\"Stop!\" he cried. Then quiet.", "\"Stop!\" he cried.\nThen quiet.");
    check("It is old.[1] It is new.[2][3] End. [4] Next.",
          "It is old.[1]\nIt is new.[2][3]\nEnd. [4]\nNext.");
}

static void ellipses_go_on(void **state)
{
    (void)state;
    check("Well ... what I mean. I never meant that.... She left.",
          "Well ... what I mean.\nI never meant that....\nShe left.");
    check("He said [...] nothing. So . . . it was.", "He said [...] nothing.\nSo . . . it was.");
}

static void list_marks_begin_sentences(void **state)
{
    (void)state;
    check("1. The first item 2. The second item. 3. Third",
          "1. The first item\n2. The second item.\n3. Third");
    check("a) one b) two c) three", "a) one\nb) two\nc) three");
    check("(i) Hello. (ii) World.", "(i) Hello.\n(ii) World.");
    check("He has 1. 2 is more.", "He has 1.\n2 is more.");
}

static void other_scripts_have_their_stops(void **state)
{
    (void)state;
    check("これはペンです。それは本です。", "これはペンです。\nそれは本です。");
    check("彼は「はい。そうです。」と言った。終わり。",
          "彼は「はい。そうです。」と言った。\n終わり。");
    check("यह एक है। वह दो है।", "यह एक है।\nवह दो है।");
    check("ماذا حدث؟ لا شيء.", "ماذا حدث؟\nلا شيء.");
    check("Он ушёл. Она осталась. он", "Он ушёл.\nОна осталась. он");
    check("Am 3. Oktober war z. B. frei. Gut.", "Am 3. Oktober war z. B. frei.\nGut.");
}

static void long_input_is_linear(void **state)
{
    static const char *const units[] = {".",  ". ", "a.",  "\"",   "(1) ", "Mr. ", "! ",
                                        "「", "A",  "[1]", "\xff", "1.",   " ",    "... "};
    const clock_t start = clock();

    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct buf text = {0}, got = {0};
        for (size_t k = 0; k < 200000; k++)
            buf_put_text(&text, units[i]);
        split(&got, text.data, text.len);
        buf_release(&text);
        buf_release(&got);
    }
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_end_sentences),
        cmocka_unit_test(abbreviations_do_not),
        cmocka_unit_test(numbers_and_names_keep_their_points),
        cmocka_unit_test(quotes_and_notes_stay_with_their_sentence),
        cmocka_unit_test(ellipses_go_on),
        cmocka_unit_test(list_marks_begin_sentences),
        cmocka_unit_test(other_scripts_have_their_stops),
        cmocka_unit_test(long_input_is_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
