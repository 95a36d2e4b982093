/* logits_test.c -- what was written is read, and what cannot belong to the windows is refused. */
#include "squad/logits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/h5_writer.h"

static const char path[] = "logits_test.tmp";
enum { T = 3, N = 5 };

static void rows_come_back(void **state)
{
    float start[N * T];
    float end[N * T];
    float got_start[N * T];
    float got_end[N * T];
    struct logits l;
    struct err err = {0};
    struct logits_writer *w = logits_create(path, T, &err);

    (void)state;
    for (int i = 0; i < N * T; i++) {
        start[i] = (float)i / 3;
        end[i] = -(float)i / 7;
    }
    assert_non_null(w);
    assert_int_equal(logits_put(w, start, end, 2, &err), 0);
    assert_int_equal(logits_put(w, start + 2 * T, end + 2 * T, N - 2, &err), 0);
    assert_int_equal(logits_commit(w, &err), 0);
    logits_discard(w);
    assert_int_equal(logits_open(&l, path, &err), 0);
    assert_int_equal(l.n_rows, N);
    assert_int_equal(l.seq_length, T);
    assert_int_equal(logits_read(got_start, got_end, &l, 1, N - 1, &err), 0);
    assert_memory_equal(got_start, start + T, (N - 1) * T * sizeof *start);
    assert_memory_equal(got_end, end + T, (N - 1) * T * sizeof *end);
    assert_int_equal(logits_read(got_start, got_end, &l, 1, N, &err), -1);
    assert_string_equal(err.text, "logits_test.tmp: has 5 rows, but there are more windows");
    logits_close(&l);
    unlink(path);
}

/* A file of somebody else: ids from `first`, columns of the two tables. */
static void put_file(int64_t first, size_t start_columns, size_t end_columns, bool with_end)
{
    const float zeros[2 * T] = {0};
    const int64_t ids[2] = {first, first + 1};
    struct err err = {0};
    struct h5_writer *w = h5_create(path, &err);

    assert_non_null(w);
    assert_int_equal(h5_append(w, h5_add(w, "unique_id", H5_INT64, 0, &err), ids, 2, &err), 0);
    assert_int_equal(
        h5_append(w, h5_add(w, "start_logits", H5_FLOAT32, start_columns, &err), zeros, 2, &err),
        0);
    if (with_end)
        assert_int_equal(
            h5_append(w, h5_add(w, "end_logits", H5_FLOAT32, end_columns, &err), zeros, 2, &err),
            0);
    assert_int_equal(h5_finish(w, &err), 0);
    h5_discard(w);
}

static void strange_files_are_refused(void **state)
{
    float start[2 * T];
    float end[2 * T];
    struct logits l;
    struct err err = {0};

    (void)state;
    put_file(1000000001, T, T, true);
    assert_int_equal(logits_open(&l, path, &err), 0);
    assert_int_equal(logits_read(start, end, &l, 0, 2, &err), -1);
    assert_string_equal(err.text, "logits_test.tmp: row 0: unique_id 1000000001, not 1000000000");
    logits_close(&l);
    put_file(1000000000, T, 2, true);
    assert_int_equal(logits_open(&l, path, &err), -1);
    assert_string_equal(err.text, "logits_test.tmp: data set 'end_logits' has 2 columns, not 3");
    put_file(1000000000, T, T, false);
    assert_int_equal(logits_open(&l, path, &err), -1);
    unlink(path);
    assert_int_equal(logits_open(&l, path, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back),
        cmocka_unit_test(strange_files_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
