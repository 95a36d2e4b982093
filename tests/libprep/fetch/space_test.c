/* space_test.c -- claims on the disk that has this folder. */
#include "fetch/space.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"

/* Other programs write, too: shares of the disk, not bytes. */
static uint64_t share(unsigned percent)
{
    struct err err = {0};
    uint64_t n;

    assert_int_equal(file_free_space(&n, ".", &err), 0);
    return n / 100 * percent;
}

static void files_that_fit_alone_may_not_fit_together(void **state)
{
    struct space *s = space_open(".");
    struct err err = {0};
    uint64_t a = 0, b = 0;

    (void)state;
    assert_int_equal(space_claim(s, &a, share(60), &err), 0);
    assert_int_equal(space_claim(s, &b, share(60), &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "of other files"));
    assert_int_equal(b, 0);
    assert_int_equal(space_claim(s, &b, share(20), &err), 0);
    space_close(s);
}

static void what_is_written_or_given_up_is_no_claim(void **state)
{
    struct space *s = space_open(".");
    struct err err = {0};
    uint64_t a = 0, b = 0;

    (void)state;
    assert_int_equal(space_claim(s, &a, share(60), &err), 0);
    space_settle(s, &a, share(40));
    assert_int_equal(space_claim(s, &b, share(60), &err), 0);
    space_settle(s, &b, UINT64_MAX);
    assert_int_equal(b, 0);
    assert_int_equal(space_claim(s, &a, share(70), &err), 0); /* its own claim is not in its way */
    space_close(s);
}

static void a_claim_is_raised_not_added_to(void **state)
{
    struct space *s = space_open(".");
    struct err err = {0};
    uint64_t a = 0;

    (void)state;
    assert_int_equal(space_claim(s, &a, share(60), &err), 0);
    assert_int_equal(space_claim(s, &a, share(60), &err), 0);
    assert_int_equal(space_claim(s, &a, 1, &err), 0);
    assert_true(a > 1);
    assert_int_equal(space_claim(s, &a, UINT64_MAX, &err), -1);
    space_close(s);
    s = space_open("no/such/folder");
    assert_int_equal(space_claim(s, &(uint64_t){0}, 1, &err), -1);
    space_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_fit_alone_may_not_fit_together),
        cmocka_unit_test(what_is_written_or_given_up_is_no_claim),
        cmocka_unit_test(a_claim_is_raised_not_added_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
