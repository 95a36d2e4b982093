/* output_test.c -- packs become rows in their order, parts are cut where they should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "pack/output.h"

enum { T = 16, S = 3, PACKS = 1000, ROWS_PER_FILE = 300 };

static char folder[] = "/tmp/output_testXXXXXX";
static const struct shard_shape shape = {
    .packed = true, .seq_length = T, .max_sequences = S, .max_predictions = 2 + S};
static const struct shard_origin origin = {0};

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

/* A sequence that tells by its first id which one it is. */
static void encode(struct buf *to, int32_t number, size_t n_ids, int64_t document)
{
    struct sequence s;

    sequence_init(&s, n_ids, 1);
    s.n_ids = n_ids;
    s.n_first = 1;
    for (size_t i = 0; i < n_ids; i++)
        s.ids[i] = number;
    if (n_ids > 1) {
        s.n_masked = 1;
        s.masked_at[0] = 1;
        s.masked_ids[0] = 7;
    }
    s.document = document;
    buf_clear(to);
    sequence_encode(to, &s);
    sequence_release(&s);
}

static void open_output(struct output *o, size_t n_threads)
{
    *o = (struct output){
        .folder = folder, .shape = &shape, .origin = &origin, .rows_per_file = ROWS_PER_FILE};
    output_open(o, n_threads);
}

/* Packs of sequences of 9, 4 and 3 tokens; pack number i is of the sequences 3 i to 3 i + 2. */
static void write_packs(struct output *o, size_t n_threads)
{
    static const size_t lens[S] = {9, 4, 3};
    struct err err = {0};
    struct buf bytes = {0};

    open_output(o, n_threads);
    for (int32_t i = 0; i < PACKS * S; i++) {
        encode(&bytes, i, lens[i % S], 0);
        assert_int_equal(output_add(o, i % S == 0, bytes.data, bytes.len, &err), 0);
    }
    assert_int_equal(output_finish(o, &err), 0);
    output_close(o);
    buf_release(&bytes);
}

static void packs_become_rows_in_their_order(void **state)
{
    struct err err = {0};
    struct output o;
    int32_t row = 0;

    (void)state;
    write_packs(&o, 2);
    assert_int_equal(o.n_rows, PACKS);
    assert_int_equal(o.n_files, 4);
    assert_int_equal(o.n_known, 0);
    for (size_t f = 0; f < o.n_files; f++) {
        struct sequence *sequences;
        int32_t *row_of;
        size_t n;
        struct shard s;

        assert_int_equal(o.files[f].n_rows, f < 3 ? ROWS_PER_FILE : PACKS - 3 * ROWS_PER_FILE);
        assert_int_equal(shard_open(&s, o.files[f].path, &err), 0);
        assert_int_equal(s.n_rows, o.files[f].n_rows);
        assert_int_equal(shard_read(&sequences, &n, &row_of, &s, 0, s.n_rows, &err), 0);
        assert_int_equal(n, (size_t)s.n_rows * S);
        for (size_t i = 0; i < n; i += S, row++) {
            /* The shortest first. */
            assert_int_equal(sequences[i].ids[0], 3 * row + 2);
            assert_int_equal(sequences[i + 1].ids[0], 3 * row + 1);
            assert_int_equal(sequences[i + 2].ids[0], 3 * row);
        }
        sequences_free(sequences, n);
        free(row_of);
        shard_close(&s);
    }
    output_release(&o);
}

static void threads_make_the_same_bytes(void **state)
{
    struct buf once = {0};
    struct buf again = {0};
    struct err err = {0};
    struct output o;

    (void)state;
    for (size_t threads = 1; threads <= 4; threads++) {
        struct buf *bytes = threads == 1 ? &once : &again;

        write_packs(&o, threads);
        buf_clear(bytes);
        assert_int_equal(file_read(bytes, o.files[1].path, SIZE_MAX / 2, &err), 0);
        if (threads > 1) {
            assert_int_equal(once.len, again.len);
            assert_memory_equal(once.data, again.data, once.len);
        }
        output_release(&o);
    }
    buf_release(&once);
    buf_release(&again);
}

static void documents_are_kept_apart(void **state)
{
    struct err err = {0};
    struct buf bytes = {0};
    struct output o;

    (void)state;
    open_output(&o, 2);
    for (int32_t i = 0; i < 40; i++) {
        encode(&bytes, i, 8, 1 + i / 2); /* both of a pack are of one document */
        assert_int_equal(output_add(&o, i % 2 == 0, bytes.data, bytes.len, &err), 0);
    }
    assert_int_equal(output_finish(&o, &err), 0);
    output_close(&o);
    assert_int_equal(o.n_known, 40);
    assert_int_equal(o.n_meetings, 0);
    output_release(&o);

    open_output(&o, 2);
    for (int32_t i = 0; i < 2; i++) {
        encode(&bytes, i, 8, 5);
        assert_int_equal(output_add(&o, i == 0, bytes.data, bytes.len, &err), 0);
    }
    assert_int_equal(output_finish(&o, &err), 0);
    output_close(&o);
    assert_int_equal(o.n_meetings, 1);
    output_release(&o);
    buf_release(&bytes);
}

static void what_does_not_fit_leaves_no_part(void **state)
{
    struct err err = {0};
    struct buf bytes = {0};
    struct output o;
    char *path = file_join(folder, "mixed_strategies_part_0.hdf5");

    (void)state;
    assert_int_equal(file_remove(path, &err), 0);
    open_output(&o, 2);
    for (int32_t i = 0; i < 2; i++) {
        encode(&bytes, i, 9, 0);
        assert_int_equal(output_add(&o, i == 0, bytes.data, bytes.len, &err), 0);
    }
    assert_int_equal(output_finish(&o, &err), -1);
    output_close(&o);
    output_release(&o);
    assert_false(file_exists(path));

    open_output(&o, 2);
    assert_int_equal(output_add(&o, true, "x", 1, &err), -1);
    output_close(&o);
    output_release(&o);
    buf_release(&bytes);
    free(path);
}

static void parts_are_known_by_name(void **state)
{
    (void)state;
    assert_true(output_is_part("mixed_strategies_part_0.hdf5"));
    assert_true(output_is_part("mixed_strategies_part_12.hdf5.part"));
    assert_false(output_is_part("mixed_strategies_part_.hdf5"));
    assert_false(output_is_part("mixed_strategies_part_1.hdf5.bak"));
    assert_false(output_is_part("x_mixed_strategies_part_1.hdf5"));
    assert_false(output_is_part(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_become_rows_in_their_order),
        cmocka_unit_test(threads_make_the_same_bytes),
        cmocka_unit_test(documents_are_kept_apart),
        cmocka_unit_test(what_does_not_fit_leaves_no_part),
        cmocka_unit_test(parts_are_known_by_name),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
