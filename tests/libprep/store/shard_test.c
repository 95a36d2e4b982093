/* shard_test.c -- sequences go into rows and come back; rows that cannot be are named. */
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
#include "base/rng.h"
#include "store/formats.h"
#include "store/h5.h"
#include "store/h5_writer.h"
#include "store/shard.h"
#include "store/shard_rows.h"

enum { MAX_LEN = 40, MAX_MASKED = 6, MANY = 2000 };

static char folder[] = "/tmp/shard_testXXXXXX";

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

static void make_sequence(struct sequence *s, uint64_t number, size_t max_len)
{
    struct rng r;

    rng_at(&r, 1, 0, number);
    sequence_init(s, max_len, MAX_MASKED);
    s->n_ids = (size_t)rng_between(&r, 1, (int64_t)max_len);
    s->n_first = (size_t)rng_between(&r, 1, (int64_t)s->n_ids);
    s->next_label = (int32_t)rng_between(&r, -1, 1);
    for (size_t i = 0; i < s->n_ids; i++)
        s->ids[i] = (int32_t)rng_below(&r, 30000);
    for (size_t at = 1 + rng_below(&r, 9); at < s->n_ids && s->n_masked < MAX_MASKED;
         at += 1 + rng_below(&r, 9)) {
        s->masked_at[s->n_masked] = (int32_t)at;
        s->masked_ids[s->n_masked++] = (int32_t)rng_below(&r, 30000);
    }
}

static void check_equal(const struct sequence *a, const struct sequence *b)
{
    assert_int_equal(a->n_ids, b->n_ids);
    assert_int_equal(a->n_first, b->n_first);
    assert_int_equal(a->n_masked, b->n_masked);
    assert_int_equal(a->next_label, b->next_label);
    assert_memory_equal(a->ids, b->ids, a->n_ids * sizeof *a->ids);
    assert_memory_equal(a->masked_at, b->masked_at, a->n_masked * sizeof *a->masked_at);
    assert_memory_equal(a->masked_ids, b->masked_ids, a->n_masked * sizeof *a->masked_ids);
}

/* Writes sequences, `per_row` to a row, and reads them again in uneven blocks. */
static void go_round(const struct shard_shape *shape, size_t per_row, const char *name)
{
    char *path = file_join(folder, name);
    struct shard_origin origin = {.vocab_size = 30522, .options = (char *)"{\"seed\": 1}"};
    struct sequence *made = mem_array(MANY, sizeof *made);
    struct err err = {0};
    struct shard_writer *w;
    struct shard s;
    size_t at = 0;

    memset(origin.vocab_sha256, 'a', HASH_HEX_SIZE - 1);
    w = shard_create(path, shape, &origin, &err);
    assert_non_null(w);
    for (size_t i = 0; i < MANY; i++)
        make_sequence(&made[i], i, shape->seq_length / per_row);
    for (size_t i = 0; i < MANY; i += per_row) {
        const struct sequence *row[4];

        for (size_t k = 0; k < per_row; k++)
            row[k] = &made[i + k];
        assert_int_equal(shard_put(w, row, per_row, &err), 0);
    }
    assert_false(file_exists(path));
    assert_int_equal(shard_commit(w, &err), 0);
    shard_discard(w);

    assert_int_equal(shard_open(&s, path, &err), 0);
    assert_true(s.shape.packed == shape->packed && s.shape.seq_length == shape->seq_length);
    assert_true(s.shape.max_predictions == shape->max_predictions &&
                s.shape.max_sequences == shape->max_sequences);
    assert_true(s.n_rows == (int64_t)(MANY / per_row));
    assert_int_equal(s.origin.vocab_size, 30522);
    assert_string_equal(s.origin.vocab_sha256, origin.vocab_sha256);
    assert_string_equal(s.origin.options, origin.options);
    for (int64_t row = 0; row < s.n_rows; row += 333) {
        const int64_t n = s.n_rows - row < 333 ? s.n_rows - row : 333;
        int32_t *lengths = mem_array((size_t)n * shape->max_sequences, sizeof *lengths);
        struct sequence *read;
        int32_t *row_of;
        size_t n_read;

        assert_int_equal(shard_read(&read, &n_read, &row_of, &s, row, n, &err), 0);
        assert_int_equal(shard_lengths(lengths, &s, row, n, &err), 0);
        assert_int_equal(n_read, (size_t)n * per_row);
        for (size_t i = 0; i < n_read; i++) {
            assert_int_equal(row_of[i], i / per_row);
            assert_int_equal(lengths[(i / per_row) * shape->max_sequences + i % per_row],
                             read[i].n_ids);
            check_equal(&read[i], &made[at++]);
        }
        sequences_free(read, n_read);
        free(row_of);
        free(lengths);
    }
    assert_int_equal(at, MANY);
    shard_close(&s);
    sequences_free(made, MANY);
    free(path);
}

static void single_sequences_come_back(void **state)
{
    const struct shard_shape shape = {
        .seq_length = MAX_LEN, .max_predictions = MAX_MASKED, .max_sequences = 1};

    (void)state;
    go_round(&shape, 1, "single.hdf5");
}

static void packed_sequences_come_back(void **state)
{
    const struct shard_shape shape = {.packed = true,
                                      .seq_length = 4 * MAX_LEN,
                                      .max_predictions = 4 * MAX_MASKED + 5,
                                      .max_sequences = 5};

    (void)state;
    go_round(&shape, 4, "packed.hdf5");
}

static void what_does_not_fit_a_row_is_a_limit(void **state)
{
    const struct shard_shape shape = {
        .packed = true, .seq_length = MAX_LEN, .max_predictions = 3, .max_sequences = 2};
    char *path = file_join(folder, "limit.hdf5");
    struct err err = {0};
    struct shard_writer *w = shard_create(path, &shape, NULL, &err);
    int32_t ids[MAX_LEN] = {0};
    int32_t masked[3] = {1, 2, 3};
    struct sequence s = {.ids = ids, .n_ids = 20, .n_first = 20};
    const struct sequence *row[3] = {&s, &s, &s};

    (void)state;
    assert_int_equal(shard_put(w, row, 3, &err), -1);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_non_null(strstr(err.text, "row of 3 sequences where 1 to 2 fit"));
    s.n_ids = s.n_first = 21;
    assert_int_equal(shard_put(w, row, 2, &err), -1);
    assert_non_null(strstr(err.text, "row of 42 tokens where 40 fit"));
    /* One column stays 0: it ends the list for those who read packs. */
    s.masked_at = s.masked_ids = masked;
    s.n_masked = 3;
    assert_int_equal(shard_put(w, row, 1, &err), -1);
    assert_non_null(strstr(err.text, "row of 3 masked tokens where 2 fit"));
    s.n_masked = 2;
    assert_int_equal(shard_put(w, row, 1, &err), 0);
    shard_discard(w);
    assert_false(file_exists(path));
    free(path);
}

/* Two rows of T = 8, P = 4, S = 2 as they should be. */
static const int32_t good[FORMAT_SETS][16] = {
    [SET_INPUT_IDS] = {1, 5, 2, 6, 2, 1, 7, 2, /**/ 1, 5, 2, 0, 0, 0, 0, 0},
    [SET_INPUT_MASK] = {1, 1, 1, 1, 1, 2, 2, 2, /**/ 1, 1, 1, 0, 0, 0, 0, 0},
    [SET_SEGMENT_IDS] = {0, 0, 0, 1, 1, 0, 0, 0, /**/ 0, 0, 0, 0, 0, 0, 0, 0},
    [SET_POSITIONS] = {0, 1, 2, 3, 4, 0, 1, 2, /**/ 0, 1, 2, 0, 0, 0, 0, 0},
    [SET_MASKED_POSITIONS] = {1, 3, 6, 0, /**/ 1, 0, 0, 0},
    [SET_MASKED_IDS] = {9, 8, 7, 0, /**/ 9, 0, 0, 0},
    [SET_NEXT_POSITIONS] = {0, 5, /**/ 0, 0},
    [SET_NEXT_LABELS] = {1, 0, /**/ 1, 0},
    [SET_NEXT_WEIGHTS] = {1, 1, /**/ 1, 0},
};

/* Writes the two rows with one value changed, or without one of the data sets. */
static void write_rows(const char *path, int set, size_t at, int32_t value, bool leave_out)
{
    const size_t width[] = {[WIDTH_TOKENS] = 8, [WIDTH_MASKED] = 4, [WIDTH_SEQUENCES] = 2};
    struct err err = {0};
    struct h5_writer *w = h5_create(path, &err);

    assert_non_null(w);
    for (int i = 0; i < FORMAT_SETS; i++) {
        const struct format *f = format_of((enum format_set)i, true);
        int32_t values[16];
        int number;

        if (i == set && leave_out)
            continue;
        memcpy(values, good[i], sizeof values);
        if (i == set)
            values[at] = value;
        number = h5_add(w, f->name, f->type, width[f->width], &err);
        assert_int_equal(h5_append_ints(w, number, values, 2, &err), 0);
    }
    assert_int_equal(h5_finish(w, &err), 0);
    h5_discard(w);
}

static void impossible_rows_are_named(void **state)
{
    static const struct {
        int set;
        size_t at;
        int32_t value;
        const char *message;
    } cases[] = {
        {SET_INPUT_IDS, 3, -1, "'input_ids': row 0: negative id: -1 in column 3"},
        {SET_INPUT_MASK, 0, 2, "'input_mask': row 0: unexpected sequence number: 2 in column 0"},
        {SET_INPUT_MASK, 5, 3, "'input_mask': row 0: unexpected sequence number: 3 in column 5"},
        {SET_INPUT_MASK, 7, 3, "'input_mask': row 0: unexpected sequence number: 3 in column 7"},
        {SET_INPUT_MASK, 7, -1, "'input_mask': row 0: unexpected sequence number: -1 in column 7"},
        {SET_INPUT_MASK, 8, 0, "'input_mask': row 1: row without tokens: 0 in column 0"},
        {SET_INPUT_MASK, 15, 1, "'input_mask': row 1: token behind the padding: 1 in column 7"},
        {SET_SEGMENT_IDS, 0, 1, "'segment_ids': row 0: impossible segment: 1 in column 0"},
        {SET_SEGMENT_IDS, 1, 1, "'segment_ids': row 0: segment 0 after segment 1: 0 in column 2"},
        {SET_SEGMENT_IDS, 4, 2, "'segment_ids': row 0: impossible segment: 2 in column 4"},
        {SET_POSITIONS, 5, 5, "'positions': row 0: does not count from the sequence's start: 5"},
        {SET_MASKED_POSITIONS, 2, 5, "row 0: masked start of a sequence: 5 in column 2"},
        {SET_MASKED_POSITIONS, 2, 8, "row 0: position outside of the sequences: 8 in column 2"},
        {SET_MASKED_POSITIONS, 2, -4, "row 0: position outside of the sequences: -4 in column 2"},
        {SET_MASKED_POSITIONS, 1, 1, "row 0: position that does not rise: 1 in column 1"},
        {SET_MASKED_POSITIONS, 4, 3, "row 1: position outside of the sequences: 3 in column 0"},
        {SET_MASKED_POSITIONS, 6, 2, "row 1: position after the end at the first 0: 2 in column 2"},
        {SET_MASKED_IDS, 1, -7, "'masked_lm_ids': row 0: negative id: -7 in column 1"},
        {SET_MASKED_IDS, 6, 4, "'masked_lm_ids': row 1: id without a position: 4 in column 2"},
        {SET_NEXT_POSITIONS, 1, 4, "row 0: not the start of its sequence: 4 in column 1"},
        {SET_NEXT_LABELS, 1, 2, "'next_sentence_labels': row 0: neither 0 nor 1: 2 in column 1"},
        {SET_NEXT_WEIGHTS, 0, 2, "'next_sentence_weights': row 0: neither 0 nor 1: 2 in column 0"},
        {SET_NEXT_WEIGHTS, 3, 1, "row 1: weight of a sequence that is not there: 1 in column 1"},
    };
    char *path = file_join(folder, "rows.hdf5");

    (void)state;
    for (size_t i = 0; i <= sizeof cases / sizeof *cases; i++) {
        const bool fine = i == sizeof cases / sizeof *cases;
        struct sequence *read;
        struct err err = {0};
        struct shard s;
        size_t n_read;
        int rc;

        write_rows(path, fine ? FORMAT_SETS : cases[i].set, fine ? 0 : cases[i].at,
                   fine ? 0 : cases[i].value, false);
        assert_int_equal(shard_open(&s, path, &err), 0);
        rc = shard_read(&read, &n_read, NULL, &s, 0, 2, &err);
        if (fine) {
            assert_int_equal(rc, 0);
            assert_int_equal(n_read, 3);
            sequences_free(read, n_read);
        } else {
            assert_int_equal(rc, -1);
            assert_int_equal(err.kind, ERR_FORMAT);
            if (!strstr(err.text, cases[i].message) || !strstr(err.text, "rows.hdf5: data set '"))
                fail_msg("'%s' is not in '%s'", cases[i].message, err.text);
        }
        shard_close(&s);
    }
    free(path);
}

static void missing_data_sets_are_named(void **state)
{
    char *path = file_join(folder, "missing.hdf5");

    (void)state;
    for (int i = 0; i < FORMAT_SETS; i++) {
        char message[100];
        struct err err = {0};
        struct shard s;

        write_rows(path, i, 0, 0, true);
        assert_int_equal(shard_open(&s, path, &err), -1);
        snprintf(message, sizeof message, "data set '%s' is missing",
                 format_of((enum format_set)i, true)->name);
        /* Without positions it is no packed shard, and as an unpacked one it has wrong columns. */
        if (i == SET_POSITIONS)
            snprintf(message, sizeof message,
                     "data set 'next_sentence_labels' has several columns");
        if (!strstr(err.text, message))
            fail_msg("'%s' is not in '%s'", message, err.text);
    }
    free(path);
}

/* Shards that the original systems wrote, when they are at hand: read, and written anew. */
static void shards_of_the_originals_are_read(void **state)
{
    static const struct {
        const char *name;
        bool packed;
        size_t T, P, S, n_sequences;
        int64_t n_rows;
    } files[] = {
        {"make-pretrain/seq128_training_0.hdf5", false, 128, 20, 1, 9092, 9092},
        {"make-pretrain/seq512_training_0.hdf5", false, 512, 80, 1, 2924, 2924},
        {"pack/phase1_part_0.hdf5", true, 128, 23, 3, 4790, 4480},
        {"bert/packed.hdf5", true, 48, 13, 3, 12, 6},
        {"bert/unpacked.hdf5", false, 48, 10, 1, 12, 12},
    };
    const char *shared = getenv("BERTLINE_SHARED");
    char *golden = file_join(shared ? shared : "../shared", "golden");

    (void)state;
    if (!file_is_folder(golden)) {
        free(golden);
        print_message("skipped: no golden data here\n");
        skip();
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = file_join(golden, files[i].name);
        struct sequence *read;
        struct err err = {0};
        struct shard s;
        size_t n_read;

        assert_int_equal(shard_open(&s, path, &err), 0);
        assert_true(s.shape.packed == files[i].packed && s.shape.seq_length == files[i].T);
        assert_true(s.shape.max_predictions == files[i].P && s.shape.max_sequences == files[i].S);
        assert_true(s.n_rows == files[i].n_rows);
        assert_int_equal(shard_read(&read, &n_read, NULL, &s, 0, s.n_rows, &err), 0);
        assert_int_equal(n_read, files[i].n_sequences);
        sequences_free(read, n_read);
        shard_close(&s);
        free(path);
    }
    free(golden);
}

static void touch(const char *name)
{
    char *path = file_join(folder, name);
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fclose(file);
    free(path);
}

static void folders_list_their_shards(void **state)
{
    char *empty = file_join(folder, "empty");
    struct err err = {0};
    char **paths;
    size_t n;

    (void)state;
    assert_int_equal(file_make_folder(empty, &err), 0);
    assert_int_equal(shard_list(&paths, &n, empty, &err), -1);
    assert_non_null(strstr(err.text, "holds no shards"));
    touch("empty/b.h5");
    touch("empty/a.hdf5");
    touch("empty/a.hdf5.part");
    assert_int_equal(shard_list(&paths, &n, empty, &err), 0);
    assert_int_equal(n, 2);
    assert_non_null(strstr(paths[0], "/empty/a.hdf5"));
    file_free_names(paths, n);
    touch("empty/x_training_0.hdf5");
    touch("empty/x_test_0.hdf5");
    assert_int_equal(shard_list(&paths, &n, empty, &err), 0);
    assert_int_equal(n, 1);
    assert_non_null(strstr(paths[0], "x_training_0.hdf5"));
    file_free_names(paths, n);
    free(empty);
}

/* A shard of 100 rows that tell documents 1, 2, .. */
static char *write_documents(const char *name, bool tell)
{
    const struct shard_shape shape = {
        .seq_length = MAX_LEN, .max_predictions = MAX_MASKED, .max_sequences = 1};
    char *path = file_join(folder, name);
    struct err err = {0};
    struct shard_writer *w = shard_create(path, &shape, NULL, &err);

    assert_non_null(w);
    if (tell)
        assert_int_equal(shard_tell_documents(w, &err), 0);
    for (uint64_t i = 0; i < 100; i++) {
        struct sequence s;
        const struct sequence *row = &s;

        make_sequence(&s, i, MAX_LEN);
        s.document = (int64_t)i + 1;
        assert_int_equal(shard_put(w, &row, 1, &err), 0);
        sequence_release(&s);
    }
    assert_int_equal(shard_commit(w, &err), 0);
    shard_discard(w);
    return path;
}

static void documents_come_back_where_they_are_told(void **state)
{
    (void)state;
    for (int tell = 0; tell < 2; tell++) {
        char *path = write_documents("documents.hdf5", tell);
        struct sequence *read;
        struct err err = {0};
        struct shard s;
        size_t n;

        assert_int_equal(shard_open(&s, path, &err), 0);
        assert_int_equal(s.tells_documents, tell);
        assert_int_equal(shard_read(&read, &n, NULL, &s, 0, 100, &err), 0);
        for (size_t i = 0; i < n; i++)
            assert_true(read[i].document == (tell ? (int64_t)i + 1 : 0));
        sequences_free(read, n);
        shard_close(&s);
        free(path);
    }
}

static void masked_tokens_are_measured(void **state)
{
    char *path = write_documents("measured.hdf5", false);
    int32_t lengths[100];
    int32_t masked[100];
    struct err err = {0};
    struct shard s;

    (void)state;
    assert_int_equal(shard_open(&s, path, &err), 0);
    assert_int_equal(shard_measures(lengths, masked, &s, 0, 100, &err), 0);
    for (size_t i = 0; i < 100; i++) {
        struct sequence made;

        make_sequence(&made, i, MAX_LEN);
        assert_int_equal(lengths[i], made.n_ids);
        assert_int_equal(masked[i], made.n_masked);
        sequence_release(&made);
    }
    shard_close(&s);
    free(path);
}

/* Rows laid out elsewhere are the same bytes as rows put one by one. */
static void rows_are_appended_in_parts(void **state)
{
    const struct shard_shape shape = {
        .seq_length = MAX_LEN, .max_predictions = MAX_MASKED, .max_sequences = 1};
    char *one_by_one = write_documents("one.hdf5", true);
    char *path = file_join(folder, "parts.hdf5");
    struct shard_rows *rows = shard_rows_open(&shape, 70);
    struct err err = {0};
    struct shard_writer *w = shard_create(path, &shape, NULL, &err);
    struct buf a = {0};
    struct buf b = {0};

    (void)state;
    assert_int_equal(shard_tell_documents(w, &err), 0);
    for (uint64_t i = 0; i < 100; i++) {
        struct sequence s;
        const struct sequence *row = &s;

        make_sequence(&s, i, MAX_LEN);
        s.document = (int64_t)i + 1;
        assert_int_equal(shard_rows_put(rows, &row, 1, &err), 0);
        sequence_release(&s);
        if (i == 69 || i == 99) {
            const size_t n = i == 69 ? 70 : 30;

            assert_int_equal(shard_append(w, rows, 0, 11, &err), 0);
            assert_int_equal(shard_append(w, rows, 11, n - 11, &err), 0);
            shard_rows_clear(rows);
        }
    }
    assert_int_equal(shard_commit(w, &err), 0);
    shard_discard(w);
    shard_rows_release(rows);
    assert_int_equal(file_read(&a, one_by_one, SIZE_MAX / 2, &err), 0);
    assert_int_equal(file_read(&b, path, SIZE_MAX / 2, &err), 0);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    buf_release(&a);
    buf_release(&b);
    free(one_by_one);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_come_back_where_they_are_told),
        cmocka_unit_test(masked_tokens_are_measured),
        cmocka_unit_test(rows_are_appended_in_parts),
        cmocka_unit_test(single_sequences_come_back),
        cmocka_unit_test(packed_sequences_come_back),
        cmocka_unit_test(what_does_not_fit_a_row_is_a_limit),
        cmocka_unit_test(impossible_rows_are_named),
        cmocka_unit_test(missing_data_sets_are_named),
        cmocka_unit_test(shards_of_the_originals_are_read),
        cmocka_unit_test(folders_list_their_shards),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
