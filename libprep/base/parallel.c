/* parallel.c -- a ring of batches, each walking through read, work and write.
 *
 *   ring:   [ worked | being worked on | to work on | ... ]      idle: batches that hold nothing
 *            emptied in order ... filled in order <--last in, first out--'
 *
 * The memory of a batch that was just written is still in a cache, so it is the next to be filled: no
 * more batches are touched than are under way at once.
 *
 * No thread has a task of its own: each does what is there to be done, writing first, because that gives
 * memory back, then reading, but no more than the others need to go on, then working. So n threads keep
 * n cores busy, whichever of the three is the most work, and one thread is one thread. */
#define _GNU_SOURCE /* sched_getaffinity: the cores we may run on */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct batch {
    struct buf in;
    struct buf out;
    bool worked;
    bool failed; /* work() failed on it: err says why */
    struct err err;
};

struct ring {
    const struct parallel *plan;
    struct batch *batches; /* (n) */
    struct batch **ring;   /* (n) from n_written % n on, those that were read and not written */
    struct batch **idle;   /* (n_idle) a stack of the others */
    size_t n;
    size_t n_idle;
    size_t n_workers;
    size_t n_read;         /* batches filled so far: the next goes to n_read % n */
    size_t n_taken;        /* batches handed to workers so far */
    size_t n_written;      /* batches written so far */
    bool reading, writing; /* somebody is */
    bool read_over;        /* n_read is final */
    bool read_failed;
    struct err read_err;
    bool stop; /* everybody goes home: all is written, or `err` says why not */
    bool failed;
    struct err err;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

struct worker {
    struct ring *ring;
    size_t index;
    pthread_t thread;
};

size_t parallel_threads(size_t n)
{
    cpu_set_t cores;

    if (n)
        return n;
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        return (size_t)CPU_COUNT(&cores);
    return 1;
}

static void give_up(struct ring *r, const struct err *err)
{
    r->err = *err;
    r->failed = r->stop = true;
}

/* Each of these does one thing if it is there to be done, and says so. Called locked; others get at the
 * ring meanwhile. */

static bool write_next(struct ring *r)
{
    struct batch *b = r->ring[r->n_written % r->n];
    struct err err = {0};
    int rc;

    if (r->writing || r->n_written == r->n_taken || !b->worked)
        return false;
    if (b->failed) {
        give_up(r, &b->err);
        return true;
    }
    r->writing = true;
    pthread_mutex_unlock(&r->lock);
    rc = r->plan->write(r->plan->context, &b->out, &err);
    pthread_mutex_lock(&r->lock);
    r->writing = false;
    if (rc < 0) {
        give_up(r, &err);
        return true;
    }
    r->idle[r->n_idle++] = b;
    r->n_written++;
    return true;
}

static bool work_next(struct ring *r, size_t worker)
{
    struct batch *b;

    if (r->n_taken == r->n_read)
        return false;
    b = r->ring[r->n_taken++ % r->n];
    pthread_mutex_unlock(&r->lock);
    buf_clear(&b->out);
    b->failed = r->plan->work(r->plan->context, worker, &b->out, &b->in, &b->err) < 0;
    pthread_mutex_lock(&r->lock);
    b->worked = true;
    return true;
}

static bool read_next(struct ring *r)
{
    struct batch *b;
    int rc;

    if (r->reading || r->read_over || r->n_idle == 0)
        return false;
    r->reading = true;
    b = r->idle[--r->n_idle];
    b->worked = false;
    pthread_mutex_unlock(&r->lock);
    buf_clear(&b->in);
    rc = r->plan->read(r->plan->context, &b->in, &r->read_err);
    pthread_mutex_lock(&r->lock);
    r->reading = false;
    /* A failing read may have filled a part of a batch: that part still counts. */
    if (rc > 0 || (rc < 0 && b->in.len > 0))
        r->ring[r->n_read++ % r->n] = b;
    else
        r->idle[r->n_idle++] = b;
    r->read_failed = rc < 0;
    r->read_over = rc <= 0;
    return true;
}

/* A batch for each of the others lies ready, so that none waits while one reads. */
static bool is_short(const struct ring *r)
{
    return r->n_read - r->n_taken < r->n_workers - 1;
}

static bool is_all_written(const struct ring *r)
{
    return r->read_over && r->n_written == r->n_read;
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct ring *r = w->ring;

    pthread_mutex_lock(&r->lock);
    while (!r->stop) {
        if (write_next(r) || (is_short(r) && read_next(r)) || work_next(r, w->index) ||
            read_next(r)) {
            r->stop = r->stop || is_all_written(r);
            pthread_cond_broadcast(&r->changed);
        } else {
            pthread_cond_wait(&r->changed, &r->lock);
        }
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* The caller is the first worker. */
static void run(struct ring *r, struct worker *workers, size_t n)
{
    size_t n_started = 1;

    for (size_t i = 0; i < n; i++)
        workers[i] = (struct worker){.ring = r, .index = i};
    /* Fewer threads only means slower. */
    while (n_started < n &&
           pthread_create(&workers[n_started].thread, NULL, worker_main, &workers[n_started]) == 0)
        n_started++;
    worker_main(&workers[0]);
    while (n_started-- > 1)
        pthread_join(workers[n_started].thread, NULL);
}

int parallel_map(const struct parallel *p, struct err *err)
{
    const size_t n_workers = parallel_threads(p->n_threads);
    struct ring r = {.plan = p, .n_workers = n_workers, .n = 2 * n_workers + 2};
    struct worker *workers = mem_array(n_workers, sizeof *workers);

    r.batches = mem_array(r.n, sizeof *r.batches);
    r.ring = mem_array(r.n, sizeof(struct batch *));
    r.idle = mem_array(r.n, sizeof(struct batch *));
    while (r.n_idle < r.n) {
        r.idle[r.n_idle] = &r.batches[r.n_idle];
        r.n_idle++;
    }
    pthread_mutex_init(&r.lock, NULL);
    pthread_cond_init(&r.changed, NULL);
    run(&r, workers, n_workers);
    pthread_cond_destroy(&r.changed);
    pthread_mutex_destroy(&r.lock);
    for (size_t i = 0; i < r.n; i++) {
        buf_release(&r.batches[i].in);
        buf_release(&r.batches[i].out);
    }
    free(r.idle);
    free(r.ring);
    free(r.batches);
    free(workers);
    if (r.failed)
        *err = r.err;
    else if (r.read_failed)
        *err = r.read_err;
    return r.failed || r.read_failed ? -1 : 0;
}
