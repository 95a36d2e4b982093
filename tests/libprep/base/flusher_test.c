/* flusher_test.c -- all files are seen to, and one that cannot be put on disk is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/flusher.h"

enum { N_FILES = 100 };

static void add_files(struct flusher *f, const char *folder)
{
    for (int i = 0; i < N_FILES; i++) {
        char path[64];
        FILE *file;

        snprintf(path, sizeof path, "%s/%d", folder, i);
        file = fopen(path, "w");
        assert_non_null(file);
        fputs(path, file);
        fclose(file);
        flusher_add(f, path);
    }
}

static void all_files_come_to_an_end_again_and_again(void **state)
{
    char folder[] = "/tmp/flusher-XXXXXX";
    struct flusher *f = flusher_open();
    struct err err = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(flusher_wait(f, &err), 0);
    for (int round = 0; round < 3; round++) {
        add_files(f, folder);
        assert_int_equal(flusher_wait(f, &err), 0);
    }
    flusher_close(f);
    assert_int_equal(file_remove(folder, &err), 0);
}

static void what_is_not_there_is_an_error_by_name(void **state)
{
    char folder[] = "/tmp/flusher-XXXXXX";
    struct flusher *f = flusher_open();
    struct err err = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    flusher_add(f, "/tmp/no/such/file");
    add_files(f, folder);
    assert_int_equal(flusher_wait(f, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "/tmp/no/such/file"));
    flusher_close(f);
    assert_int_equal(file_remove(folder, &err), 0);
}

static void nobody_has_to_wait(void **state)
{
    char folder[] = "/tmp/flusher-XXXXXX";
    struct flusher *f = flusher_open();
    struct err err = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    add_files(f, folder);
    flusher_close(f);
    assert_int_equal(file_remove(folder, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_files_come_to_an_end_again_and_again),
        cmocka_unit_test(what_is_not_there_is_an_error_by_name),
        cmocka_unit_test(nobody_has_to_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
