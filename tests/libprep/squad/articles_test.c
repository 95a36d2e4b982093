/* articles_test.c -- paragraphs come out whole, wherever the reader's blocks end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "squad/articles.h"

static const char path[] = "articles_test.tmp";

static void put_file(const char *text, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

/* The events of the file in words: "P0.1 {...}" a paragraph, "A title", "END" or the error. */
static void events(struct buf *to, const char *text, size_t n)
{
    struct articles *a;
    struct err err = {0};
    int rc;

    put_file(text, n);
    a = articles_open(path, &err);
    assert_non_null(a);
    buf_clear(to);
    do {
        struct buf paragraph = {0};

        rc = articles_next(a, &paragraph, &err);
        if (rc == ARTICLES_PARAGRAPH)
            buf_printf(to, "P%d.%d %.*s|", (int)articles_where(a).article,
                       (int)articles_where(a).paragraph, (int)paragraph.len, paragraph.data);
        else if (rc == ARTICLES_ARTICLE)
            buf_printf(to, "A %s|", articles_title(a));
        buf_release(&paragraph);
    } while (rc > 0);
    buf_printf(to, "%s", rc < 0 ? err.text : articles_version(a));
    articles_close(a);
    unlink(path);
}

static void check(const char *text, const char *want)
{
    struct buf got = {0};

    events(&got, text, strlen(text));
    assert_string_equal(got.data, want);
    buf_release(&got);
}

static void members_come_in_any_order(void **state)
{
    (void)state;
    check(
        "{\"version\":\"v2\",\"data\":[{\"title\":\"a\",\"paragraphs\":[{\"x\":\"]}\\\"\"},{}]}]}",
        "P0.0 {\"x\":\"]}\\\"\"}|P0.1 {}|A a|v2");
    check(" { \"data\" : [ { \"paragraphs\" : [ ] , \"title\" : \"a\" } ,\n{ \"paragraphs\" : [ 5 "
          "] } ] "
          ", \"other\" : [ { } , 1.5e3 ] , \"version\" : \"1\" } \n",
          "A a|P1.0 5|A |1");
    check("{\"data\":[]}", "");
}

static void errors_name_the_byte(void **state)
{
    (void)state;
    check("", "articles_test.tmp: byte 0: the file ends too early");
    check("{\"data\":[{\"title\":\"a\"}]}",
          "articles_test.tmp: byte 22: the article has no member 'paragraphs'");
    check("{\"data\":[{\"paragraphs\":[{]}]}", "P0.0 {]|articles_test.tmp: byte 26: expected ','");
    check("{\"data\":[] \"x\":1}", "articles_test.tmp: byte 11: expected ','");
    check("{\"x\":01,\"data\":[]}",
          "articles_test.tmp: byte 5: line 1, column 1: invalid token near '0'");
}

/* A value of every length around the size of a block begins and ends anywhere in it. */
static void blocks_end_anywhere(void **state)
{
    struct buf text = {0};
    struct buf want = {0};
    struct buf got = {0};

    (void)state;
    for (size_t n = (1 << 16) - 40; n < (1 << 16) + 4; n++) {
        buf_clear(&text);
        buf_clear(&want);
        buf_put_text(&text, "{\"data\":[{\"paragraphs\":[{\"c\":\"");
        for (size_t i = 0; i < n; i++)
            buf_put_byte(&text, 'x');
        buf_put_text(&text, "\\\"}]\"},{\"q\":[]}],\"title\":\"t\"}]}");
        buf_put_text(&want, "P0.0 ");
        buf_put(&want, text.data + 24, n + 12);
        buf_put_text(&want, "|P0.1 {\"q\":[]}|A t|");
        events(&got, text.data, text.len);
        if (strcmp(got.data, want.data) != 0)
            fail_msg("with %zu bytes", n);
    }
    buf_release(&text);
    buf_release(&want);
    buf_release(&got);
}

/* Whatever is cut off, the reader says so: no beginning of a file is a whole one. */
static void every_cut_is_noticed(void **state)
{
    const char text[] =
        "{\"version\":\"1\",\"data\":[{\"title\":\"\",\"paragraphs\":[{\"c\":\"\\u0041\"}]}]}";
    struct buf got = {0};

    (void)state;
    for (size_t n = 0; n < sizeof text - 1; n++) {
        events(&got, text, n);
        if (!strstr(got.data, "articles_test.tmp: byte "))
            fail_msg("cut at %zu: %s", n, got.data);
    }
    buf_release(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_come_in_any_order),
        cmocka_unit_test(errors_name_the_byte),
        cmocka_unit_test(blocks_end_anywhere),
        cmocka_unit_test(every_cut_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
