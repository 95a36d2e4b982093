/* What is put into a buffer is there, whole, with a zero byte behind it. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void pieces_of_any_size_follow_each_other(void **state)
{
    struct buf b = {0};
    size_t len = 0;

    (void)state;
    for (size_t n = 0; n < 300; n++) {
        char piece[300];

        memset(piece, (int)(n % 251), n);
        buf_put(&b, piece, n);
        len += n;
        assert_int_equal(b.len, len);
        assert_int_equal(b.data[len], 0);
    }
    for (size_t n = 0, at = 0; n < 300; n++)
        for (size_t i = 0; i < n; i++)
            assert_int_equal((unsigned char)b.data[at++], n % 251);
    buf_release(&b);
    assert_null(b.data);
    assert_int_equal(b.len + b.cap, 0);
}

static void numbers_are_little_endian(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_put_u32(&b, 0x01020384);
    buf_put_u64(&b, 0x1112131415161788);
    assert_int_equal(b.len, 12);
    assert_memory_equal(b.data, "\x84\x03\x02\x01\x88\x17\x16\x15\x14\x13\x12\x11", 12);
    buf_release(&b);
}

static void what_is_printed_is_not_cut(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_put_text(&b, "x");
    buf_printf(&b, "%s%1000d|", "", 7);
    assert_int_equal(b.len, 1002);
    assert_string_equal(b.data + 1000, "7|");
    buf_release(&b);
}

static void the_limit_is_the_most_it_holds(void **state)
{
    struct buf b = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(buf_put_max(&b, "12345", 5, 8, &err), 0);
    assert_int_equal(buf_put_max(&b, "6789", 4, 8, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_string_equal(err.text, "longer than the limit of 8 bytes");
    assert_int_equal(buf_put_max(&b, "678", 3, 8, &err), 0);
    assert_string_equal(b.data, "12345678");
    assert_int_equal(buf_put_max(&b, "", SIZE_MAX, 8, &err), -1);
    buf_release(&b);
}

static void bytes_are_taken_from_the_front(void **state)
{
    struct buf b = {0};

    (void)state;
    buf_shift(&b, 0); /* of an empty one, none */
    buf_clear(&b);
    buf_put_text(&b, "abcdef");
    buf_shift(&b, 2);
    assert_string_equal(b.data, "cdef");
    buf_shift(&b, 4);
    assert_int_equal(b.len, 0);
    assert_string_equal(b.data, "");
    buf_put_text(&b, "again");
    buf_clear(&b);
    assert_string_equal(b.data, "");
    buf_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_of_any_size_follow_each_other),
        cmocka_unit_test(numbers_are_little_endian),
        cmocka_unit_test(what_is_printed_is_not_cut),
        cmocka_unit_test(the_limit_is_the_most_it_holds),
        cmocka_unit_test(bytes_are_taken_from_the_front),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
