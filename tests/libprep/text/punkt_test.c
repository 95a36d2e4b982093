/* punkt_test.c -- sentences as NLTK 3.8 finds them, with small parameters written here. */
#include "text/punkt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"

static const char parameters[] =
    "{\"AbbrevTypes\": {\"dr\": 1, \"etc\": 1, \"u.s\": 1, \"op\": 1},"
    " \"Collocations\": {\"##number##,may\": 1, \"b,smith\": 1},"
    " \"SentStarters\": {\"meanwhile\": 1},"
    " \"OrthoContext\": {\"the\": 98, \"may\": 102, \"he\": 34, \"smith\": 4, \"of\": 36,"
    " \"and\": 112}}";

static void write_file(char path[32], const char *text)
{
    int fd;

    strcpy(path, "/tmp/punkt_test_XXXXXX");
    fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static int open_punkt(void **state)
{
    char path[32];
    struct err err = {0};

    write_file(path, parameters);
    *state = punkt_open(path, &err);
    unlink(path);
    return *state ? 0 : -1;
}

static int close_punkt(void **state)
{
    punkt_close(*state);
    return 0;
}

/* The sentences with '|' between. */
static void check(void **state, const char *text, const char *want)
{
    struct sentences s = {0};
    struct buf got = {0};

    punkt_split(&s, *state, text, strlen(text));
    for (size_t i = 0; i < s.n; i++) {
        if (i)
            buf_put_byte(&got, '|');
        buf_put(&got, text + s.spans[i].start, s.spans[i].end - s.spans[i].start);
    }
    buf_put(&got, "", 0);
    assert_string_equal(got.data, want);
    buf_release(&got);
    sentences_release(&s);
}

static void stops_before_white_space_or_punctuation_count(void **state)
{
    check(state, "One. Two! three? (Four.)", "One.|Two!|three?|(Four.)");
    check(state, "Wait!!! No.yes. End", "Wait!!!|No.yes.|End");
    check(state, "", "");
    check(state, "  ", "");
    check(state, "No stop ", "No stop");
}

static void known_abbreviations_need_a_reason_to_end(void **state)
{
    check(state, "See Dr. Smith etc. and so on.", "See Dr. Smith etc. and so on.");
    check(state, "Apples etc. The rest. In the U.S. Meanwhile, he",
          "Apples etc.|The rest.|"
          "In the U.S.|Meanwhile, he");
    check(state, "A co-op. opened.", "A co-op. opened."); /* what follows the hyphen counts */
}

static void initials_and_numbers_look_at_the_next_word(void **state)
{
    check(state, "J. Smith came. He left.", "J. Smith came.|He left.");
    check(state, "It was B. Smith.", "It was B. Smith.");
    check(state, "On 3. May it fell. No. 4. of us.", "On 3. May it fell.|No.|4. of us.");
}

static void closing_signs_go_to_the_sentence_before(void **state)
{
    check(state, "\"Go.\" He went. (\"So.\") The end.", "\"Go.\"|He went.|(\"So.\")|The end.");
    check(state, "He said 'no.'--The end.", "He said 'no.'|--The end.");
}

static void ellipses_are_no_abbreviations(void **state)
{
    check(state, "Well... he said. Well... The end.", "Well... he said.|Well...|The end.");
    check(state, "Well . . . he.", "Well .|.|.|he.");
}

static void unicode_counts_as_in_python(void **state)
{
    /* A blank that is not ASCII's ends no word when NLTK looks for the word before a stop. */
    check(state, "Ab.\xc2\xa0\xc3\x89t\xc3\xa9.\xe3\x80\x80x", "Ab.\xc2\xa0\xc3\x89t\xc3\xa9.|x");
    check(state, "\xc3\x89. Smith came.", "\xc3\x89. Smith came.");
    check(state, "a\xff. \xa0 b. c", "a\xff.|\xa0 b. c"); /* wrong bytes are neither */
}

static void hostile_text_stays_whole_and_linear(void **state)
{
    static const char *const units[] = {".",     "a",   ". ",  "\"",        "?)",       "a.b?",
                                        "- -",   ". .", "!\"", "\xc2\xa0.", "\xf0\x9f", "x.\"",
                                        "(.--)", "1.",  "\n.", " "};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        struct buf text = {0};
        struct sentences s = {0};
        size_t end = 0;

        while (text.len < 1 << 20)
            buf_put_text(&text, units[i]);
        punkt_split(&s, *state, text.data, text.len);
        for (size_t k = 0; k < s.n; k++) {
            assert_true(s.spans[k].start >= end && s.spans[k].start < s.spans[k].end);
            end = s.spans[k].end;
        }
        assert_true(end <= text.len);
        buf_release(&text);
        sentences_release(&s);
    }
}

static void check_refused(const char *text, enum err_kind kind)
{
    char path[32];
    struct err err = {0};

    write_file(path, text);
    assert_null(punkt_open(path, &err));
    unlink(path);
    assert_int_equal(err.kind, kind);
    assert_non_null(strstr(err.text, path));
}

static void bad_parameters_are_refused(void **state)
{
    struct err err = {0};
    struct buf text = {0};

    (void)state;
    assert_null(punkt_open("/nonexistent", &err));
    check_refused("{", ERR_FORMAT);
    check_refused("[]", ERR_FORMAT);
    check_refused("{\"AbbrevTypes\": {}}", ERR_FORMAT);
    check_refused("{\"AbbrevTypes\": {\"a\": \"b\"}}", ERR_FORMAT);
    check_refused("{\"AbbrevTypes\": {}, \"Collocations\": {\"a\": 1}}", ERR_FORMAT);
    buf_put_text(&text, "{\"AbbrevTypes\": {\"");
    for (size_t i = 0; i < 300; i++)
        buf_put_byte(&text, 'a');
    buf_put_text(&text, "\": 1}}");
    check_refused(text.data, ERR_LIMIT);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stops_before_white_space_or_punctuation_count),
        cmocka_unit_test(known_abbreviations_need_a_reason_to_end),
        cmocka_unit_test(initials_and_numbers_look_at_the_next_word),
        cmocka_unit_test(closing_signs_go_to_the_sentence_before),
        cmocka_unit_test(ellipses_are_no_abbreviations),
        cmocka_unit_test(unicode_counts_as_in_python),
        cmocka_unit_test(hostile_text_stays_whole_and_linear),
        cmocka_unit_test(bad_parameters_are_refused),
    };

    return cmocka_run_group_tests(tests, open_punkt, close_punkt);
}
