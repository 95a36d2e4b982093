/* prefetch_test.c -- what is read ahead is what reading in time would give, errors included. */
#include "data/prefetch.h"

#include <string.h>
#include <unistd.h>

#include "shard_files.h"

static int make_folder(void **state)
{
    char *folder = strdup("/tmp/prefetch_test.XXXXXX");

    if (!mkdtemp(folder))
        return -1;
    write_numbered_shard(folder, "x_training_0.hdf5", 100, 10);
    *state = folder;
    return 0;
}

static int drop_folder(void **state)
{
    struct err err = {0};

    file_remove(*state, &err);
    free(*state);
    return 0;
}

static void steps_have_the_rows_of_the_plan(void **state)
{
    const struct prefetch_plan plan = {.position = 5,
                                       .rows_per_step = 12,
                                       .rows = 3,
                                       .n_micros = 2,
                                       .first_micro = 2, /* the second of two ranks */
                                       .n_steps = 20};
    struct err err = {0};
    struct stream s, own;
    struct batch want;
    struct prefetch *p;

    assert_int_equal(stream_open(&s, *state, 1, &err), 0);
    assert_int_equal(stream_open(&own, *state, 1, &err), 0);
    stream_init_batch(&want, &own, 3);
    p = prefetch_open(&s, &plan);
    for (uint64_t step = 0; step < 20; step++) {
        const struct batch *got;

        assert_int_equal(prefetch_next(&got, p, &err), 0);
        for (uint64_t i = 0; i < 2; i++) {
            stream_fill(&want, &own, 5 + step * 12 + (2 + i) * 3, 3, &err);
            assert_int_equal(got[i].n_tokens, want.n_tokens);
            assert_memory_equal(got[i].ids, want.ids, want.n_tokens * sizeof *want.ids);
            assert_int_equal(got[i].dropout_base, (2 + i) * 3 * FILES_LENGTH);
        }
    }
    prefetch_close(p);
    batch_release(&want);
    stream_close(&s);
    stream_close(&own);
}

static void it_ends_whenever_it_is_asked_to(void **state)
{
    const struct prefetch_plan plan = {.rows_per_step = 4, .rows = 4, .n_micros = 1, .n_steps = 9};
    struct err err = {0};

    for (int n = 0; n < 4; n++) {
        struct stream s;
        struct prefetch *p;
        const struct batch *got;

        assert_int_equal(stream_open(&s, *state, 1, &err), 0);
        p = prefetch_open(&s, &plan);
        for (int i = 0; i < n; i++)
            assert_int_equal(prefetch_next(&got, p, &err), 0);
        prefetch_close(p);
        stream_close(&s);
    }
    prefetch_close(NULL);
}

static void the_last_step_takes_what_is_left(void **state)
{
    const struct prefetch_plan plan = {
        .rows_per_step = 8, .rows = 4, .n_micros = 2, .n_steps = 2, .end = 10};
    const size_t want[2][2] = {{4, 4}, {2, 0}};
    struct err err = {0};
    struct stream s;
    struct prefetch *p;

    assert_int_equal(stream_open(&s, *state, 1, &err), 0);
    p = prefetch_open(&s, &plan);
    for (size_t step = 0; step < 2; step++) {
        const struct batch *got;

        assert_int_equal(prefetch_next(&got, p, &err), 0);
        for (size_t i = 0; i < 2; i++)
            assert_int_equal(got[i].n_sequences, want[step][i]);
    }
    prefetch_close(p);
    stream_close(&s);
}

static void an_error_comes_with_the_step_it_belongs_to(void **state)
{
    const struct prefetch_plan plan = {
        .rows_per_step = 1, .rows = 1, .n_micros = 1, .n_steps = 100};
    const struct loader_limits limits = {105, 100, 2, 100, 0}; /* rows 105 to 109 are too large */
    struct err err = {0};
    struct stream s;
    struct prefetch *p;
    const struct batch *got;

    assert_int_equal(stream_open(&s, *state, 1, &err), 0);
    stream_limit(&s, &limits);
    p = prefetch_open(&s, &plan);
    assert_int_equal(prefetch_next(&got, p, &err), -1);
    assert_non_null(strstr(err.text, "vocabulary of 105"));
    prefetch_close(p);
    stream_close(&s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, drop_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(steps_have_the_rows_of_the_plan),
        TEST(the_last_step_takes_what_is_left),
        TEST(it_ends_whenever_it_is_asked_to),
        TEST(an_error_comes_with_the_step_it_belongs_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
