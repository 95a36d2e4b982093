/* sentences_test.c -- where sentences end. */
#include "text/sentences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* Only blanks are left out, and whole ones. */
static void check_blank(const char *text, size_t at, size_t end)
{
    static const char *const wide[] = {"\xc2\xa0", "\xe3\x80\x80", "\xe2\x80\x89", "\xe2\x80\xaf"};

    while (at < end) {
        size_t len = strchr(" \t\r\n", text[at]) && text[at] ? 1 : 0;
        for (size_t i = 0; len == 0 && i < sizeof wide / sizeof wide[0]; i++) {
            const size_t n = strlen(wide[i]);
            if (end - at >= n && memcmp(text + at, wide[i], n) == 0)
                len = n;
        }
        assert_true(len > 0);
        at += len;
    }
}

/* The sentences of `text`, with '\n' between. */
static void split_in(struct buf *to, enum language language, const char *text, size_t n)
{
    struct sentences s = {0};
    size_t end = 0;

    sentences_split(&s, language, text, n);
    for (size_t i = 0; i < s.n; i++) {
        assert_true(s.spans[i].start >= end && s.spans[i].start < s.spans[i].end &&
                    s.spans[i].end <= n);
        check_blank(text, end, s.spans[i].start);
        end = s.spans[i].end;
        if (i)
            buf_put_byte(to, '\n');
        buf_put(to, text + s.spans[i].start, s.spans[i].end - s.spans[i].start);
    }
    check_blank(text, end, n);
    buf_put(to, "", 0);
    sentences_release(&s);
}

static void split(struct buf *to, const char *text, size_t n)
{
    split_in(to, LANGUAGE_AUTO, text, n);
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
    check("It was . . . . The end.", "It was . . . .\nThe end.");
    check("It was old. . . . The new one came. . . . But it went. . . .",
          "It was old.\n. . . The new one came.\n. . . But it went. . . .");
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

static void check_in(enum language language, const char *text, const char *want)
{
    struct buf got = {0};

    split_in(&got, language, text, strlen(text));
    assert_string_equal(got.data, want);
    buf_release(&got);
}

static void a_language_has_its_abbreviations(void **state)
{
    (void)state;
    check_in(LANGUAGE_GERMAN, "Im 2. Weltkrieg war II. Friedrich da. Das war es.",
             "Im 2. Weltkrieg war II. Friedrich da.\nDas war es.");
    check_in(LANGUAGE_GERMAN, "Eine kath. Schule. Auf Seite 12. Dort steht es.",
             "Eine kath. Schule.\nAuf Seite 12.\nDort steht es.");
    check_in(LANGUAGE_SPANISH, "Soy el Lic. Pastor de EE. UU. y ya. ¿Qué?",
             "Soy el Lic. Pastor de EE. UU. y ya.\n¿Qué?");
    check_in(LANGUAGE_RUSSIAN, "См. Проф. Иванов, 5 тыс. Руб. Он ушёл.",
             "См. Проф. Иванов, 5 тыс. Руб. Он ушёл.");
    check_in(LANGUAGE_TURKISH, "19. Yüzyıl bitti. Bu iyi.", "19. Yüzyıl bitti.\nBu iyi.");
}

static void lines_that_lost_their_ends_are_found(void **state)
{
    (void)state;
    check("Regards, Jane Doe", "Regards,\nJane Doe");
    check("It was fun :-) See you. So be it; I go.", "It was fun :-)\nSee you.\nSo be it; I go.");
    check("Jane Doe <j@doe.org> 08/16/2000 12:05 PM Hello there",
          "Jane Doe <j@doe.org>\n08/16/2000 12:05 PM\nHello there");
    check("See http://a.org/b http://a.org/c here", "See http://a.org/b\nhttp://a.org/c here");
    check("if a < b and c > D: at 12:05 PM it", "if a < b and c > D: at 12:05 PM it");
}

static void small_letters_and_missing_blanks(void **state)
{
    (void)state;
    check("We met tonight. plus we ate.", "We met tonight.\nplus we ate.");
    check("He said approx. five. it was", "He said approx. five.\nit was");
    check("Hello world.Today is good. See example.Com or a.The",
          "Hello world.\nToday is good.\nSee example.Com or a.The");
    check("At 100 km/h. How far?", "At 100 km/h.\nHow far?");
    check("I mean . . . I see. Well... The end.", "I mean . . . I see.\nWell...\nThe end.");
}

static void last_letters_stay_whole(void **state)
{
    (void)state;
    check("Voil\xc3\xa0. C'est \xc3\xa0", "Voil\xc3\xa0.\nC'est \xc3\xa0");
    check("A.\xc2\xa0"
          "B \xa0",
          "A.\xc2\xa0"
          "B \xa0"); /* a wrong byte is no blank */
}

/* A generator of its own, so that a failure comes again. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static void any_bytes_come_out_as_they_went_in(void **state)
{
    static const char *const units[] = {".",
                                        "!",
                                        "?",
                                        " ",
                                        "  ",
                                        "\"",
                                        "'",
                                        "(1)",
                                        "1.",
                                        "a)",
                                        "Mr.",
                                        "A",
                                        "a",
                                        "is",
                                        "I",
                                        "...",
                                        "\xe3\x80\x82",
                                        "\xe3\x80\x8c",
                                        "\xc3\xa0",
                                        "\xa0",
                                        "\xe3\x80",
                                        "\xf0\x9f\x98\x80",
                                        ":-)",
                                        "http://",
                                        "<a@b>",
                                        "Regards,",
                                        "\xe2\x80\xa2",
                                        "[1]",
                                        "\xc2\xa0",
                                        "\xff",
                                        "\t",
                                        "The",
                                        "12:05 PM",
                                        "1/2/03 "};
    uint32_t random = 12345;

    (void)state;
    for (size_t round = 0; round < 20000; round++) {
        struct buf text = {0}, got = {0};
        for (size_t n = next_random(&random) % 40; n > 0; n--) {
            if (next_random(&random) % 8 == 0)
                buf_put_byte(&text, (char)(1 + next_random(&random) % 255));
            else
                buf_put_text(&text, units[next_random(&random) % (sizeof units / sizeof *units)]);
        }
        buf_put(&text, "", 0);
        split_in(&got, (enum language)(round % (LANGUAGE_ZH + 1)), text.data, text.len);
        buf_release(&text);
        buf_release(&got);
    }
}

static void long_input_is_linear(void **state)
{
    static const char *const units[] = {".",  ". ",   "a.",  "\"",   "(1) ", "Mr. ", "! ",   "a",
                                        "「", "A",    "[1]", "\xff", "1.",   " ",    "... ", "://",
                                        "<@", "1/1/", "; ",  "x. y", ",",    "> "};

    (void)state;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct buf text = {0}, got = {0};
        while (text.len < 1 << 18)
            buf_put_text(&text, units[i]);
        split(&got, text.data, text.len); /* were it not, this would not end */
        buf_release(&text);
        buf_release(&got);
    }
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
        cmocka_unit_test(a_language_has_its_abbreviations),
        cmocka_unit_test(lines_that_lost_their_ends_are_found),
        cmocka_unit_test(small_letters_and_missing_blanks),
        cmocka_unit_test(last_letters_stay_whole),
        cmocka_unit_test(any_bytes_come_out_as_they_went_in),
        cmocka_unit_test(long_input_is_linear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
