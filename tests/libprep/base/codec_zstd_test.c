/* codec_zstd_test.c -- what was packed comes back; what was not is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/codec_zstd.h"
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
    const int levels[] = {1, 6, 12};
    char *text = some_text();
    char *back = mem_alloc(SIZE);

    (void)state;
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        struct codec_zstd *c = codec_zstd_open(levels[i]);
        char *packed = mem_alloc(codec_zstd_bound(SIZE));
        const size_t n = codec_zstd_pack(c, packed, text, SIZE);
        struct err err = {0};

        assert_in_range(n, 1, SIZE / 4);
        assert_int_equal(codec_zstd_unpack(c, back, SIZE, packed, n, &err), 0);
        assert_memory_equal(back, text, SIZE);
        free(packed);
        codec_zstd_close(c);
    }
    free(back);
    free(text);
}

static void other_sizes_and_damage_are_refused(void **state)
{
    struct codec_zstd *c = codec_zstd_open(1);
    char *text = some_text();
    char *packed = mem_alloc(codec_zstd_bound(SIZE));
    char *back = mem_alloc(SIZE + 1);
    const size_t n = codec_zstd_pack(c, packed, text, SIZE);
    struct err err = {0};
    uint64_t size;

    (void)state;
    assert_int_equal(codec_zstd_unpack(c, back, SIZE - 1, packed, n, &err), -1);
    assert_string_equal(err.text, "zstd block is damaged: Destination buffer is too small");
    assert_int_equal(codec_zstd_unpack(c, back, SIZE + 1, packed, n, &err), -1);
    assert_string_equal(err.text, "zstd block holds 100000 bytes, not 100001");
    assert_int_equal(codec_zstd_unpack(c, back, SIZE, packed, n - 1, &err), -1);
    assert_int_equal(codec_zstd_size(&size, packed, n, &err), 0);
    assert_int_equal(size, SIZE);
    assert_int_equal(codec_zstd_size(&size, "no frame", 8, &err), -1);
    packed[n / 2] ^= 0x10;
    assert_int_equal(codec_zstd_unpack(c, back, SIZE, packed, n, &err), -1);
    assert_int_equal(err.kind, ERR_FORMAT);
    free(back);
    free(packed);
    free(text);
    codec_zstd_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_come_back),
        cmocka_unit_test(other_sizes_and_damage_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
