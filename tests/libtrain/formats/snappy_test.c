/* snappy_test.c -- every kind of tag by hand, long literals and far copies, and damage. */
#include "formats/snappy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check_snappy(const char *packed, size_t n, const char *want)
{
    struct buf to = {0};
    struct err err = {0};
    const int rc = snappy_unpack(&to, (const unsigned char *)packed, n, 100, &err);

    if (want) {
        if (rc < 0)
            fail_msg("%s", err.text);
        assert_int_equal(to.len, strlen(want));
        assert_memory_equal(to.data, want, to.len);
    } else {
        assert_int_equal(rc, -1);
    }
    buf_release(&to);
}

static void snappy_blocks(void **state)
{
    (void)state;
    check_snappy("\0", 1, "");
    check_snappy("\3\x08"
                 "abc",
                 5, "abc");
    check_snappy("\3\xf0\2"
                 "abc",
                 6, "abc");
    check_snappy("\7\x08"
                 "abc\1\3",
                 7, "abcabca"); /* copy of 4 from 3 back: it overlaps itself */
    check_snappy("\6\x08"
                 "abc\x0a\3\0",
                 8, "abcabc");
    check_snappy("\6\x08"
                 "abc\x0b\3\0\0\0",
                 10, "abcabc");
    check_snappy("", 0, NULL);
    check_snappy("\xff\xff\xff\xff\xff\x0f", 6, NULL);
    check_snappy("\x7f", 1, NULL); /* over the limit */
    check_snappy("\4\x08"
                 "abc",
                 5, NULL); /* too little */
    check_snappy("\2\x08"
                 "abc",
                 5, NULL); /* too much */
    check_snappy("\3\x08"
                 "ab",
                 4, NULL); /* cut */
    check_snappy("\7\x08"
                 "abc\1\4",
                 7, NULL); /* before the start */
    check_snappy("\7\x08"
                 "abc\1\0",
                 7, NULL); /* no distance */
}

/* 70,000 bytes as one literal with a length of three bytes, then a copy from their start. */
static void far_back(void **state)
{
    enum { N = 70000, COPY = 64 };
    struct buf packed = {0}, to = {0};
    struct err err = {0};

    (void)state;
    buf_put(&packed, "\xb0\xa3\x04", 3); /* 70,064 */
    buf_put(&packed, "\xf8\x6f\x11\x01", 4);
    for (int i = 0; i < N; i++)
        buf_put_byte(&packed, (char)(i * 7 + i / 256));
    buf_put_byte(&packed, (char)(COPY - 1) << 2 | 3);
    buf_put_u32(&packed, N);
    buf_put_text(&to, "before");
    if (snappy_unpack(&to, (const unsigned char *)packed.data, packed.len, 1 << 20, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(to.len, 6 + N + COPY);
    assert_memory_equal(to.data, "before", 6);
    assert_memory_equal(to.data + 6 + N, to.data + 6, COPY);
    buf_release(&packed);
    buf_release(&to);
}

/* What stands before the block in the buffer is none of its own. */
static void nothing_is_copied_from_before_the_block(void **state)
{
    struct buf to = {0};
    struct err err = {0};

    (void)state;
    buf_put_text(&to, "secret");
    assert_int_equal(snappy_unpack(&to, (const unsigned char *)"\4\1\4", 3, 100, &err), -1);
    assert_non_null(strstr(err.text, "damaged at byte 3 of 3"));
    buf_release(&to);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snappy_blocks),
        cmocka_unit_test(far_back),
        cmocka_unit_test(nothing_is_copied_from_before_the_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
