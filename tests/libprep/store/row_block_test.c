/* row_block_test.c -- blocks are the same bytes in a file as rows put one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/rng.h"
#include "store/row_block.h"
#include "store/shard.h"

/* Chunks of 1024 rows of ids, 4096 of masks, 8192 of masked ids: those are narrow. */
enum { MAX_LEN = 40, MAX_MASKED = 6, BLOCK = 4096 };

static const struct shard_shape shape = {
    .seq_length = MAX_LEN, .max_predictions = MAX_MASKED, .max_sequences = 1};

static char folder[] = "/tmp/row_block_testXXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    struct err err = {0};

    (void)state;
    return file_remove(folder, &err);
}

/* Only what is short of the room is drawn: the arrays are the caller's. */
static void draw_sequence(struct sequence *s, uint64_t number)
{
    struct rng r;

    rng_at(&r, 1, 0, number);
    s->n_ids = (size_t)rng_between(&r, 8, MAX_LEN);
    s->n_first = (size_t)rng_between(&r, 1, (int64_t)s->n_ids);
    s->n_masked = (size_t)rng_between(&r, 0, MAX_MASKED);
    s->next_label = (int32_t)rng_between(&r, -1, 1);
    s->document = (int64_t)number + 1;
    for (size_t i = 0; i < s->n_ids; i++)
        s->ids[i] = (int32_t)rng_below(&r, 30000);
    for (size_t i = 0; i < s->n_masked; i++) {
        s->masked_at[i] = (int32_t)i + 1;
        s->masked_ids[i] = (int32_t)rng_below(&r, 30000);
    }
}

static void end_block(struct shard_writer *w, struct row_block *b)
{
    struct buf bytes = {0};
    struct err err = {0};

    row_block_end(b, &bytes);
    assert_int_equal(bytes.len % 8, 0);
    assert_int_equal(shard_append_block(w, bytes.data, bytes.len, &err), 0);
    buf_release(&bytes);
}

/* The file of n rows, made in blocks or row by row. */
static void write_file(struct buf *bytes, const struct shard_shape *wanted, size_t n,
                       bool in_blocks, enum chunk_packing packing, bool documents)
{
    char *path = file_join(folder, "rows.hdf5");
    struct err err = {0};
    struct shard_writer *w = shard_create_as(path, wanted, NULL, packing, &err);
    struct row_block *b = row_block_open(wanted, packing, documents);
    const size_t block = row_block_size(wanted);
    struct sequence s;
    const struct sequence *row = &s;

    assert_non_null(w);
    if (documents)
        assert_int_equal(shard_tell_documents(w, &err), 0);
    sequence_init(&s, MAX_LEN, MAX_MASKED);
    for (size_t i = 0; i < n; i++) {
        draw_sequence(&s, i);
        assert_int_equal(in_blocks ? row_block_put(b, &row, 1, &err) : shard_put(w, &row, 1, &err),
                         0);
        if (in_blocks && (i + 1 == n || (i + 1) % block == 0))
            end_block(w, b);
    }
    assert_int_equal(shard_commit(w, &err), 0);
    buf_clear(bytes);
    assert_int_equal(file_read(bytes, path, SIZE_MAX / 2, &err), 0);
    shard_discard(w);
    row_block_close(b);
    sequence_release(&s);
    free(path);
}

static void check_same_in(const struct shard_shape *wanted, size_t n, enum chunk_packing packing,
                          bool documents)
{
    struct buf blocks = {0};
    struct buf rows = {0};

    write_file(&blocks, wanted, n, true, packing, documents);
    write_file(&rows, wanted, n, false, packing, documents);
    assert_int_equal(blocks.len, rows.len);
    assert_memory_equal(blocks.data, rows.data, rows.len);
    buf_release(&blocks);
    buf_release(&rows);
}

static void check_same(size_t n, enum chunk_packing packing, bool documents)
{
    check_same_in(&shape, n, packing, documents);
}

static void block_is_chunks_of_the_wide_sets(void **state)
{
    const struct shard_shape usual = {.seq_length = 128, .max_predictions = 20, .max_sequences = 1};

    (void)state;
    assert_int_equal(row_block_size(&shape), BLOCK);
    assert_int_equal(row_block_size(&usual), 2048);
}

static void last_block_is_short(void **state)
{
    (void)state;
    check_same(1, CHUNK_GZIP, false);
    check_same(3000, CHUNK_GZIP, true);
    check_same(2 * BLOCK + 1024, CHUNK_GZIP, true); /* ends a chunk of ids */
}

static void last_block_is_full(void **state)
{
    (void)state;
    check_same(2 * BLOCK, CHUNK_GZIP, true); /* ends a chunk of masked ids */
}

static void packings_are_kept(void **state)
{
    (void)state;
    check_same(BLOCK + 100, CHUNK_ZSTD, false);
    check_same(BLOCK + 100, CHUNK_PLAIN, false);
}

static void narrow_chunks_are_filled_by_many_blocks(void **state)
{
    (void)state;
    check_same(9 * BLOCK + 5, CHUNK_GZIP, true); /* 32768 rows are a chunk of documents */
}

static void known_rows_are_cut_evenly(void **state)
{
    /* Of the shard; then of a chunk of ids, masks, masked ids, labels. */
    static const size_t cases[][5] = {{1, 1, 1, 1, 1},
                                      {60, 60, 60, 60, 60},
                                      {512, 512, 512, 512, 512},
                                      {513, 257, 514, 514, 514},
                                      {872, 436, 872, 872, 872},
                                      {5000, 500, 2000, 2000, 8000},
                                      {100000, 511, 2044, 2044, 65408}};
    static const enum format_set sets[] = {SET_INPUT_IDS, SET_INPUT_MASK, SET_MASKED_IDS,
                                           SET_NEXT_LABELS};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct shard_shape known = {
            .seq_length = 128, .max_predictions = 20, .max_sequences = 1, .n_rows = cases[i][0]};

        for (size_t k = 0; k < 4; k++)
            assert_int_equal(format_chunk_rows(&known, format_of(sets[k], false)), cases[i][k + 1]);
        assert_int_equal(row_block_size(&known), cases[i][2]);
    }
}

static void known_rows_are_the_same_in_blocks(void **state)
{
    struct shard_shape known = shape;

    (void)state;
    known.n_rows = 1500; /* all sets are wide */
    check_same_in(&known, 1500, CHUNK_GZIP, true);
    check_same_in(&known, 1499, CHUNK_ZSTD, true);
    known.n_rows = 9001;
    check_same_in(&known, 9001, CHUNK_GZIP, true);
    check_same_in(&known, 9000, CHUNK_GZIP, true);
}

static void little_shard_is_a_little_file(void **state)
{
    struct shard_shape known = shape;
    struct buf bytes = {0};

    (void)state;
    known.n_rows = 1;
    write_file(&bytes, &known, 1, true, CHUNK_PLAIN, false);
    assert_in_range(bytes.len, 1, 14 << 10);
    buf_release(&bytes);
}

static void row_without_room_is_refused(void **state)
{
    struct row_block *b = row_block_open(&shape, CHUNK_GZIP, false);
    struct err err = {0};
    int32_t ids[MAX_LEN + 1] = {0};
    const struct sequence s = {.ids = ids, .n_ids = MAX_LEN + 1};
    const struct sequence *row = &s;

    (void)state;
    assert_int_equal(row_block_put(b, &row, 1, &err), -1);
    assert_string_equal(err.text, "row of 41 tokens where 40 fit");
    row_block_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(block_is_chunks_of_the_wide_sets),
        cmocka_unit_test(last_block_is_short),
        cmocka_unit_test(last_block_is_full),
        cmocka_unit_test(packings_are_kept),
        cmocka_unit_test(narrow_chunks_are_filled_by_many_blocks),
        cmocka_unit_test(known_rows_are_cut_evenly),
        cmocka_unit_test(known_rows_are_the_same_in_blocks),
        cmocka_unit_test(little_shard_is_a_little_file),
        cmocka_unit_test(row_without_room_is_refused),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
