/* Lines across blocks, inputs and conventions of ending them. */
#include "base/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"

static void write_file(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

/* lines_fill() gives the same lines, `size` bytes at a time. */
static void check_fill(char **paths, size_t n, enum newline newline, const char *want)
{
    struct buf expected = {0};
    struct err err = {0};

    for (const char *p = want; *p; p++)
        if (*p != '#')
            buf_put_byte(&expected, *p == '|' ? '\n' : *p);
    buf_put(&expected, "", 0);
    for (size_t size = 1; size < 200000; size = size * 5 + 1) {
        struct buf got = {0}, batch = {0};
        struct lines l;
        int rc;

        assert_int_equal(lines_open(&l, paths, n, newline, 1 << 20, &err), 0);
        for (; (rc = lines_fill(&l, &batch, size, &err)) > 0; buf_clear(&batch)) {
            assert_int_equal(batch.data[batch.len - 1], '\n');
            buf_put(&got, batch.data, batch.len);
        }
        assert_int_equal(rc, 0);
        assert_string_equal(got.data ? got.data : "", expected.data);
        lines_close(&l);
        buf_release(&got);
        buf_release(&batch);
    }
    buf_release(&expected);
}

/* All lines of the texts (one input each), joined with '|', inputs beginning with '#'. */
static void check(const char *const *texts, size_t n, enum newline newline, const char *want)
{
    char path[2][32] = {"lines_test.0.tmp", "lines_test.1.tmp"};
    char *paths[] = {path[0], path[1]};
    struct buf got = {0};
    struct lines l;
    struct err err = {0};
    int rc;

    for (size_t i = 0; i < n; i++)
        write_file(paths[i], texts[i], strlen(texts[i]));
    assert_int_equal(lines_open(&l, paths, n, newline, 1 << 20, &err), 0);
    while ((rc = lines_next(&l, &err)) > 0) {
        buf_put_text(&got, l.new_input ? "#" : "");
        buf_put(&got, l.line.data, l.line.len);
        buf_put_byte(&got, '|');
    }
    assert_int_equal(rc, 0);
    assert_string_equal(got.data ? got.data : "", want);
    lines_close(&l);
    check_fill(paths, n, newline, want);
    buf_release(&got);
    for (size_t i = 0; i < n; i++)
        unlink(paths[i]);
}

static void line_feeds_end_lines(void **state)
{
    const char *const text = "a\n\nb\rc\r\nlast";

    (void)state;
    check(&text, 1, NEWLINE_LF, "#a||b\rc\r|last|");
}

static void universal_newlines_are_pythons(void **state)
{
    const char *const text = "a\n\nb\rc\r\n\r\rlast\r\n";

    (void)state;
    check(&text, 1, NEWLINE_UNIVERSAL, "#a||b|c|||last|");
}

static void inputs_never_share_a_line(void **state)
{
    const char *const texts[] = {"one\ntwo", "three\n"};

    (void)state;
    check(texts, 2, NEWLINE_LF, "#one|two|#three|");
}

static void an_empty_input_has_no_line(void **state)
{
    const char *const texts[] = {"", "x"};

    (void)state;
    check(texts, 2, NEWLINE_LF, "#x|");
}

static void long_lines_cross_blocks(void **state)
{
    const size_t n = 3000000;
    char *text = mem_alloc(n + 2);
    char *path = (char[]){"lines_test.long.tmp"};
    struct lines l;
    struct err err = {0};

    (void)state;
    memset(text, 'x', n);
    text[n / 2] = '\n';
    text[n] = '\n';
    write_file(path, text, n + 1);
    assert_int_equal(lines_open(&l, &path, 1, NEWLINE_LF, n, &err), 0);
    assert_int_equal(lines_next(&l, &err), 1);
    assert_int_equal(l.line.len, n / 2);
    assert_int_equal(lines_next(&l, &err), 1);
    assert_int_equal(l.line.len, n / 2 - 1);
    assert_int_equal(lines_next(&l, &err), 0);
    lines_close(&l);
    assert_int_equal(lines_open(&l, &path, 1, NEWLINE_LF, 1000, &err), 0);
    assert_int_equal(lines_next(&l, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.text, "lines_test.long.tmp: line 1: "));
    lines_close(&l);
    unlink(path);
    free(text);
}

static void a_missing_file_is_named(void **state)
{
    char *path = (char[]){"no/such/file"};
    struct lines l;
    struct err err = {0};

    (void)state;
    assert_int_equal(lines_open(&l, &path, 1, NEWLINE_LF, 100, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "no/such/file"));
    lines_close(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_feeds_end_lines),
        cmocka_unit_test(universal_newlines_are_pythons),
        cmocka_unit_test(inputs_never_share_a_line),
        cmocka_unit_test(an_empty_input_has_no_line),
        cmocka_unit_test(long_lines_cross_blocks),
        cmocka_unit_test(a_missing_file_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
