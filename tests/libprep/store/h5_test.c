/* h5_test.c -- tables go into files and come back, whatever their types; bad files are refused. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/team.h"
#include "store/h5.h"
#include "store/h5_writer.h"

enum { ROWS = 3000, COLUMNS = 100 };

static char folder[] = "/tmp/h5_testXXXXXX";

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

static int32_t value_at(size_t row, size_t column)
{
    return (int32_t)(row * 31 + column * column) % 30522 - 3;
}

/* A table of int32, a vector of int8, one of int64, a table of floats and a vector of texts. */
static void write_file(const char *path, struct team *team)
{
    struct err err = {0};
    struct h5_writer *w = h5_create(path, &err);
    int32_t *row = mem_array(COLUMNS, sizeof *row);
    char *texts[ROWS];
    int ids, labels, numbers, logits;

    assert_non_null(w);
    h5_use_team(w, team);
    ids = h5_add(w, "ids", H5_INT32, COLUMNS, &err);
    labels = h5_add(w, "labels", H5_INT8, 0, &err);
    numbers = h5_add(w, "numbers", H5_INT64, 0, &err);
    logits = h5_add(w, "logits", H5_FLOAT32, 2, &err);
    assert_true(ids >= 0 && labels >= 0 && numbers >= 0 && logits >= 0);
    for (size_t i = 0; i < ROWS; i++) {
        const int32_t label = (int32_t)(i % 200) - 100;
        const int64_t number = INT64_C(1000000000000) + (int64_t)i;
        const float pair[2] = {(float)i, -0.5f * (float)i};

        for (size_t k = 0; k < COLUMNS; k++)
            row[k] = value_at(i, k);
        assert_int_equal(h5_append_ints(w, ids, row, 1, &err), 0);
        assert_int_equal(h5_append_ints(w, labels, &label, 1, &err), 0);
        assert_int_equal(h5_append(w, numbers, &number, 1, &err), 0);
        assert_int_equal(h5_append(w, logits, pair, 1, &err), 0);
        texts[i] = i % 2 ? (char *)"odd \xc3\xa9" : (char *)"";
    }
    assert_int_equal(h5_put_texts(w, "names", texts, ROWS, &err), 0);
    assert_int_equal(h5_put_text(w, "options", "{\"a\": 1}", &err), 0);
    assert_int_equal(h5_put_int(w, "rows", -ROWS, &err), 0);
    assert_int_equal(h5_finish(w, &err), 0);
    h5_discard(w);
    free(row);
}

static void tables_come_back(void **state)
{
    char *path = file_join(folder, "back.h5");
    int32_t *ids = mem_array(ROWS * COLUMNS, sizeof *ids);
    int64_t *numbers = mem_array(ROWS, sizeof *numbers);
    float *logits = mem_array(ROWS * 2, sizeof *logits);
    struct err err = {0};
    struct h5_file *f;
    char **texts;
    char *options;
    int64_t n_rows;
    size_t n_cols;

    (void)state;
    write_file(path, NULL);
    f = h5_open(path, &err);
    assert_non_null(f);
    assert_int_equal(h5_extent(&n_rows, &n_cols, f, "ids", &err), 0);
    assert_true(n_rows == ROWS && n_cols == COLUMNS);
    assert_int_equal(h5_extent(&n_rows, &n_cols, f, "labels", &err), 0);
    assert_true(n_rows == ROWS && n_cols == 0);
    assert_int_equal(h5_read_ints(ids, f, "ids", 1, ROWS - 2, &err), 0);
    for (size_t i = 0; i < (ROWS - 2) * COLUMNS; i++)
        assert_int_equal(ids[i], value_at(1 + i / COLUMNS, i % COLUMNS));
    assert_int_equal(h5_read_ints(ids, f, "labels", 0, ROWS, &err), 0);
    assert_int_equal(ids[0], -100);
    assert_int_equal(h5_read_longs(numbers, f, "numbers", 0, ROWS, &err), 0);
    assert_true(numbers[ROWS - 1] == INT64_C(1000000000000) + ROWS - 1);
    assert_int_equal(h5_read_reals(logits, f, "logits", 0, ROWS, &err), 0);
    assert_true(logits[2 * 7] == 7 && logits[2 * 7 + 1] == -3.5f);
    assert_int_equal(h5_read_texts(&texts, &n_rows, f, "names", &err), 0);
    assert_true(n_rows == ROWS);
    assert_string_equal(texts[0], "");
    assert_string_equal(texts[1], "odd \xc3\xa9");
    h5_free_texts(texts, n_rows);
    options = h5_text(f, "options");
    assert_string_equal(options, "{\"a\": 1}");
    free(options);
    assert_null(h5_text(f, "none"));
    assert_int_equal(h5_int_or(f, "rows", 7), -ROWS);
    assert_int_equal(h5_int_or(f, "options", 7), 7);
    h5_close(f);
    free(logits);
    free(numbers);
    free(ids);
    free(path);
}

static void what_does_not_fit_is_refused(void **state)
{
    char *path = file_join(folder, "fit.h5");
    struct err err = {0};
    struct h5_file *f;
    int32_t to[ROWS];
    int64_t n_rows;
    size_t n_cols;

    (void)state;
    write_file(path, NULL);
    f = h5_open(path, &err);
    assert_int_equal(h5_read_ints(to, f, "numbers", 5, 2, &err), -1);
    assert_non_null(
        strstr(err.text, "data set 'numbers': row 5: 1000000000005 is not a 32-bit integer"));
    assert_int_equal(h5_read_ints(to, f, "logits", 0, 1, &err), -1);
    assert_non_null(strstr(err.text, "data set 'logits' does not hold integers"));
    assert_int_equal(h5_extent(&n_rows, &n_cols, f, "nothing", &err), -1);
    assert_non_null(strstr(err.text, "data set 'nothing' is missing"));
    h5_close(f);
    free(path);
}

static void equal_rows_are_equal_bytes_for_any_team(void **state)
{
    char *one = file_join(folder, "one.h5");
    char *four = file_join(folder, "four.h5");
    struct team *team = team_open(4);
    struct err err = {0};
    struct buf a = {0}, b = {0};

    (void)state;
    write_file(one, NULL);
    sleep(1); /* a time stamp in the file would show */
    write_file(four, team);
    assert_int_equal(file_read(&a, one, 1 << 30, &err), 0);
    assert_int_equal(file_read(&b, four, 1 << 30, &err), 0);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    buf_release(&a);
    buf_release(&b);
    team_close(team);
    free(one);
    free(four);
}

static void put_bytes(const char *path, const char *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, n, file), n);
    assert_int_equal(fclose(file), 0);
}

/* A file cut anywhere, or with bytes changed, gives its rows or an error: nothing else. */
static void damaged_files_are_refused(void **state)
{
    char *path = file_join(folder, "whole.h5");
    char *damaged = file_join(folder, "damaged.h5");
    int32_t *ids = mem_array(ROWS * COLUMNS, sizeof *ids);
    struct buf whole = {0};
    struct err err = {0};
    int n_refused = 0;

    (void)state;
    assert_null(h5_open(damaged, &err));
    assert_int_equal(err.kind, ERR_IO);
    put_bytes(damaged, "no HDF5 at all", 14);
    assert_null(h5_open(damaged, &err));
    assert_non_null(strstr(err.text, "damaged.h5: not an HDF5 file"));
    write_file(path, NULL);
    assert_int_equal(file_read(&whole, path, 1 << 30, &err), 0);
    put_bytes(damaged, whole.data, whole.len / 2);
    assert_null(h5_open(damaged, &err));
    assert_non_null(strstr(err.text, "damaged.h5: HDF5 file is damaged or cut short"));
    for (size_t i = 0; i < 300; i++) {
        const size_t at = i * 7919 % whole.len;
        struct h5_file *f;

        whole.data[at] ^= 0x55;
        put_bytes(damaged, whole.data, whole.len);
        whole.data[at] ^= 0x55;
        f = h5_open(damaged, &err);
        n_refused += !f || h5_read_ints(ids, f, "ids", 0, ROWS, &err) < 0;
        h5_close(f);
    }
    /* A deflated chunk has a checksum, and most of the file is that. */
    assert_in_range(n_refused, 100, 300);
    buf_release(&whole);
    free(ids);
    free(path);
    free(damaged);
}

/* A small file under a limit of its size; the bytes that came to be there, or -1 on an error. */
static int64_t write_under_limit(rlim_t limit, int number)
{
    char name[32];
    char *path;
    struct rlimit old, small;
    struct err err = {0};
    struct h5_writer *w;
    struct buf content = {0};
    int32_t row[COLUMNS] = {0};
    int64_t len;
    int rc = -1;

    snprintf(name, sizeof name, "full%d.h5", number);
    path = file_join(folder, name);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = limit;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    w = h5_create(path, &err);
    if (w) {
        const int set = h5_add(w, "ids", H5_INT32, COLUMNS, &err);

        rc = set < 0 ? -1 : 0;
        /* Two whole chunks, then a text: its bytes are the last ones, written at the closing. */
        for (int i = 0; i < 1024 && rc == 0; i++)
            rc = h5_append_ints(w, set, row, 1, &err);
        if (rc == 0)
            rc = h5_put_text(w, "options", "{}", &err);
        if (rc == 0)
            rc = h5_finish(w, &err);
    }
    h5_discard(w);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(rc < 0, err.kind == ERR_IO);
    if (rc == 0)
        assert_int_equal(file_read(&content, path, 1 << 30, &err), 0);
    len = rc < 0 ? -1 : (int64_t)content.len;
    buf_release(&content);
    free(path);
    return len;
}

/* Wherever the space ends, at the head, in a chunk or with what is only written at the closing. */
static void full_disk_is_an_error(void **state)
{
    int number = 1;
    int64_t len;

    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    len = write_under_limit(RLIM_INFINITY, 0);
    assert_true(len > 1000);
    for (int64_t limit = 0; limit < len; limit += 97)
        assert_true(write_under_limit((rlim_t)limit, number++) < 0);
    assert_true(write_under_limit((rlim_t)len - 1, number++) < 0);
    assert_true(write_under_limit((rlim_t)len, number) == len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_come_back),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(equal_rows_are_equal_bytes_for_any_team),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(full_disk_is_an_error),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
