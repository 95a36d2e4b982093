/* features_test.c -- the originals' features come back as sequences and targets; what no row can have
 * is named. */
#include "store/features.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "store/h5_writer.h"
#include "store/shard.h"

enum { T = 6 };

static char folder[] = "/tmp/features_testXXXXXX";

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

/* ---- golden ---- */

static void open_golden(struct features *f, const char *name)
{
    const char *shared = getenv("BERTLINE_SHARED");
    char *parts = file_join(shared ? shared : "../shared", "golden");
    char *path = file_join(parts, name);
    struct err err = {0};

    free(parts);
    if (!file_exists(path)) {
        print_message("skipped: no %s\n", path);
        free(path);
        skip();
    }
    if (features_open(f, path, &err) < 0)
        fail_msg("%s", err.text);
    free(path);
}

/* All rows read at once are those read one block after the other, and as long as told. */
static void check_blocks(struct features *f)
{
    struct sequence *all, *some;
    struct features_target *targets, *few;
    int32_t *lengths = mem_array((size_t)f->n_rows, sizeof *lengths);
    struct err err = {0};

    assert_int_equal(features_read(&all, &targets, f, 0, f->n_rows, &err), 0);
    assert_int_equal(features_lengths(lengths, f, 0, f->n_rows, &err), 0);
    for (int64_t at = 0; at < f->n_rows; at += 97) {
        const int64_t n = f->n_rows - at < 97 ? f->n_rows - at : 97;

        assert_int_equal(features_read(&some, &few, f, at, n, &err), 0);
        for (int64_t i = 0; i < n; i++) {
            assert_int_equal(some[i].n_ids, lengths[at + i]);
            assert_int_equal(some[i].n_first, all[at + i].n_first);
            assert_memory_equal(some[i].ids, all[at + i].ids, some[i].n_ids * sizeof(int32_t));
            assert_memory_equal(&few[i], &targets[at + i], sizeof *few);
        }
        sequences_free(some, (size_t)n);
        free(few);
    }
    sequences_free(all, (size_t)f->n_rows);
    free(targets);
    free(lengths);
}

static void questions_of_the_originals(void **state)
{
    struct features f;
    struct sequence *s;
    struct features_target *t;
    struct err err = {0};

    (void)state;
    open_golden(&f, "squad/v1.1-short.train.hdf5");
    assert_int_equal(f.kind, FEATURES_SPANS);
    assert_true(f.labelled);
    assert_int_equal(f.n_rows, 990);
    assert_int_equal(f.seq_length, 96);
    assert_int_equal(features_read(&s, &t, &f, 0, 3, &err), 0);
    assert_int_equal(t[0].start, 22);
    assert_int_equal(t[0].end, 24);
    assert_int_equal(t[1].start, 0);
    assert_int_equal(t[2].end, 41);
    assert_int_equal(s[0].ids[0], 101);
    assert_int_equal(s[0].ids[s[0].n_first - 1], 102);
    assert_int_equal(s[0].ids[s[0].n_ids - 1], 102);
    sequences_free(s, 3);
    free(t);
    check_blocks(&f);
    features_close(&f);

    open_golden(&f, "squad/v1.1-short.predict.hdf5");
    assert_int_equal(f.kind, FEATURES_SPANS);
    assert_false(f.labelled);
    features_close(&f);
}

static void sentences_of_the_originals(void **state)
{
    struct features f;
    struct sequence *s;
    struct features_target *t;
    size_t n;
    struct err err = {0};

    (void)state;
    open_golden(&f, "glue/mrpc.dev.hdf5");
    assert_int_equal(f.kind, FEATURES_CLASSES);
    assert_true(f.labelled);
    assert_int_equal(features_count_classes(&n, &f, &err), 0);
    assert_int_equal(n, 2);
    assert_int_equal(features_read(&s, &t, &f, 0, 3, &err), 0);
    assert_int_equal(t[0].label, 1);
    assert_int_equal(t[1].label, 0);
    assert_true(s[0].n_first < s[0].n_ids);
    sequences_free(s, 3);
    free(t);
    check_blocks(&f);
    features_close(&f);
}

/* ---- by hand ---- */

/* Two rows; the second is as told. */
struct rows {
    int32_t mask[T], segments[T];
    int32_t start, end, label;
};

static const struct rows good = {
    .mask = {1, 1, 1, 1, 1}, .segments = {0, 0, 1, 1, 1}, .start = 2, .end = 4, .label = 3};

static char *write_rows(const struct rows *r, const char *labels, bool spans)
{
    static const int32_t ids[T] = {101, 7, 8, 9, 102};
    char *path = file_join(folder, "x.hdf5");
    struct err err = {0};
    struct h5_writer *w = h5_create(path, &err);
    const struct rows *rows[] = {&good, r};

    assert_non_null(w);
    const int id_set = h5_add(w, "input_ids", H5_INT32, T, &err);
    const int mask_set = h5_add(w, "input_mask", H5_INT8, T, &err);
    const int segment_set = h5_add(w, "segment_ids", H5_INT8, T, &err);
    const int first_set = h5_add(w, spans ? "start_positions" : "label_ids", H5_INT32, 0, &err);
    const int end_set = spans ? h5_add(w, "end_positions", H5_INT32, 0, &err) : -1;

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(h5_append_ints(w, id_set, ids, 1, &err), 0);
        assert_int_equal(h5_append_ints(w, mask_set, rows[i]->mask, 1, &err), 0);
        assert_int_equal(h5_append_ints(w, segment_set, rows[i]->segments, 1, &err), 0);
        assert_int_equal(
            h5_append_ints(w, first_set, spans ? &rows[i]->start : &rows[i]->label, 1, &err), 0);
        if (spans)
            assert_int_equal(h5_append_ints(w, end_set, &rows[i]->end, 1, &err), 0);
    }
    if (labels)
        assert_int_equal(h5_put_text(w, "labels", labels, &err), 0);
    assert_int_equal(h5_finish(w, &err), 0);
    h5_discard(w);
    return path;
}

static void refuse(const struct rows *r, bool spans, const char *message)
{
    char *path = write_rows(r, NULL, spans);
    struct features f;
    struct sequence *s;
    struct features_target *t;
    struct err err = {0};

    assert_int_equal(features_open(&f, path, &err), 0);
    assert_int_equal(features_read(&s, &t, &f, 0, 1, &err), 0);
    sequences_free(s, 1);
    free(t);
    assert_int_equal(features_read(&s, &t, &f, 0, 2, &err), -1);
    assert_null(s);
    if (!strstr(err.text, message) || !strstr(err.text, "x.hdf5: data set"))
        fail_msg("'%s' does not say '%s'", err.text, message);
    features_close(&f);
    free(path);
}

static void rows_that_cannot_be_are_named(void **state)
{
    struct rows r;

    (void)state;
    r = good;
    r.mask[1] = 0;
    refuse(&r, true, "'input_mask': row 1: is not 1..1 0..0: has 1");
    r = (struct rows){0};
    refuse(&r, true, "'input_mask': row 1: no tokens");
    r = good;
    r.segments[3] = 0;
    refuse(&r, true, "'segment_ids': row 1: is not 0..0 1..1: has 0");
    r = good;
    r.start = 5;
    refuse(&r, true, "'start_positions': row 1: no token of the row: 5");
    r = good;
    r.end = 5;
    refuse(&r, true, "'end_positions': row 1: no token from the start on: 5");
    r = good;
    r.end = 1;
    refuse(&r, true, "'end_positions': row 1: no token from the start on: 1");
    r = good;
    r.label = -1;
    refuse(&r, false, "'label_ids': row 1: no class: -1");
}

static void names_of_labels_tell_how_many_there_are(void **state)
{
    char *path = write_rows(&good, "no|yes|maybe|never|always", false);
    struct features f;
    struct err err = {0};
    size_t n;

    (void)state;
    assert_int_equal(features_open(&f, path, &err), 0);
    assert_int_equal(features_count_classes(&n, &f, &err), 0);
    assert_int_equal(n, 5);
    features_close(&f);
    free(path);
    path = write_rows(&good, NULL, false);
    assert_int_equal(features_open(&f, path, &err), 0);
    assert_int_equal(features_count_classes(&n, &f, &err), 0);
    assert_int_equal(n, 4);
    features_close(&f);
    free(path);
    path = write_rows(&good, "", false); /* no names: scores */
    assert_int_equal(features_open(&f, path, &err), 0);
    assert_int_equal(f.kind, FEATURES_SCORES);
    features_close(&f);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(questions_of_the_originals),
        cmocka_unit_test(sentences_of_the_originals),
        cmocka_unit_test(rows_that_cannot_be_are_named),
        cmocka_unit_test(names_of_labels_tell_how_many_there_are),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
