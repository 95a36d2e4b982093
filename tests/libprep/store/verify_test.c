/* verify_test.c -- rows that break a promise which readers do not look at are named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "store/h5_writer.h"
#include "store/verify.h"

enum { T = 8, P = 2, VOCAB = 100 };

/* One good row: [CLS] 10 11 [SEP] 12 [SEP], 11 masked. */
struct row {
    int32_t ids[T], mask[T], segments[T], at[P], masked[P], label;
};

static const struct row good = {.ids = {2, 10, 4, 3, 12, 3},
                                .mask = {1, 1, 1, 1, 1, 1},
                                .segments = {0, 0, 0, 0, 1, 1},
                                .at = {2},
                                .masked = {11},
                                .label = 1};

/* A file of the good row and of `second`. */
static void write_rows(const char *path, const struct row *second)
{
    const struct row rows[2] = {good, *second};
    struct err err = {0};
    struct h5_writer *w = h5_create(path, &err);
    int sets[6];

    assert_non_null(w);
    assert_int_equal(h5_put_int(w, "vocab_size", VOCAB, &err), 0);
    assert_int_equal(h5_put_text(w, "vocab_sha256",
                                 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                                 &err),
                     0);
    sets[0] = h5_add(w, "input_ids", H5_INT32, T, &err);
    sets[1] = h5_add(w, "input_mask", H5_INT8, T, &err);
    sets[2] = h5_add(w, "segment_ids", H5_INT8, T, &err);
    sets[3] = h5_add(w, "masked_lm_positions", H5_INT32, P, &err);
    sets[4] = h5_add(w, "masked_lm_ids", H5_INT32, P, &err);
    sets[5] = h5_add(w, "next_sentence_labels", H5_INT8, 0, &err);
    for (int i = 0; i < 2; i++) {
        const struct row *r = &rows[i];
        const int32_t *const values[] = {r->ids, r->mask, r->segments, r->at, r->masked, &r->label};

        for (int k = 0; k < 6; k++)
            assert_int_equal(h5_append_ints(w, sets[k], values[k], 1, &err), 0);
    }
    assert_int_equal(h5_finish(w, &err), 0);
    h5_discard(w);
}

/* NULL when the row is good. */
static void expect(const struct row *second, const char *problem)
{
    char folder[] = "/tmp/verify-XXXXXX";
    struct verify_counts counts;
    struct err err = {0};
    char *path;
    int rc;

    assert_non_null(mkdtemp(folder));
    path = file_join(folder, "x.hdf5");
    write_rows(path, second);
    rc = verify_shard(&counts, path, &err);
    if (problem) {
        assert_int_equal(rc, -1);
        assert_int_equal(err.kind, ERR_FORMAT);
        assert_non_null(strstr(err.text, "row 1: "));
        assert_non_null(strstr(err.text, problem));
    } else {
        assert_int_equal(rc, 0);
        assert_int_equal(counts.rows, 2);
        assert_int_equal(counts.tokens, 12);
        assert_int_equal(counts.masked, 2);
        assert_int_equal(counts.label_1, 2);
        assert_int_equal(counts.lengths[6], 2);
    }
    verify_counts_release(&counts);
    assert_int_equal(file_remove(folder, &err), 0);
    free(path);
}

static void good_rows_are_counted(void **state)
{
    (void)state;
    expect(&good, NULL);
}

static void broken_promises_are_named(void **state)
{
    struct row r;

    (void)state;
    r = good, r.ids[0] = 7;
    expect(&r, "does not start with [CLS] but: 7");
    r = good, r.ids[5] = 7;
    expect(&r, "does not end with [SEP] but: 7");
    r = good, r.ids[3] = 7;
    expect(&r, "segment 0 does not end with [SEP] but: 7");
    r = good, r.ids[1] = VOCAB;
    expect(&r, "id outside of the vocabulary: 100");
    r = good, r.masked[0] = VOCAB;
    expect(&r, "masked id outside of the vocabulary: 100");
    r = good, r.masked[0] = 3;
    expect(&r, "masked [CLS] or [SEP] in column: 2");
    r = good, r.ids[7] = 9;
    expect(&r, "padding that is not 0: 9");
    r = good, r.segments[7] = 1;
    expect(&r, "padding that is not 0: 1");
    r = good, r.mask[7] = 1;
    expect(&r, "input_mask");
    r = good, r.label = 2;
    expect(&r, "next_sentence_labels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_rows_are_counted),
        cmocka_unit_test(broken_promises_are_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
