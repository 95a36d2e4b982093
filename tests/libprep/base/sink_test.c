/* A file has its name only when it is whole: before the commit there is the old one, or none. */
#include "base/sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char path[] = "sink_test.tmp";
static const char part[] = "sink_test.tmp.part";

static void check_content(const char *want)
{
    char got[64] = {0};
    FILE *f = fopen(path, "rb");

    assert_non_null(f);
    fread(got, 1, sizeof got - 1, f);
    fclose(f);
    assert_string_equal(got, want);
}

static void put(struct sink *s, const char *text)
{
    struct err err = {0};

    assert_int_equal(sink_open(s, path, &err), 0);
    assert_int_equal(sink_write(s, text, strlen(text), &err), 0);
    assert_int_equal(s->len, strlen(text));
}

static int clean(void **state)
{
    (void)state;
    unlink(path);
    unlink(part);
    return 0;
}

static void the_name_comes_with_the_commit(void **state)
{
    struct sink s;
    struct err err = {0};

    (void)state;
    put(&s, "first");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(sink_commit(&s, &err), 0);
    check_content("first");
    sink_close(&s);
    check_content("first");
    assert_int_equal(access(part, F_OK), -1);
}

static void what_is_not_committed_leaves_the_old_file(void **state)
{
    struct sink s;
    struct err err = {0};

    (void)state;
    put(&s, "old");
    assert_int_equal(sink_commit(&s, &err), 0);
    sink_close(&s);
    put(&s, "new");
    check_content("old");
    sink_close(&s);
    check_content("old");
    assert_int_equal(access(part, F_OK), -1);
}

static void what_a_killed_run_left_is_overwritten(void **state)
{
    struct sink s;
    struct err err = {0};
    FILE *left = fopen(part, "wb");

    (void)state;
    assert_non_null(left);
    fputs("a longer text than the next", left);
    fclose(left);
    put(&s, "short");
    assert_int_equal(sink_commit(&s, &err), 0);
    sink_close(&s);
    check_content("short");
}

static void another_library_may_write_the_part(void **state)
{
    struct sink s;
    struct err err = {0};
    FILE *f;

    (void)state;
    assert_int_equal(sink_open_part(&s, path, &err), 0);
    assert_string_equal(s.part, part);
    f = fopen(s.part, "wb");
    assert_non_null(f);
    fputs("theirs", f);
    fclose(f);
    assert_int_equal(sink_commit(&s, &err), 0);
    sink_close(&s);
    check_content("theirs");
}

static void a_device_stays_a_device(void **state)
{
    struct sink s;
    struct stat st;
    struct err err = {0};

    (void)state;
    assert_int_equal(sink_open(&s, "/dev/null", &err), 0);
    assert_int_equal(sink_write(&s, "x", 1, &err), 0);
    assert_int_equal(sink_commit(&s, &err), 0);
    sink_close(&s);
    assert_int_equal(stat("/dev/null", &st), 0);
    assert_true(S_ISCHR(st.st_mode));
    assert_int_equal(sink_open_part(&s, "/dev/null", &err), -1);
}

static void a_folder_and_a_full_disk_are_errors(void **state)
{
    struct sink s;
    struct err err = {0};

    (void)state;
    assert_int_equal(sink_open(&s, "/tmp", &err), -1);
    assert_non_null(strstr(err.text, "it is a folder"));
    err = (struct err){0};
    if (access("/dev/full", W_OK) != 0)
        skip();
    assert_int_equal(sink_open(&s, "/dev/full", &err), 0);
    assert_int_equal(sink_write(&s, "x", 1, &err), 0);
    assert_int_equal(sink_commit(&s, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    sink_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_comes_with_the_commit),
        cmocka_unit_test(what_is_not_committed_leaves_the_old_file),
        cmocka_unit_test(what_a_killed_run_left_is_overwritten),
        cmocka_unit_test(another_library_may_write_the_part),
        cmocka_unit_test(a_device_stays_a_device),
        cmocka_unit_test(a_folder_and_a_full_disk_are_errors),
    };

    return cmocka_run_group_tests(tests, clean, clean);
}
