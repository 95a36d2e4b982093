/* entities_test.c -- HTML character references. */
#include "base/entities.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *text, size_t len, uint32_t code)
{
    uint32_t got = 0;

    assert_int_equal(entities_decode(&got, text, strlen(text)), len);
    if (len)
        assert_int_equal(got, code);
}

static void names_are_known(void **state)
{
    (void)state;
    check("&amp;x", 5, '&');
    check("&Auml;", 6, 0xc4);
    check("&auml;", 6, 0xe4);
    check("&thetasym;", 10, 0x3d1);
    check("&zwnj;", 6, 0x200c);
    check("&apos;", 6, '\'');
    check("&nosuch;", 0, 0);
    check("&amp", 0, 0);
    check("&", 0, 0);
    check("&;", 0, 0);
}

static void numbers_are_checked(void **state)
{
    (void)state;
    check("&#8211;", 7, 0x2013);
    check("&#x1F600;", 9, 0x1f600);
    check("&#X41;", 6, 'A');
    check("&#150;", 6, 0x2013); /* windows-1252, as browsers read it */
    check("&#0;", 0, 0);
    check("&#7;", 0, 0);
    check("&#xD800;", 0, 0);
    check("&#x110000;", 0, 0);
    check("&#99999999999999999999;", 0, 0);
    check("&#x;", 0, 0);
    check("&#;", 0, 0);
    check("&#12", 0, 0);
}

static void code_points_become_utf8(void **state)
{
    struct buf b = {0};

    (void)state;
    entities_put(&b, 'a');
    entities_put(&b, 0xe9);
    entities_put(&b, 0x20ac);
    entities_put(&b, 0x1f600);
    assert_string_equal(b.data, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_known),
        cmocka_unit_test(numbers_are_checked),
        cmocka_unit_test(code_points_become_utf8),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
