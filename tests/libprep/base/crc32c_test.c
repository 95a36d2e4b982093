/* crc32c_test.c -- the vectors of RFC 3720, and any length against the definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/crc32c.h"

/* Bit by bit. */
static uint32_t crc32c_ref(const unsigned char *p, size_t n)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
    return ~crc;
}

static void vectors_of_the_standard(void **state)
{
    struct crc32c c;
    unsigned char bytes[32] = {0};

    (void)state;
    crc32c_init(&c);
    assert_int_equal(crc32c_of(&c, bytes, 32), 0x8a9136aa);
    memset(bytes, 255, 32);
    assert_int_equal(crc32c_of(&c, bytes, 32), 0x62a8ab43);
    for (int i = 0; i < 32; i++)
        bytes[i] = (unsigned char)i;
    assert_int_equal(crc32c_of(&c, bytes, 32), 0x46dd794e);
    assert_int_equal(crc32c_of(&c, "123456789", 9), 0xe3069283);
}

static void any_length_equals_the_definition(void **state)
{
    struct crc32c c;
    unsigned char bytes[100];

    (void)state;
    crc32c_init(&c);
    for (int i = 0; i < 100; i++)
        bytes[i] = (unsigned char)(i * i * 7 + i);
    for (size_t n = 0; n <= 100; n++)
        assert_int_equal(crc32c_of(&c, bytes, n), crc32c_ref(bytes, n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_of_the_standard),
        cmocka_unit_test(any_length_equals_the_definition),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
