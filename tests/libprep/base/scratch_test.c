/* scratch_test.c -- what was put is read as one block, and nobody else sees the file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/scratch.h"

static void puts_come_back_as_one_block(void **state)
{
    struct scratch s = {0};
    struct err err = {0};
    char **names;
    char folder[] = "/tmp/scratch-XXXXXX";
    size_t n;

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(scratch_open(&s, folder, &err), 0);
    for (uint32_t i = 0; i < 100000; i++)
        assert_int_equal(scratch_put(&s, &i, sizeof i, &err), 0);
    assert_int_equal(file_list(&names, &n, folder, "", &err), 0);
    assert_int_equal(n, 0); /* no name, even while it is open */
    file_free_names(names, n);
    assert_int_equal(scratch_map(&s, &err), 0);
    assert_int_equal(s.len, 400000);
    for (uint32_t i = 0; i < 100000; i++)
        assert_int_equal(((const uint32_t *)s.bytes)[i], i);
    scratch_close(&s);
    assert_int_equal(file_remove(folder, &err), 0);
}

static void nothing_put_is_an_empty_block(void **state)
{
    struct scratch s = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(scratch_open(&s, "/tmp", &err), 0);
    assert_int_equal(scratch_map(&s, &err), 0);
    assert_int_equal(s.len, 0);
    assert_null(s.bytes);
    scratch_close(&s);
}

static void a_missing_folder_is_named(void **state)
{
    struct scratch s = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(scratch_open(&s, "/nonexistent/folder", &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "/nonexistent/folder"));
    scratch_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_come_back_as_one_block),
        cmocka_unit_test(nothing_put_is_an_empty_block),
        cmocka_unit_test(a_missing_folder_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
