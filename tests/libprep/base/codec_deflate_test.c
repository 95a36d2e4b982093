/* codec_deflate_test.c -- what was packed comes back; what was not is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec_deflate.h"
#include "base/mem.h"

enum { SIZE = 100000 };

static char *some_text(void)
{
    char *text = mem_alloc(SIZE);

    for (size_t i = 0; i < SIZE; i++)
        text[i] = (char)('a' + i * i % 23);
    return text;
}

static void blocks_come_back(void **state)
{
    const int levels[] = {1, 6, 12, CODEC_DEFLATE_QUICK};
    char *text = some_text();
    char *back = mem_alloc(SIZE);

    (void)state;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        struct codec_deflate *c = codec_deflate_open(levels[i]);
        char *packed = mem_alloc(codec_deflate_bound(SIZE));
        const size_t n = codec_deflate_pack(c, packed, text, SIZE);
        struct err err = {0};

        assert_in_range(n, 1, SIZE / 4);
        assert_int_equal(codec_deflate_unpack(c, back, SIZE, packed, n, &err), 0);
        assert_memory_equal(back, text, SIZE);
        free(packed);
        codec_deflate_close(c);
    }
    free(back);
    free(text);
}

static void other_sizes_and_damage_are_refused(void **state)
{
    struct codec_deflate *c = codec_deflate_open(1);
    char *text = some_text();
    char *packed = mem_alloc(codec_deflate_bound(SIZE));
    char *back = mem_alloc(SIZE + 1);
    const size_t n = codec_deflate_pack(c, packed, text, SIZE);
    struct err err = {0};

    (void)state;
    assert_int_equal(codec_deflate_unpack(c, back, SIZE - 1, packed, n, &err), -1);
    assert_string_equal(err.text, "deflated block holds more than 99999 bytes");
    assert_int_equal(codec_deflate_unpack(c, back, SIZE + 1, packed, n, &err), -1);
    assert_string_equal(err.text, "deflated block holds 100000 bytes, not 100001");
    assert_int_equal(codec_deflate_unpack(c, back, SIZE, packed, n - 1, &err), -1);
    packed[n / 2] ^= 0x10;
    assert_int_equal(codec_deflate_unpack(c, back, SIZE, packed, n, &err), -1);
    assert_int_equal(err.kind, ERR_FORMAT);
    free(back);
    free(packed);
    free(text);
    codec_deflate_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_come_back),
        cmocka_unit_test(other_sizes_and_damage_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
