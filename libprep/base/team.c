/* team.c -- a barrier at the start and one at the end of each job; members wait in between.
 *
 * Members first spin for a moment, because the trainer hands out jobs a few microseconds apart, and
 * then sleep, because the cores may be needed by others. */
#include "base/team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"

enum { SPINS = 2000 };

struct member {
    struct team *team;
    pthread_t thread;
};

struct team {
    size_t n;               /* members, the caller included */
    struct member *members; /* (n - 1) */
    pthread_mutex_t lock;
    pthread_cond_t job_ready;
    pthread_cond_t job_done;
    atomic_ulong job;     /* number of the current job; members wait for it to change */
    atomic_size_t next;   /* the next index nobody has taken */
    atomic_size_t n_busy; /* members that have not finished the job */
    bool closing;
    /* the job */
    size_t n_items;
    void (*fn)(void *context, size_t index);
    void *context;
};

/* Which member takes an index does not matter to any result, so the free one takes it. */
static void take_items(struct team *t)
{
    for (;;) {
        const size_t index = atomic_fetch_add(&t->next, 1);

        if (index >= t->n_items)
            return;
        t->fn(t->context, index);
    }
}

static void wait_for_job(struct team *t, unsigned long seen)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&t->job) != seen)
            return;
        sched_yield();
    }
    pthread_mutex_lock(&t->lock);
    while (atomic_load(&t->job) == seen)
        pthread_cond_wait(&t->job_ready, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

static void *member_main(void *arg)
{
    struct team *t = ((struct member *)arg)->team;
    unsigned long seen = 0;

    for (;;) {
        wait_for_job(t, seen);
        seen++;
        if (t->closing)
            return NULL;
        take_items(t);
        if (atomic_fetch_sub(&t->n_busy, 1) == 1) {
            pthread_mutex_lock(&t->lock);
            pthread_cond_signal(&t->job_done);
            pthread_mutex_unlock(&t->lock);
        }
    }
}

struct team *team_open(size_t n)
{
    struct team *t = mem_alloc(sizeof *t);

    t->n = parallel_threads(n);
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->job_ready, NULL);
    pthread_cond_init(&t->job_done, NULL);
    t->members = mem_array(t->n, sizeof *t->members);
    for (size_t i = 0; i + 1 < t->n; i++) {
        t->members[i].team = t;
        if (pthread_create(&t->members[i].thread, NULL, member_main, &t->members[i]) != 0) {
            /* Fewer members only means slower: results do not depend on their number. */
            t->n = i + 1;
            break;
        }
    }
    return t;
}

size_t team_size(const struct team *t)
{
    return t ? t->n : 1;
}

static void start_job(struct team *t)
{
    pthread_mutex_lock(&t->lock);
    atomic_fetch_add(&t->job, 1);
    pthread_cond_broadcast(&t->job_ready);
    pthread_mutex_unlock(&t->lock);
}

static void wait_for_members(struct team *t)
{
    for (int i = 0; i < SPINS; i++) {
        if (atomic_load(&t->n_busy) == 0)
            return;
        sched_yield();
    }
    pthread_mutex_lock(&t->lock);
    while (atomic_load(&t->n_busy) > 0)
        pthread_cond_wait(&t->job_done, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

void team_run(struct team *t, size_t n, void (*fn)(void *context, size_t index), void *context)
{
    if (!t || t->n == 1 || n <= 1) {
        for (size_t i = 0; i < n; i++)
            fn(context, i);
        return;
    }
    t->n_items = n;
    t->fn = fn;
    t->context = context;
    atomic_store(&t->next, 0);
    atomic_store(&t->n_busy, t->n - 1);
    start_job(t);
    take_items(t);
    wait_for_members(t);
}

void team_close(struct team *t)
{
    if (!t)
        return;
    t->closing = true;
    start_job(t);
    for (size_t i = 0; i + 1 < t->n; i++)
        pthread_join(t->members[i].thread, NULL);
    pthread_cond_destroy(&t->job_done);
    pthread_cond_destroy(&t->job_ready);
    pthread_mutex_destroy(&t->lock);
    free(t->members);
    free(t);
}
