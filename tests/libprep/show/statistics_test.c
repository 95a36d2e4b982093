/* statistics_test.c -- what stands in shards is counted right, whoever counts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "show/statistics.h"

enum { T = 10, MASK = 4 };

static char folder[] = "/tmp/statistics_testXXXXXX";

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

/* n_ids tokens 20, 21, ..; the second is masked by `stand_in`, unless that is 0. */
static void make_sequence(struct sequence *s, size_t n_ids, int32_t stand_in, int32_t label)
{
    sequence_init(s, n_ids, 1);
    s->n_ids = n_ids;
    s->n_first = n_ids / 2 + 1;
    s->next_label = label;
    for (size_t i = 0; i < n_ids; i++)
        s->ids[i] = 20 + (int32_t)i;
    if (stand_in) {
        s->ids[1] = stand_in;
        s->masked_at[0] = 1;
        s->masked_ids[0] = 21;
        s->n_masked = 1;
    }
}

/* Rows of one sequence (a kept, a masked, an unmasked one), or two packs with these and a random one. */
static char *write_shard(const char *name, bool packed)
{
    const struct shard_shape shape = {.packed = packed,
                                      .seq_length = T,
                                      .max_sequences = packed ? 3 : 1,
                                      .max_predictions = packed ? 4 : 1};
    char *path = file_join(folder, name);
    struct sequence s[4];
    const struct sequence *rows[] = {&s[0], &s[1], &s[2], &s[3]};
    struct err err = {0};
    struct shard_writer *w = shard_create(path, &shape, NULL, &err);

    assert_non_null(w);
    make_sequence(&s[0], 2, 21, 0);
    make_sequence(&s[1], 3, MASK, 1);
    make_sequence(&s[2], 5, 0, -1);
    make_sequence(&s[3], 9, MASK, 1);
    if (packed) {
        assert_int_equal(shard_put(w, rows, 3, &err), 0);
        assert_int_equal(shard_put(w, rows + 3, 1, &err), 0);
    } else {
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(shard_put(w, rows + i, 1, &err), 0);
    }
    assert_int_equal(shard_commit(w, &err), 0);
    shard_discard(w);
    for (size_t i = 0; i < 4; i++)
        sequence_release(&s[i]);
    return path;
}

static void a_tally_knows_its_shape(void **state)
{
    struct spread t = {0};

    (void)state;
    assert_int_equal(spread_least(&t), 0);
    assert_int_equal(spread_most(&t), 0);
    assert_int_equal(spread_part(&t, 0.5), 0);
    assert_true(spread_mean(&t) == 0);
    for (size_t i = 1; i <= 100; i++)
        spread_add(&t, i + 4);
    assert_int_equal(spread_least(&t), 5);
    assert_int_equal(spread_most(&t), 104);
    assert_int_equal(spread_part(&t, 0.5), 54);
    assert_int_equal(spread_part(&t, 0.95), 99);
    assert_int_equal(spread_part(&t, 1), 104);
    assert_true(fabs(spread_mean(&t) - 54.5) < 1e-12);
    free(t.counts);
}

static void rows_of_both_kinds_are_counted(void **state)
{
    char *paths[] = {write_shard("a.hdf5", false), write_shard("b.hdf5", true)};
    struct err err = {0};

    (void)state;
    for (size_t threads = 1; threads <= 3; threads++) {
        struct statistics s = {0};

        assert_int_equal(statistics_read(&s, paths, 2, threads, &err), 0);
        assert_int_equal(s.n_files, 2);
        assert_int_equal(s.n_packed, 1);
        assert_string_equal(s.files[1].path, paths[1]);
        assert_int_equal(s.n_rows, 5);
        assert_int_equal(s.shape.max_sequences, 3);
        assert_int_equal(s.length.n_values, 7);
        assert_int_equal(s.length.sum, 2 * 10 + 9);
        assert_int_equal(s.length.counts[5], 2);
        assert_int_equal(s.fill.n_values, 5);
        assert_int_equal(s.fill.counts[10], 1);
        assert_int_equal(s.sequences.counts[1], 4);
        assert_int_equal(s.sequences.counts[3], 1);
        assert_int_equal(s.masked.counts[0], 1);
        assert_int_equal(s.masked.counts[2], 1);
        assert_int_equal(s.mask_id, MASK);
        assert_int_equal(s.n_mask, 3);
        assert_int_equal(s.n_kept, 2);
        assert_int_equal(s.n_other, 0);
        assert_int_equal(s.n_follows, 2);
        assert_int_equal(s.n_random, 3);
        assert_int_equal(s.n_unlabelled, 2);
        assert_true(fabs(statistics_efficiency(&s) - 29.0 / 50) < 1e-12);
        statistics_release(&s);
    }
    free(paths[0]);
    free(paths[1]);
}

static void json_says_the_same(void **state)
{
    char *path = write_shard("c.hdf5", true);
    struct statistics s = {0};
    struct err err = {0};
    struct json *json;

    (void)state;
    assert_int_equal(statistics_read(&s, &path, 1, 1, &err), 0);
    assert_string_equal(statistics_kind(&s), "packed shard");
    json = statistics_json(&s, "set");
    assert_string_equal(json_text_or(json_member(json, "name"), ""), "set");
    assert_int_equal(json_int_or(json_member(json, "rows"), 0), 2);
    assert_int_equal(json_int_or(json_member(json, "sequences"), 0), 4);
    assert_int_equal(json_int_or(json_member(json_member(json, "masking"), "mask"), 0), 2);
    json_release(json);
    statistics_release(&s);
    free(path);
}

static void a_file_that_cannot_be_read_is_named(void **state)
{
    char *paths[] = {write_shard("d.hdf5", false), file_join(folder, "missing.hdf5")};
    struct statistics s = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(statistics_read(&s, paths, 2, 2, &err), -1);
    assert_non_null(strstr(err.text, "missing.hdf5"));
    statistics_release(&s);
    free(paths[0]);
    free(paths[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tally_knows_its_shape),
        cmocka_unit_test(rows_of_both_kinds_are_counted),
        cmocka_unit_test(json_says_the_same),
        cmocka_unit_test(a_file_that_cannot_be_read_is_named),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
