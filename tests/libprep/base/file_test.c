/* Paths, folders, buffers and messages: the ground everything stands on. */
#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_text(char *got, const char *want)
{
    assert_string_equal(got, want);
    free(got);
}

static void paths_are_joined_and_taken_apart(void **state)
{
    (void)state;
    check_text(file_join("a", "b"), "a/b");
    check_text(file_join("a/", "b"), "a/b");
    check_text(file_base("x/y.txt"), "y.txt");
    check_text(file_base("x/y/"), "y");
    check_text(file_beside("out/a//", "_metadata.json"), "out/a_metadata.json");
}

static void a_file_is_the_same_by_any_name(void **state)
{
    (void)state;
    assert_true(file_is_same("/dev/../etc/passwd", "/etc/passwd"));
    assert_false(file_is_same("/etc/passwd", "/etc/group"));
    assert_false(file_is_same("/nowhere", "/nowhere"));
    assert_false(file_is_same("/dev/null", "/dev/null")); /* nothing is lost there */
}

static void a_folder_is_made_listed_in_order_and_removed(void **state)
{
    static const char *const made[] = {"b.txt", "a.txt", "c.bin"};
    char **names;
    size_t n;
    struct err err = {0};

    (void)state;
    assert_int_equal(file_make_folder("file_test.tmp/deep/er", &err), 0);
    for (size_t i = 0; i < 3; i++) {
        char *path = file_join("file_test.tmp/deep/er", made[i]);
        FILE *f = fopen(path, "wb");

        assert_non_null(f);
        fclose(f);
        free(path);
    }
    assert_int_equal(file_list(&names, &n, "file_test.tmp/deep/er", ".txt", &err), 0);
    assert_int_equal(n, 2);
    assert_string_equal(names[0], "a.txt");
    assert_string_equal(names[1], "b.txt");
    file_free_names(names, n);
    assert_int_equal(file_remove("file_test.tmp", &err), 0);
    assert_false(file_exists("file_test.tmp"));
    assert_int_equal(file_remove("file_test.tmp", &err), 0);
}

static void a_file_over_the_limit_is_refused_by_name(void **state)
{
    struct buf content = {0};
    struct err err = {0};
    FILE *f = fopen("file_test.limit.tmp", "wb");

    (void)state;
    assert_non_null(f);
    fputs("0123456789", f);
    fclose(f);
    assert_int_equal(file_read(&content, "file_test.limit.tmp", 10, &err), 0);
    assert_int_equal(content.len, 10);
    buf_clear(&content);
    assert_int_equal(file_read(&content, "file_test.limit.tmp", 9, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.text, "file_test.limit.tmp: "));
    buf_release(&content);
    remove("file_test.limit.tmp");
}

static void places_are_put_before_the_cause(void **state)
{
    struct err err = {0};
    char long_text[3000];

    (void)state;
    assert_int_equal(err_set(&err, ERR_FORMAT, "value %d", 7), -1);
    assert_int_equal(err_in(&err, "line %d", 3), -1);
    assert_int_equal(err_in(&err, "%s", "x.txt"), -1);
    assert_string_equal(err.text, "x.txt: line 3: value 7");
    assert_int_equal(err.kind, ERR_FORMAT);
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    err_in(&err, "%s", long_text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void a_buffer_grows_shifts_and_ends_in_zero(void **state)
{
    struct buf b = {0};

    (void)state;
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "%d,", i);
    assert_int_equal(b.len, 3890);
    assert_int_equal(b.data[b.len], '\0');
    buf_shift(&b, 3886);
    assert_string_equal(b.data, "999,");
    buf_clear(&b);
    buf_put_u32(&b, 0x01020304u);
    buf_put_u64(&b, 5);
    assert_memory_equal(b.data, "\4\3\2\1\5\0\0\0\0\0\0\0", 12);
    buf_release(&b);
    assert_null(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_joined_and_taken_apart),
        cmocka_unit_test(a_file_is_the_same_by_any_name),
        cmocka_unit_test(a_folder_is_made_listed_in_order_and_removed),
        cmocka_unit_test(a_file_over_the_limit_is_refused_by_name),
        cmocka_unit_test(places_are_put_before_the_cause),
        cmocka_unit_test(a_buffer_grows_shifts_and_ends_in_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
