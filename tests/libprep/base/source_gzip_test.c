/* gzip: no damage goes unnoticed, wherever it is and however the bytes come in. */
#include "base/source_gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"

static const char PLAIN[] = "source_gzip_test.tmp";
static const char PACKED[] = "source_gzip_test.gz.tmp";

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

static int unpack(struct buf *to, const struct buf *packed, size_t step, size_t n, struct err *err)
{
    struct feed feed = {.bytes = packed, .step = step};
    struct source_gzip *s = source_gzip_open(pull, &feed);
    int64_t got;

    *err = (struct err){0};
    buf_clear(to);
    buf_reserve(to, n);
    while ((got = source_gzip_read(s, buf_reserve(to, n), n, err)) > 0)
        to->len += (size_t)got;
    source_gzip_close(s);
    return (int)got;
}

/* Appends what the gzip program makes of the text. */
static void pack(struct buf *to, const char *text)
{
    struct err err = {0};
    FILE *file = fopen(PLAIN, "wb");
    char command[128];

    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    snprintf(command, sizeof command, "gzip -n -c < %s > %s", PLAIN, PACKED);
    assert_int_equal(system(command), 0);
    assert_int_equal(file_read(to, PACKED, 1 << 20, &err), 0);
    unlink(PLAIN);
    unlink(PACKED);
}

static bool is_text(const struct buf *got, const char *text)
{
    return got->len == strlen(text) && !memcmp(got->data, text, got->len);
}

static void members_follow_each_other_in_any_pieces(void **state)
{
    struct buf packed = {0}, got = {0};
    struct err err;

    (void)state;
    pack(&packed, "one, ");
    pack(&packed, "");
    pack(&packed, "two and three");
    for (size_t step = 1; step < 20; step += 6) {
        assert_int_equal(unpack(&got, &packed, step, 1 + step / 2, &err), 0);
        assert_true(is_text(&got, "one, two and three"));
    }
    buf_release(&packed);
    buf_release(&got);
}

static void every_cut_is_an_error(void **state)
{
    struct buf packed = {0}, got = {0};
    struct err err;
    size_t first;

    (void)state;
    pack(&packed, "the first of two members; ");
    first = packed.len;
    pack(&packed, "the second");
    for (size_t len = packed.len - 1; len > 0; len--) {
        packed.len = len;
        assert_int_equal(unpack(&got, &packed, 7, 100, &err), len == first ? 0 : -1);
        if (len != first)
            assert_string_equal(strstr(err.text, ": "), ": gzip stream is cut off");
    }
    buf_release(&packed);
    buf_release(&got);
}

/* The time, the system and the flag for text in the header mean nothing to us, and behind the last code
 * the byte is filled up. */
static void every_flipped_bit_is_an_error_or_changes_nothing(void **state)
{
    static const char text[] = "what is checked, what is checked twice, and what is not";
    struct buf packed = {0}, got = {0};
    size_t n_unnoticed = 0;
    struct err err;

    (void)state;
    pack(&packed, text);
    for (size_t bit = 0; bit < packed.len * 8; bit++) {
        packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ 1 << bit % 8);
        if (unpack(&got, &packed, 1000, 1000, &err) == 0) {
            assert_true(is_text(&got, text));
            n_unnoticed++;
        } else {
            assert_int_equal(err.kind, ERR_FORMAT);
        }
        packed.data[bit / 8] = (char)(packed.data[bit / 8] ^ 1 << bit % 8);
    }
    assert_in_range(n_unnoticed, 1, 7 * 8 + 7);
    buf_release(&packed);
    buf_release(&got);
}

static void zeros_behind_the_end_are_padding_and_other_bytes_are_not(void **state)
{
    struct buf packed = {0}, got = {0};
    struct err err;

    (void)state;
    pack(&packed, "from a tape");
    for (int i = 0; i < 600; i++)
        buf_put_byte(&packed, 0);
    assert_int_equal(unpack(&got, &packed, 100, 100, &err), 0);
    assert_true(is_text(&got, "from a tape"));
    buf_put_text(&packed, "rubbish");
    assert_int_equal(unpack(&got, &packed, 100, 100, &err), -1);
    assert_non_null(strstr(err.text, "gzip stream is damaged: incorrect header check"));
    assert_true(is_text(&got, "from a tape")); /* what came before the error is there */
    buf_release(&packed);
    buf_release(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_follow_each_other_in_any_pieces),
        cmocka_unit_test(every_cut_is_an_error),
        cmocka_unit_test(every_flipped_bit_is_an_error_or_changes_nothing),
        cmocka_unit_test(zeros_behind_the_end_are_padding_and_other_bytes_are_not),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
