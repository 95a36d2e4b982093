/* A file is cut at its magics, however its bytes come in; the blocks between them are its text. */
#include "base/bzip2_segments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bzip2_block.h"
#include "base/file.h"

static const char PLAIN[] = "bzip2_segments_test.tmp";
static const char PACKED[] = "bzip2_segments_test.bz2.tmp";

/* Compressed bytes that come `step` at a time. */
struct feed {
    const struct buf *bytes;
    size_t at, step;
};

static int64_t pull(void *context, const void **block, struct err *err)
{
    struct feed *f = context;
    const size_t left = f->bytes->len - f->at;
    const size_t n = left < f->step ? left : f->step;

    (void)err;
    *block = f->bytes->data + f->at;
    f->at += n;
    return (int64_t)n;
}

/* Noise, of which level 1 makes a block every 100,000 bytes or so, twice: two streams. */
static void make_input(struct buf *text, struct buf *packed)
{
    char command[512];
    struct err err = {0};
    unsigned x = 5;
    FILE *file = fopen(PLAIN, "wb");

    assert_non_null(file);
    while (text->len < 250000) {
        x = x * 1664525u + 1013904223u;
        buf_put_byte(text, (char)(x >> 24));
    }
    assert_int_equal(fwrite(text->data, 1, text->len, file), text->len);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof command, "cat %s %s | bzip2 -1 > %s; bzip2 -9c %s >> %s", PLAIN, PLAIN,
             PACKED, PLAIN, PACKED);
    if (system(command) != 0)
        skip();
    assert_int_equal(file_read(packed, PACKED, 1 << 30, &err), 0);
    unlink(PLAIN);
    unlink(PACKED);
}

/* Appends the text of all blocks; enters the kinds, as letters, and checks where segments stand. */
static int unpack(struct buf *text, struct buf *kinds, const struct buf *packed, size_t step,
                  struct err *err)
{
    struct feed feed = {.bytes = packed, .step = step};
    struct bzip2_block *block = bzip2_block_open();
    struct bzip2_segments s;
    struct bzip2_segment at;
    struct buf bytes = {0};
    uint64_t next = 0;
    int rc;

    *err = (struct err){0};
    bzip2_segments_init(&s, pull, &feed);
    while ((rc = bzip2_segments_next(&s, &at, &bytes, err)) > 0) {
        if (next)
            assert_int_equal(at.start, next);
        next = at.start + (at.to - at.from);
        buf_put_byte(kinds, "?be"[at.kind]);
        buf_put_byte(kinds, (char)('0' + at.level));
        if (at.kind == BZIP2_BLOCK) {
            size_t n;

            rc =
                bzip2_block_load(block, (unsigned char *)bytes.data, at.from, at.to, at.level, err);
            if (rc < 0)
                break;
            while ((n = bzip2_block_take(block, (unsigned char *)buf_reserve(text, 777), 777)) > 0)
                text->len += n;
            rc = bzip2_block_check(block, err);
            if (rc < 0)
                break;
        }
        buf_clear(&bytes);
    }
    if (rc == 0)
        assert_int_equal(next, packed->len * 8);
    bzip2_segments_release(&s);
    bzip2_block_close(block);
    buf_release(&bytes);
    return rc;
}

static void blocks_and_ends_are_found_in_any_pieces(void **state)
{
    static const size_t steps[] = {1, 4099, 1 << 20};
    struct buf text = {0}, packed = {0};
    struct err err;

    (void)state;
    make_input(&text, &packed);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct buf got = {0}, kinds = {0};

        assert_int_equal(unpack(&got, &kinds, &packed, steps[i], &err), 0);
        assert_int_equal(got.len, 3 * text.len);
        for (size_t k = 0; k < 3; k++)
            assert_memory_equal(got.data + k * text.len, text.data, text.len);
        assert_string_equal(kinds.data, "b1b1b1b1b1b1e1b9e9");
        buf_release(&got);
        buf_release(&kinds);
    }
    buf_release(&text);
    buf_release(&packed);
}

static void a_flipped_bit_in_a_block_is_damage(void **state)
{
    struct buf text = {0}, packed = {0};
    struct err err;

    (void)state;
    make_input(&text, &packed);
    for (size_t at = 14; at < 90000; at += 7001) { /* behind the magic of the first block */
        struct buf got = {0}, kinds = {0};

        packed.data[at] = (char)(packed.data[at] ^ 4);
        assert_int_equal(unpack(&got, &kinds, &packed, 1 << 20, &err), -1);
        assert_int_equal(err.kind, ERR_FORMAT);
        packed.data[at] = (char)(packed.data[at] ^ 4);
        buf_release(&got);
        buf_release(&kinds);
    }
    buf_release(&text);
    buf_release(&packed);
}

static void files_are_known_by_their_first_bytes(void **state)
{
    (void)state;
    assert_true(bzip2_segments_knows((const unsigned char *)"BZh91AY&SY", 10));
    assert_true(bzip2_segments_knows((const unsigned char *)"BZh1\x17\x72\x45\x38\x50\x90", 10));
    assert_false(bzip2_segments_knows((const unsigned char *)"BZh01AY&SY", 10));
    assert_false(bzip2_segments_knows((const unsigned char *)"BZx91AY&SY", 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_and_ends_are_found_in_any_pieces),
        cmocka_unit_test(a_flipped_bit_in_a_block_is_damage),
        cmocka_unit_test(files_are_known_by_their_first_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
