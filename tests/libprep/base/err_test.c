/* Messages grow at the front and are cut at the end. */
#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void places_come_before_the_cause(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(err_set(&err, ERR_FORMAT, "row %d is odd", 3), -1);
    assert_int_equal(err_in(&err, "line %d", 7), -1);
    assert_int_equal(err_in(&err, "%s", "a 100 % name"), -1);
    assert_string_equal(err.text, "a 100 % name: line 7: row 3 is odd");
    assert_int_equal(err.kind, ERR_FORMAT);
}

static void the_system_says_why(void **state)
{
    struct err err = {0};

    (void)state;
    errno = ENOENT;
    assert_int_equal(err_errno(&err, "cannot open '%s'", "x"), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_string_equal(err.text, "cannot open 'x': No such file or directory");
}

static void long_messages_are_cut(void **state)
{
    char name[3 * sizeof(((struct err *)0)->text)];
    struct err err = {0};

    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    err_set(&err, ERR_USAGE, "%s", name);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    err_in(&err, "place");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_memory_equal(err.text, "place: nnn", 10);
    err_in(&err, "%s", name);
    errno = EACCES;
    err_errno(&err, "%s", name);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_come_before_the_cause),
        cmocka_unit_test(the_system_says_why),
        cmocka_unit_test(long_messages_are_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
