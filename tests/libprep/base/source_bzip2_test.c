/* bzip2 by block: any threads give the same bytes, damage is found where it is, and a magic that is
 * none does no harm. Streams are made by the bzip2 program. */
#include "base/source_bzip2.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/bzip2_segments.h"
#include "base/file.h"
#include "base/source.h"

static const char PLAIN[] = "source_bzip2_test.tmp";
static const char PACKED[] = "source_bzip2_test.bz2.tmp";

static void save(const char *path, const struct buf *bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes->data, 1, bytes->len, file), bytes->len);
    assert_int_equal(fclose(file), 0);
}

/* Appends what `bzip2 -level` makes of the text. */
static void pack(struct buf *to, const struct buf *text, int level)
{
    struct err err = {0};
    char command[256];

    save(PLAIN, text);
    snprintf(command, sizeof command, "bzip2 -%d -c < %s > %s", level, PLAIN, PACKED);
    if (system(command) != 0)
        skip();
    assert_int_equal(file_read(to, PACKED, (size_t)1 << 30, &err), 0);
    unlink(PLAIN);
}

static int unpack(struct buf *to, const struct buf *packed, size_t n_threads, struct err *err)
{
    struct source *s;
    char block[100000];
    int64_t n = -1;

    save(PACKED, packed);
    s = source_open_threads(PACKED, n_threads, err);
    while (s && (n = source_read(s, block, sizeof block, err)) > 0)
        buf_put(to, block, (size_t)n);
    source_close(s);
    unlink(PACKED);
    return (int)n;
}

static void check(const struct buf *packed, const struct buf *text)
{
    for (size_t n_threads = 1; n_threads <= 4; n_threads++) {
        struct buf got = {0};
        struct err err = {0};

        assert_int_equal(unpack(&got, packed, n_threads, &err), 0);
        assert_int_equal(got.len, text->len);
        assert_memory_equal(got.data, text->data, text->len);
        buf_release(&got);
    }
}

static void put_lines(struct buf *text, size_t n)
{
    unsigned x = 1;

    while (text->len < n) {
        x = x * 1664525u + 1013904223u;
        buf_printf(text, "line %u of the text\n", x >> 12);
    }
}

static void put_noise(struct buf *text, size_t n)
{
    unsigned x = 7;

    while (text->len < n) {
        x = x * 1664525u + 1013904223u;
        buf_put_byte(text, (char)(x >> 24));
    }
}

static void one_stream_of_many_blocks(void **state)
{
    struct buf text = {0}, packed = {0};

    (void)state;
    put_lines(&text, 1500000);
    put_noise(&text, 2000000);
    pack(&packed, &text, 1);
    check(&packed, &text);
    buf_clear(&packed);
    pack(&packed, &text, 9);
    check(&packed, &text);
    buf_release(&text);
    buf_release(&packed);
}

static void many_streams_of_all_sizes_and_levels(void **state)
{
    struct buf text = {0}, part = {0}, packed = {0};

    (void)state;
    for (int i = 0; i < 24; i++) {
        buf_clear(&part);
        buf_put(&part, "", 0);
        if (i % 3)
            put_lines(&part, (size_t)(i * i * i) * 40);
        pack(&packed, &part, 1 + i % 9);
        buf_put(&text, part.data, part.len);
    }
    check(&packed, &text);
    buf_release(&text);
    buf_release(&part);
    buf_release(&packed);
}

/* 30 MB that are a few dozen bytes packed: more than a worker may make of one block. */
static void runs_and_periods(void **state)
{
    struct buf text = {0}, packed = {0};
    const char *const periods[] = {"a", "ab", "abc", "aaaa", "aaaab"};

    (void)state;
    memset(buf_reserve(&text, 30000000), 'x', 30000000);
    text.len = 30000000;
    for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
        for (size_t k = 0; k < 60000; k++)
            buf_put_text(&text, periods[i]);
        buf_put(&text, "", 1);
    }
    for (size_t run = 1; run < 600; run++) {
        memset(buf_reserve(&text, run), (int)(run & 1), run);
        text.len += run;
    }
    pack(&packed, &text, 9);
    check(&packed, &text);
    buf_release(&text);
    buf_release(&packed);
}

static unsigned bit(const struct buf *bytes, size_t at)
{
    return (unsigned)(unsigned char)bytes->data[at / 8] >> (7 - at % 8) & 1;
}

static void put_bit(struct buf *bytes, size_t *at, unsigned value)
{
    if (*at % 8 == 0)
        buf_put_byte(bytes, 0);
    bytes->data[*at / 8] = (char)(bytes->data[*at / 8] | (char)(value << (7 - *at % 8)));
    ++*at;
}

/* Selectors that no symbol uses are allowed, and their bits can spell the magic of a block. */
static void put_false_magic(struct buf *to, const struct buf *from)
{
    static const char magic[] = "001100010100000101011001001001100101001101011001";
    size_t at = 0, in = 0, n_rows = 0, n_selectors = 0, n_extra = 0;
    const size_t used = 32 + 48 + 32 + 1 + 24;

    for (size_t i = 0; i < 16; i++)
        n_rows += bit(from, used + i);
    for (; in < used + 16 + 16 * n_rows + 3; in++)
        put_bit(to, &at, bit(from, in));
    for (size_t i = 0; i < 15; i++)
        n_selectors = n_selectors << 1 | bit(from, in++);
    for (const char *m = magic; *m; m++)
        n_extra += *m == '0';
    n_extra++; /* the magic ends in a 1, which needs its 0 */
    for (size_t i = 0; i < 15; i++)
        put_bit(to, &at, (unsigned)((n_selectors + n_extra) >> (14 - i) & 1));
    for (size_t i = 0; i < n_selectors; in++) {
        put_bit(to, &at, bit(from, in));
        i += !bit(from, in);
    }
    for (const char *m = magic; *m; m++)
        put_bit(to, &at, *m == '1');
    put_bit(to, &at, 0);
    for (; in < 8 * from->len; in++)
        put_bit(to, &at, bit(from, in));
}

static void a_false_magic_does_no_harm(void **state)
{
    struct buf text = {0}, packed = {0}, spelled = {0}, twice = {0};

    (void)state;
    put_lines(&text, 30000);
    pack(&packed, &text, 9);
    put_false_magic(&spelled, &packed);
    /* What bzip2 pads its last byte with may have become a byte of its own. */
    check(&spelled, &text);
    buf_put(&twice, text.data, text.len);
    buf_put(&twice, text.data, text.len);
    buf_put(&packed, spelled.data, spelled.len);
    check(&packed, &twice);
    buf_release(&text);
    buf_release(&packed);
    buf_release(&spelled);
    buf_release(&twice);
}

/* The damage is reported, and all before its block comes out. */
static void check_damaged(const struct buf *packed, const struct buf *text, size_t at_least)
{
    for (size_t n_threads = 1; n_threads <= 3; n_threads += 2) {
        struct buf got = {0};
        struct err err = {0};

        assert_int_equal(unpack(&got, packed, n_threads, &err), -1);
        assert_int_equal(err.kind, ERR_FORMAT);
        assert_non_null(strstr(err.text, "byte "));
        assert_non_null(strstr(err.text, PACKED));
        assert_true(got.len >= at_least && got.len <= text->len);
        if (got.len)
            assert_memory_equal(got.data, text->data, got.len);
        buf_release(&got);
    }
}

static void damage_is_found_and_what_came_before_is_given(void **state)
{
    struct buf text = {0}, packed = {0};

    (void)state;
    put_lines(&text, 1000000);
    pack(&packed, &text, 1);
    for (size_t i = 1; i < 12; i++) {
        const size_t at = packed.len * i / 12;

        packed.data[at] = (char)(packed.data[at] ^ 0x10);
        /* Blocks of 100,000 bytes: all but the two around the damage. */
        check_damaged(&packed, &text, i < 3 ? 0 : (text.len * i / 12) - 200000);
        packed.data[at] = (char)(packed.data[at] ^ 0x10);
    }
    /* The checksum of the stream. */
    packed.data[packed.len - 3] = (char)(packed.data[packed.len - 3] ^ 0x10);
    check_damaged(&packed, &text, text.len);
    buf_release(&text);
    buf_release(&packed);
}

static void a_cut_stream_is_an_error_wherever_it_is_cut(void **state)
{
    struct buf text = {0}, packed = {0};
    size_t whole;

    (void)state;
    put_lines(&text, 300000);
    pack(&packed, &text, 1);
    whole = packed.len;
    for (size_t back = 1; back < 14; back++) {
        packed.len = whole - back;
        check_damaged(&packed, &text, text.len - 100000);
    }
    packed.len = 4;
    check_damaged(&packed, &text, 0);
    buf_release(&text);
    buf_release(&packed);
}

static void zeros_may_follow_and_nothing_else(void **state)
{
    struct buf text = {0}, packed = {0};

    (void)state;
    put_lines(&text, 150000);
    pack(&packed, &text, 1);
    memset(buf_reserve(&packed, 10000), 0, 10000);
    packed.len += 10000;
    check(&packed, &text);
    buf_put_text(&packed, "BZh9");
    check_damaged(&packed, &text, text.len);
    buf_release(&text);
    buf_release(&packed);
}

static int64_t pull_bytes(void *context, const void **block, struct err *err)
{
    struct buf *rest = context;

    (void)err;
    *block = rest->data;
    if (!rest->len)
        return 0;
    rest->data++;
    rest->len--;
    return 1;
}

/* Bytes that come one at a time, as from a slow pipe. */
static void segments_do_not_depend_on_how_bytes_come(void **state)
{
    struct buf text = {0}, packed = {0}, bytes = {0}, rest;
    struct bzip2_segments s;
    struct bzip2_segment segment;
    struct err err = {0};
    int n = 0;

    (void)state;
    put_lines(&text, 150000);
    pack(&packed, &text, 1);
    rest = packed;
    bzip2_segments_init(&s, pull_bytes, &rest);
    while (bzip2_segments_next(&s, &segment, &bytes, &err) > 0) {
        assert_int_equal(segment.kind, n < 2 ? BZIP2_BLOCK : BZIP2_END);
        assert_int_equal(segment.level, 1);
        n++;
    }
    assert_int_equal(n, 3);
    bzip2_segments_release(&s);
    buf_release(&bytes);
    buf_release(&text);
    buf_release(&packed);
}

static void a_reader_may_go_before_the_end(void **state)
{
    struct buf text = {0}, packed = {0};
    struct err err = {0};
    struct source *s;
    char block[100];

    (void)state;
    put_lines(&text, 2000000);
    pack(&packed, &text, 1);
    save(PACKED, &packed);
    s = source_open_threads(PACKED, 3, &err);
    assert_int_equal(source_read(s, block, sizeof block, &err), sizeof block);
    assert_memory_equal(block, text.data, sizeof block);
    source_close(s);
    unlink(PACKED);
    buf_release(&text);
    buf_release(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_stream_of_many_blocks),
        cmocka_unit_test(many_streams_of_all_sizes_and_levels),
        cmocka_unit_test(runs_and_periods),
        cmocka_unit_test(a_false_magic_does_no_harm),
        cmocka_unit_test(damage_is_found_and_what_came_before_is_given),
        cmocka_unit_test(a_cut_stream_is_an_error_wherever_it_is_cut),
        cmocka_unit_test(zeros_may_follow_and_nothing_else),
        cmocka_unit_test(segments_do_not_depend_on_how_bytes_come),
        cmocka_unit_test(a_reader_may_go_before_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
