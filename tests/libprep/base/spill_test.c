/* spill_test.c -- the order of records depends on the set of records and on nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/spill.h"

enum { N_RECORDS = 5000 };

/* splitmix64: a key spread evenly, from a number. */
static uint64_t key_of(uint64_t i)
{
    uint64_t x = i * UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static size_t record_of(char *text, size_t size, uint64_t i)
{
    return (size_t)snprintf(text, size, "record %llu %.*s", (unsigned long long)i, (int)(i % 40),
                            "........................................");
}

/* Everything spill_next() gives for the records first, first + step, ... (modulo N_RECORDS). */
static void sort_all(struct buf *result, uint64_t first, uint64_t step, size_t memory)
{
    struct spill s = {0};
    struct err err = {0};
    const void *bytes;
    uint64_t key, last = 0, count = 0;
    size_t n;
    int rc;

    assert_int_equal(spill_open(&s, "/tmp", memory, &err), 0);
    for (uint64_t i = 0; i < N_RECORDS; i++) {
        const uint64_t number = (first + i * step) % N_RECORDS;
        char text[100];

        assert_int_equal(
            spill_add(&s, key_of(number), text, record_of(text, sizeof text, number), &err), 0);
    }
    assert_int_equal(s.n_records, N_RECORDS);
    while ((rc = spill_next(&s, &key, &bytes, &n, &err)) == 1) {
        assert_true(key >= last);
        last = key;
        count++;
        buf_put(result, bytes, n);
        buf_put_byte(result, '\n');
    }
    assert_int_equal(rc, 0);
    assert_int_equal(count, N_RECORDS);
    spill_close(&s);
}

static void order_depends_on_neither_adding_nor_memory(void **state)
{
    struct buf in_memory = {0}, on_disk = {0}, tiny = {0};

    (void)state;
    sort_all(&in_memory, 0, 1, (size_t)1 << 30);
    sort_all(&on_disk, 77, 3001, (size_t)1 << 16);
    sort_all(&tiny, 4999, 4999, (size_t)1 << 12);
    assert_int_equal(in_memory.len, on_disk.len);
    assert_memory_equal(in_memory.data, on_disk.data, in_memory.len);
    assert_int_equal(in_memory.len, tiny.len);
    assert_memory_equal(in_memory.data, tiny.data, in_memory.len);
    buf_release(&in_memory);
    buf_release(&on_disk);
    buf_release(&tiny);
}

/* Three members, each with every third record, one after the other instead of at once. */
static void fill_shared(struct spill members[3], const char *folder)
{
    struct err err = {0};

    for (int m = 0; m < 3; m++) {
        assert_int_equal(spill_open_shared(&members[m], folder, "all", m, 3, (size_t)1 << 16, &err),
                         0);
        for (uint64_t i = (uint64_t)m; i < N_RECORDS; i += 3) {
            char text[100];

            assert_int_equal(
                spill_add(&members[m], key_of(i), text, record_of(text, sizeof text, i), &err), 0);
        }
        assert_int_equal(spill_flush(&members[m], &err), 0);
    }
    for (size_t b = 0; b < SPILL_BUCKETS; b++) {
        const uint64_t sum = members[0].counts[b] + members[1].counts[b] + members[2].counts[b];

        for (int m = 0; m < 3; m++)
            members[m].counts[b] = sum;
    }
}

static void members_read_together_what_one_would(void **state)
{
    char folder[] = "/tmp/spill-XXXXXX";
    struct spill members[3];
    struct buf alone = {0}, together = {0};
    struct err err = {0};
    const void *bytes;
    uint64_t key;
    size_t n;

    (void)state;
    assert_non_null(mkdtemp(folder));
    sort_all(&alone, 0, 1, (size_t)1 << 30);
    fill_shared(members, folder);
    /* Member 2 reads the first 100 buckets, member 0 the rest. */
    while (spill_next(&members[2], &key, &bytes, &n, &err) == 1 && key >> 56 < 100) {
        buf_put(&together, bytes, n);
        buf_put_byte(&together, '\n');
    }
    spill_seek(&members[0], 100);
    while (spill_next(&members[0], &key, &bytes, &n, &err) == 1) {
        buf_put(&together, bytes, n);
        buf_put_byte(&together, '\n');
    }
    assert_int_equal(together.len, alone.len);
    assert_memory_equal(together.data, alone.data, alone.len);
    /* A file that is not seen is no end. */
    members[1].counts[7]++;
    spill_seek(&members[1], 7);
    assert_int_equal(spill_next(&members[1], &key, &bytes, &n, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    for (int m = 0; m < 3; m++)
        spill_close(&members[m]);
    assert_int_equal(file_remove(folder, &err), 0);
    buf_release(&alone);
    buf_release(&together);
}

static void equal_keys_come_in_the_order_of_bytes(void **state)
{
    const char *const texts[] = {"b", "", "ab", "a", "b", "aa"};
    const char *const want[] = {"", "a", "aa", "ab", "b", "b"};
    struct spill s = {0};
    struct err err = {0};
    const void *bytes;
    uint64_t key;
    size_t n;

    (void)state;
    assert_int_equal(spill_open(&s, "/tmp", 1000, &err), 0);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(spill_add(&s, 7, texts[i], strlen(texts[i]), &err), 0);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(spill_next(&s, &key, &bytes, &n, &err), 1);
        assert_int_equal(key, 7);
        assert_int_equal(n, strlen(want[i]));
        assert_memory_equal(bytes, want[i], n);
    }
    assert_int_equal(spill_next(&s, &key, &bytes, &n, &err), 0);
    assert_int_equal(spill_next(&s, &key, &bytes, &n, &err), 0);
    spill_close(&s);
}

/* All keys begin with the same bits; some records are longer than a block. */
static void keys_need_not_be_spread(void **state)
{
    enum { N = 3000, LONG = 40000 };
    const size_t memories[] = {(size_t)1 << 30, (size_t)1 << 20};
    char *text = calloc(LONG, 1);
    struct err err = {0};
    const void *bytes;
    uint64_t key;
    size_t n;

    (void)state;
    for (size_t m = 0; m < 2; m++) {
        struct spill s = {0};

        assert_int_equal(spill_open(&s, "/tmp", memories[m], &err), 0);
        for (uint64_t i = 0; i < N; i++)
            assert_int_equal(spill_add(&s, i * 7 % N, text, i % 500 ? i % 7 : LONG, &err), 0);
        for (uint64_t i = 0; i < N; i++) {
            const uint64_t number = i * 2143 % N; /* 7 * 2143 = 5 * 3000 + 1 */

            assert_int_equal(spill_next(&s, &key, &bytes, &n, &err), 1);
            assert_int_equal(key, i);
            assert_int_equal(n, number % 500 ? number % 7 : LONG);
        }
        assert_int_equal(spill_next(&s, &key, &bytes, &n, &err), 0);
        spill_close(&s);
    }
    free(text);
}

static void a_record_over_the_memory_is_a_limit(void **state)
{
    struct spill s = {0};
    struct err err = {0};
    const char text[5000] = "";

    (void)state;
    assert_int_equal(spill_open(&s, "/tmp", 4096, &err), 0);
    assert_int_equal(spill_add(&s, 5, text, sizeof text, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    spill_close(&s);
}

static void nothing_added_is_nothing_sorted(void **state)
{
    struct spill s = {0};
    struct err err = {0};
    const void *bytes;
    uint64_t key;
    size_t n;

    (void)state;
    assert_int_equal(spill_open(&s, "/tmp", 1000, &err), 0);
    assert_int_equal(spill_next(&s, &key, &bytes, &n, &err), 0);
    spill_close(&s);
}

static void a_bucket_over_the_memory_is_a_limit(void **state)
{
    struct spill s = {0};
    struct err err = {0};
    const void *bytes;
    const char text[100] = "";
    uint64_t key;
    size_t n;

    (void)state;
    assert_int_equal(spill_open(&s, "/tmp", 1000, &err), 0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(spill_add(&s, 5, text, sizeof text, &err), 0);
    assert_int_equal(spill_next(&s, &key, &bytes, &n, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    spill_close(&s);
}

static void a_folder_that_is_not_there_is_told_at_once(void **state)
{
    struct spill s = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(spill_open(&s, "/nonexistent/folder", 1000, &err), -1);
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err.text, "/nonexistent/folder"));
    spill_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_depends_on_neither_adding_nor_memory),
        cmocka_unit_test(members_read_together_what_one_would),
        cmocka_unit_test(equal_keys_come_in_the_order_of_bytes),
        cmocka_unit_test(keys_need_not_be_spread),
        cmocka_unit_test(a_record_over_the_memory_is_a_limit),
        cmocka_unit_test(nothing_added_is_nothing_sorted),
        cmocka_unit_test(a_bucket_over_the_memory_is_a_limit),
        cmocka_unit_test(a_folder_that_is_not_there_is_told_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
