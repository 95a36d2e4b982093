/* UTF-16 to UTF-8, however the blocks are cut. */
#include "base/utf16.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* All at once and byte by byte give the same. */
static void check(const char *bytes, size_t n, const char *want)
{
    for (size_t step = 1; step <= n; step++) {
        struct utf16 u = utf16_of(bytes, n);
        struct buf got = {0};

        for (size_t at = 0; at < n; at += step)
            utf16_decode(&got, &u, bytes + at, n - at < step ? n - at : step);
        utf16_decode(&got, &u, "", 0);
        buf_put(&got, "", 0);
        assert_string_equal(got.data, want);
        buf_release(&got);
    }
}

static void both_orders_and_all_planes(void **state)
{
    (void)state;
    check("\xff\xfe"
          "A\0\xe9\0\xac\x20\x3d\xd8\x00\xde\n",
          13, "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbd");
    check("\xfe\xff\0A\0\xe9\x20\xac\xd8\x3d\xde\x00", 12, "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
}

static void lone_surrogates_become_replacement_characters(void **state)
{
    (void)state;
    check("\xfe\xff\xd8\x3d\0A\xde\x00\0B\xd8\x3d", 12,
          "\xef\xbf\xbd"
          "A\xef\xbf\xbd"
          "B\xef\xbf\xbd");
}

static void without_a_mark_it_is_not_utf16(void **state)
{
    (void)state;
    assert_int_equal(utf16_of("A\0B\0", 4).order, UTF16_NOT);
    assert_int_equal(utf16_of("\xff", 1).order, UTF16_NOT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_orders_and_all_planes),
        cmocka_unit_test(lone_surrogates_become_replacement_characters),
        cmocka_unit_test(without_a_mark_it_is_not_utf16),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
