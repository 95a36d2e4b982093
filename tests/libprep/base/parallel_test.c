/* Order, failure and the team: what every stage relies on. */
#include "base/parallel.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/team.h"

enum { N_BATCHES = 500 };

struct job {
    int n_read;
    int fail_read; /* at this batch, -1 = never */
    int fail_work;
    int fail_write;
    int n_written;
    bool in_order;
};

static int read_number(void *context, struct buf *in, struct err *err)
{
    struct job *j = context;

    if (j->n_read == j->fail_read)
        return err_set(err, ERR_IO, "read %d", j->n_read);
    if (j->n_read == N_BATCHES)
        return 0;
    buf_put(in, &j->n_read, sizeof j->n_read);
    j->n_read++;
    return 1;
}

static int square(void *context, size_t worker, struct buf *out, struct buf *in, struct err *err)
{
    const struct job *j = context;
    const struct timespec moment = {.tv_nsec = 20000};
    int x;

    (void)worker;
    memcpy(&x, in->data, sizeof x);
    if (x == j->fail_work)
        return err_set(err, ERR_FORMAT, "work %d", x);
    if (x % 7 == 0)
        nanosleep(&moment, NULL);
    x = x * x;
    buf_put(out, &x, sizeof x);
    return 0;
}

static int check_order(void *context, const struct buf *out, struct err *err)
{
    struct job *j = context;
    int x;

    if (j->n_written == j->fail_write)
        return err_set(err, ERR_IO, "write %d", j->n_written);
    memcpy(&x, out->data, sizeof x);
    j->in_order = j->in_order && x == j->n_written * j->n_written;
    j->n_written++;
    return 0;
}

static int run(struct job *j, size_t n_threads, struct err *err)
{
    const struct parallel p = {.context = j,
                               .n_threads = n_threads,
                               .read = read_number,
                               .work = square,
                               .write = check_order};

    return parallel_map(&p, err);
}

static void batches_are_written_in_order(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 5; n++) {
        struct job j = {.fail_read = -1, .fail_work = -1, .fail_write = -1, .in_order = true};
        struct err err = {0};

        assert_int_equal(run(&j, n, &err), 0);
        assert_int_equal(j.n_written, N_BATCHES);
        assert_true(j.in_order);
    }
}

static void what_came_before_a_failed_read_is_written(void **state)
{
    struct job j = {.fail_read = 37, .fail_work = -1, .fail_write = -1, .in_order = true};
    struct err err = {0};

    (void)state;
    assert_int_equal(run(&j, 3, &err), -1);
    assert_string_equal(err.text, "read 37");
    assert_int_equal(j.n_written, 37);
}

static void failed_work_ends_after_the_batches_before_it(void **state)
{
    struct job j = {.fail_read = -1, .fail_work = 20, .fail_write = -1, .in_order = true};
    struct err err = {0};

    (void)state;
    assert_int_equal(run(&j, 4, &err), -1);
    assert_string_equal(err.text, "work 20");
    assert_int_equal(j.n_written, 20);
}

static void a_failed_write_stops_the_reading(void **state)
{
    struct job j = {.fail_read = -1, .fail_work = -1, .fail_write = 3, .in_order = true};
    struct err err = {0};

    (void)state;
    assert_int_equal(run(&j, 2, &err), -1);
    assert_string_equal(err.text, "write 3");
    assert_true(j.n_read < 20);
}

struct single {
    pthread_t caller;
    int n_read;
    bool alone;
    const char *batch; /* its memory */
};

static int read_alone(void *context, struct buf *in, struct err *err)
{
    struct single *s = context;

    (void)err;
    s->alone = s->alone && pthread_equal(s->caller, pthread_self());
    assert_ptr_equal(in->data, s->batch);
    buf_put_byte(in, 'x');
    s->batch = in->data;
    return s->n_read++ < N_BATCHES;
}

static int work_alone(void *context, size_t worker, struct buf *out, struct buf *in,
                      struct err *err)
{
    struct single *s = context;

    (void)err;
    s->alone = s->alone && worker == 0 && pthread_equal(s->caller, pthread_self());
    buf_put(out, in->data, in->len);
    return 0;
}

static int write_alone(void *context, const struct buf *out, struct err *err)
{
    struct single *s = context;

    (void)err;
    s->alone = s->alone && out->len == 1 && pthread_equal(s->caller, pthread_self());
    return 0;
}

static void one_thread_is_the_callers_and_needs_one_batch(void **state)
{
    struct single s = {.caller = pthread_self(), .alone = true};
    const struct parallel p = {.context = &s,
                               .n_threads = 1,
                               .read = read_alone,
                               .work = work_alone,
                               .write = write_alone};
    struct err err = {0};

    (void)state;
    assert_int_equal(parallel_map(&p, &err), 0);
    assert_int_equal(s.n_read, N_BATCHES + 1);
    assert_true(s.alone);
}

static void count_call(void *context, size_t index)
{
    atomic_int *calls = context;

    atomic_fetch_add(&calls[index], 1);
}

static void a_team_runs_every_index_once(void **state)
{
    atomic_int calls[100];
    struct team *t;

    (void)state;
    for (size_t size = 1; size <= 4; size++) {
        for (size_t i = 0; i < 100; i++)
            atomic_init(&calls[i], 0);
        t = team_open(size);
        assert_int_equal(team_size(t), size);
        for (int round = 0; round < 200; round++)
            team_run(t, (size_t)round % 101, count_call, calls);
        team_close(t);
        /* Index i runs in the rounds whose count is above i: 101 counts 0..100, then 0..98. */
        for (size_t i = 0; i < 100; i++)
            assert_int_equal(atomic_load(&calls[i]),
                             (100 - (int)i) + (98 - (int)i > 0 ? 98 - (int)i : 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_are_written_in_order),
        cmocka_unit_test(what_came_before_a_failed_read_is_written),
        cmocka_unit_test(failed_work_ends_after_the_batches_before_it),
        cmocka_unit_test(a_failed_write_stops_the_reading),
        cmocka_unit_test(one_thread_is_the_callers_and_needs_one_batch),
        cmocka_unit_test(a_team_runs_every_index_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
