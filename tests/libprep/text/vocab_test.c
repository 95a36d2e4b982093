/* Vocabulary files, good and bad. */
#include "text/vocab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SPECIALS "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"

static void parse(struct vocab *v, const struct unicode *u, const char *text, size_t n)
{
    struct err err = {0};

    assert_int_equal(vocab_parse(v, text, n, u, &err), 0);
}

static void refuse(const struct unicode *u, const char *text, enum err_kind kind, const char *why)
{
    struct vocab v;
    struct err err = {0};

    assert_int_equal(vocab_parse(&v, text, strlen(text), u, &err), -1);
    assert_int_equal(err.kind, kind);
    assert_string_equal(err.text, why);
    vocab_release(&v);
}

static void the_id_is_the_line(void **state)
{
    const char text[] = SPECIALS "the\n##s";
    struct vocab v;

    parse(&v, *state, text, strlen(text));
    assert_int_equal(v.n, 7);
    assert_int_equal(v.pad, 0);
    assert_int_equal(v.unk, 1);
    assert_int_equal(v.cls, 2);
    assert_int_equal(v.sep, 3);
    assert_int_equal(v.mask, 4);
    assert_int_equal(vocab_id(&v, "the", 3), 5);
    assert_int_equal(vocab_id(&v, "##s", 3), 6);
    assert_int_equal(vocab_id(&v, "th", 2), -1);
    assert_string_equal(vocab_token(&v, 6), "##s");
    assert_int_equal(vocab_token_len(&v, 6), 3);
    vocab_release(&v);
}

static void lines_are_read_as_python_reads_them(void **state)
{
    /* \r\n, a lone \r, white space around, an empty line, U+2028 that does not end a line */
    const char text[] = "[PAD]\r\n[UNK]\r[CLS] \n\xc2\xa0[SEP]\t\n\n[MASK]\na\xe2\x80\xa8z\n\r\n";
    struct vocab v;

    parse(&v, *state, text, strlen(text));
    assert_int_equal(v.n, 8);
    assert_int_equal(v.sep, 3);
    assert_int_equal(v.mask, 5);
    assert_int_equal(vocab_id(&v, "a\xe2\x80\xa8z", 5), 6);
    assert_int_equal(vocab_id(&v, "", 0), 7);
    assert_string_equal(vocab_token(&v, 4), "");
    vocab_release(&v);
}

static void a_token_twice_has_its_last_id_and_first_place(void **state)
{
    const char text[] = "a\nb\na\n" SPECIALS "b\n";
    const int32_t want[] = {2, 8, 3, 4, 5, 6, 7};
    struct vocab v;

    parse(&v, *state, text, strlen(text));
    assert_int_equal(v.n, 9);
    assert_int_equal(vocab_id(&v, "a", 1), 2);
    assert_int_equal(vocab_id(&v, "b", 1), 8);
    assert_int_equal(v.n_words, 7);
    assert_memory_equal(v.words, want, sizeof want);
    vocab_release(&v);
}

static void what_is_no_bert_vocabulary_is_refused(void **state)
{
    refuse(*state, "", ERR_FORMAT, "empty vocabulary");
    refuse(*state, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n", ERR_FORMAT,
           "no line '[MASK]': not a BERT vocabulary");
    refuse(*state, SPECIALS "a\nb\xff\n", ERR_FORMAT, "line 7: not valid UTF-8");
}

static void messages_name_the_file(void **state)
{
    struct err err = {0};
    struct vocab v;
    FILE *f = fopen("vocab_test.tmp", "wb");

    assert_non_null(f);
    fputs("[PAD]\n", f);
    fclose(f);
    assert_int_equal(vocab_load(&v, "vocab_test.tmp", *state, &err), -1);
    assert_string_equal(err.text,
                        "vocabulary 'vocab_test.tmp': no line '[UNK]': not a BERT vocabulary");
    unlink("vocab_test.tmp");
    assert_int_equal(vocab_load(&v, "vocab_test.tmp", *state, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "vocab_test.tmp"));
}

static void the_hash_is_of_the_bytes(void **state)
{
    const char text[] = SPECIALS;
    char want[HASH_HEX_SIZE];
    struct vocab v;

    parse(&v, *state, text, strlen(text));
    sha256_of(want, text, strlen(text));
    assert_string_equal(v.sha256, want);
    vocab_release(&v);
}

static int open_table(void **state)
{
    *state = unicode_open();
    return 0;
}

static int close_table(void **state)
{
    unicode_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_id_is_the_line),
        cmocka_unit_test(lines_are_read_as_python_reads_them),
        cmocka_unit_test(a_token_twice_has_its_last_id_and_first_place),
        cmocka_unit_test(what_is_no_bert_vocabulary_is_refused),
        cmocka_unit_test(messages_name_the_file),
        cmocka_unit_test(the_hash_is_of_the_bytes),
    };

    return cmocka_run_group_tests(tests, open_table, close_table);
}
