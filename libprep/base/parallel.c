/* parallel.c -- a ring of batches, each walking through read, work and write.
 *
 *   ring:   [ free | to work on | being worked on | worked | ... ]
 *            reader fills in order ............ writer empties in order
 *
 * The caller's thread writes; one thread reads; n threads work. */
#define _GNU_SOURCE /* sched_getaffinity: the cores we may run on */
#include "base/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

struct batch {
    enum { FREE, FILLED, WORKING, WORKED } state;
    struct buf in;
    struct buf out;
    bool failed; /* work() failed on it: err says why */
    struct err err;
};

struct ring {
    const struct parallel *plan;
    struct batch *batches; /* (n) */
    size_t n;
    size_t n_read;    /* batches filled so far: the next goes to n_read % n */
    size_t n_taken;   /* batches handed to workers so far */
    size_t n_written; /* batches written so far */
    bool read_over;   /* n_read is final */
    bool read_failed;
    struct err read_err;
    bool stop; /* the writer has given up: everybody goes home */
    size_t n_workers;
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

static void change(struct ring *r)
{
    pthread_cond_broadcast(&r->changed);
}

static void *reader_main(void *arg)
{
    struct ring *r = arg;
    int rc = 1;

    pthread_mutex_lock(&r->lock);
    while (rc > 0) {
        struct batch *b = &r->batches[r->n_read % r->n];

        while (!r->stop && b->state != FREE)
            pthread_cond_wait(&r->changed, &r->lock);
        if (r->stop)
            break;
        pthread_mutex_unlock(&r->lock);
        buf_clear(&b->in);
        rc = r->plan->read(r->plan->context, &b->in, &r->read_err);
        pthread_mutex_lock(&r->lock);
        /* A failing read may have filled a part of a batch: that part still counts. */
        if (rc > 0 || (rc < 0 && b->in.len > 0)) {
            b->state = FILLED;
            r->n_read++;
        }
        r->read_failed = rc < 0;
        change(r);
    }
    r->read_over = true;
    change(r);
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* The next batch in order that nobody works on, or NULL when there will be none. Called locked. */
static struct batch *take_batch(struct ring *r)
{
    for (;;) {
        if (r->stop)
            return NULL;
        if (r->n_taken < r->n_read)
            return &r->batches[r->n_taken++ % r->n];
        if (r->read_over)
            return NULL;
        pthread_cond_wait(&r->changed, &r->lock);
    }
}

static void *worker_main(void *arg)
{
    struct worker *w = arg;
    struct ring *r = w->ring;
    struct batch *b;

    pthread_mutex_lock(&r->lock);
    while ((b = take_batch(r)) != NULL) {
        b->state = WORKING;
        pthread_mutex_unlock(&r->lock);
        buf_clear(&b->out);
        b->failed = r->plan->work(r->plan->context, w->index, &b->out, &b->in, &b->err) < 0;
        pthread_mutex_lock(&r->lock);
        b->state = WORKED;
        change(r);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* Writes the batches in order until all are written or one fails. Called locked. */
static int write_all(struct ring *r, struct err *err)
{
    for (;;) {
        struct batch *b = &r->batches[r->n_written % r->n];
        int rc;

        while (b->state != WORKED && !(r->read_over && r->n_written == r->n_read))
            pthread_cond_wait(&r->changed, &r->lock);
        if (b->state != WORKED) {
            if (r->read_failed)
                *err = r->read_err;
            return r->read_failed ? -1 : 0;
        }
        if (b->failed) {
            *err = b->err;
            return -1;
        }
        pthread_mutex_unlock(&r->lock);
        rc = r->plan->write(r->plan->context, &b->out, err);
        pthread_mutex_lock(&r->lock);
        if (rc < 0)
            return -1;
        b->state = FREE;
        r->n_written++;
        change(r);
    }
}

static int run(struct ring *r, struct worker *workers, struct err *err)
{
    pthread_t reader;
    int rc;

    if (pthread_create(&reader, NULL, reader_main, r) != 0)
        return err_set(err, ERR_LIMIT, "cannot start a thread");
    for (size_t i = 0; i < r->n_workers; i++) {
        workers[i].ring = r;
        workers[i].index = i;
        if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]) != 0) {
            /* Fewer workers only means slower. */
            r->n_workers = i;
            break;
        }
    }
    pthread_mutex_lock(&r->lock);
    if (r->n_workers == 0)
        rc = err_set(err, ERR_LIMIT, "cannot start a thread");
    else
        rc = write_all(r, err);
    r->stop = true;
    change(r);
    pthread_mutex_unlock(&r->lock);
    pthread_join(reader, NULL);
    for (size_t i = 0; i < r->n_workers; i++)
        pthread_join(workers[i].thread, NULL);
    return rc;
}

int parallel_map(const struct parallel *p, struct err *err)
{
    const size_t n_workers = parallel_threads(p->n_threads);
    struct ring r = {.plan = p, .n = 2 * n_workers + 2, .n_workers = n_workers};
    struct worker *workers = mem_array(n_workers, sizeof *workers);
    int rc;

    r.batches = mem_array(r.n, sizeof *r.batches);
    pthread_mutex_init(&r.lock, NULL);
    pthread_cond_init(&r.changed, NULL);
    rc = run(&r, workers, err);
    pthread_cond_destroy(&r.changed);
    pthread_mutex_destroy(&r.lock);
    for (size_t i = 0; i < r.n; i++) {
        buf_release(&r.batches[i].in);
        buf_release(&r.batches[i].out);
    }
    free(r.batches);
    free(workers);
    return rc;
}
