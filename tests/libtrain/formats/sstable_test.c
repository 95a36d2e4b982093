/* sstable_test.c -- tables built here after LevelDB's table_format.md: what is in them comes in order,
 * and no table that lies is believed. */
#include "formats/sstable.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/crc32c.h"

static struct crc32c crc;

/* Where a block is, as it stands in an index; short ones only. */
struct handle {
    char bytes[4];
};

/* shared, fresh, value: each under 128 bytes */
static void put_entry(struct buf *block, size_t shared, const char *fresh, const void *value,
                      size_t n_value)
{
    buf_put_byte(block, (char)shared);
    buf_put_byte(block, (char)strlen(fresh));
    buf_put_byte(block, (char)n_value);
    buf_put_text(block, fresh);
    buf_put(block, value, n_value);
}

/* Ends the block with its restarts and takes it into the table. */
static struct handle put_block(struct buf *table, struct buf *block, unsigned kind)
{
    const size_t at = table->len;
    struct handle h;

    buf_put_u32(block, 0);
    buf_put_u32(block, 1);
    buf_put(table, block->data, block->len);
    buf_put_byte(table, (char)kind);
    buf_put_u32(table, crc32c_masked(&crc, table->data + at, block->len + 1));
    h = (struct handle){{(char)((at & 127) | 128), (char)(at >> 7),
                         (char)((block->len & 127) | 128), (char)(block->len >> 7)}};
    buf_release(block);
    return h;
}

static void put_footer(struct buf *table, struct handle index)
{
    static const char magic[8] = "\x57\xfb\x80\x8b\x24\x75\x47\xdb";
    char footer[40] = {0};

    memcpy(footer + 2, index.bytes, sizeof index.bytes);
    buf_put(table, footer, sizeof footer);
    buf_put(table, magic, sizeof magic);
}

/* The index: one key after each block. */
static void finish(struct buf *table, const struct handle *blocks, size_t n)
{
    struct buf index = {0};
    char key[2] = "A";

    for (size_t i = 0; i < n; i++, key[0]++)
        put_entry(&index, 0, key, blocks[i].bytes, sizeof blocks[i].bytes);
    put_footer(table, put_block(table, &index, 0));
}

struct seen {
    struct buf text; /* "key=value;" */
    int stop_at;     /* 0 = never */
    int n;
};

static int see(void *context, const char *key, size_t n_key, const unsigned char *value, size_t n,
               struct err *err)
{
    struct seen *s = context;

    (void)err;
    assert_int_equal(strlen(key), n_key);
    buf_printf(&s->text, "%s=%.*s;", key, (int)n, (const char *)value);
    return ++s->n == s->stop_at ? 7 : 0;
}

static void check(const struct buf *table, const char *want, const char *why)
{
    struct seen seen = {0};
    struct err err = {0};
    const int rc = sstable_each((const unsigned char *)table->data, table->len, see, &seen, &err);

    assert_int_equal(rc, why ? -1 : 0);
    if (want)
        assert_string_equal(seen.text.data, want);
    if (why && !strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
    buf_release(&seen.text);
}

static void make_two(struct buf *table)
{
    struct handle blocks[2];
    struct buf block = {0};

    put_entry(&block, 0, "apple", "1", 1);
    put_entry(&block, 4, "y", "22", 2);
    blocks[0] = put_block(table, &block, 0);
    put_entry(&block, 0, "b", "", 0);
    blocks[1] = put_block(table, &block, 0);
    finish(table, blocks, 2);
}

static void entries_come_in_order(void **state)
{
    struct buf table = {0};
    struct seen seen = {.stop_at = 2};
    struct err err = {0};

    (void)state;
    make_two(&table);
    assert_true(sstable_is_one((const unsigned char *)table.data, table.len));
    assert_false(sstable_is_one((const unsigned char *)table.data, table.len - 1));
    check(&table, "apple=1;apply=22;b=;", NULL);
    assert_int_equal(sstable_each((const unsigned char *)table.data, table.len, see, &seen, &err),
                     7);
    assert_string_equal(seen.text.data, "apple=1;apply=22;");
    buf_release(&seen.text);
    buf_release(&table);
}

static void every_flipped_bit_is_noticed(void **state)
{
    struct buf table = {0};

    (void)state;
    make_two(&table);
    for (size_t i = 0; i < table.len; i++) {
        struct seen seen = {0};
        struct err err = {0};
        int rc;

        if (i >= table.len - 42 && i < table.len - 8) /* padding of the footer */
            continue;
        if (i >= table.len - 48 && i < table.len - 46) /* the place of meta blocks, not used */
            continue;
        table.data[i] = (char)(table.data[i] ^ 4);
        rc = sstable_each((const unsigned char *)table.data, table.len, see, &seen, &err);
        if (rc != -1)
            fail_msg("byte %zu", i);
        table.data[i] = (char)(table.data[i] ^ 4);
        buf_release(&seen.text);
    }
    for (size_t n = 0; n < table.len; n++) { /* cut */
        const struct buf cut = {.data = table.data, .len = n};

        check(&cut, NULL, "does not end as one");
    }
    buf_release(&table);
}

/* One block of this kind, named twice in the index or once. */
static void check_block(struct buf *block, unsigned kind, size_t times, const char *want,
                        const char *why)
{
    struct buf table = {0};
    struct handle blocks[2];

    blocks[0] = blocks[1] = put_block(&table, block, kind);
    finish(&table, blocks, times);
    check(&table, want, why);
    buf_release(&table);
}

static void tables_that_lie_are_refused(void **state)
{
    struct handle outside = {{(char)0xff, 1, (char)0xff, 1}};
    struct buf block = {0}, table = {0};

    (void)state;
    put_entry(&block, 0, "k", "v", 1);
    check_block(&block, 0, 2, "k=v;", "the keys of the table do not rise");
    put_entry(&block, 0, "k", "v", 1);
    put_entry(&block, 0, "j", "v", 1);
    check_block(&block, 0, 1, "k=v;", "the keys of the table do not rise");
    put_entry(&block, 0, "k", "v", 1);
    check_block(&block, 2, 1, NULL, "compressed by method 2, which is not snappy");
    put_entry(&block, 0, "k", "v", 1);
    check_block(&block, 1, 1, NULL, "snappy block");
    check_block(&block, 0, 1, NULL, "is empty");
    put_entry(&block, 9, "k", "v", 1); /* shared with nothing */
    check_block(&block, 0, 1, NULL, "has a damaged entry");
    buf_put(&block, "\0\1\x7fk", 4); /* a value beyond the block */
    check_block(&block, 0, 1, NULL, "has a damaged entry");
    finish(&table, &outside, 1);
    check(&table, NULL, "is not inside the table");
    buf_release(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_come_in_order),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(tables_that_lie_are_refused),
    };

    crc32c_init(&crc);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
