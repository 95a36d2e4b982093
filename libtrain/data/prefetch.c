/* prefetch.c -- two sets of batches: one is computed on, the other is filled. */
#include "data/prefetch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

enum { SETS = 2 };

struct prefetch {
    struct stream *stream;
    struct prefetch_plan plan;
    struct batch *sets[SETS]; /* (n_micros) each */
    pthread_t thread;
    bool running; /* else the caller's thread fills */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t n_filled; /* steps; step k is in set k % SETS */
    int64_t n_taken;  /* steps handed out; the last of them is being computed on */
    bool failed;      /* step n_filled has err */
    bool closing;
    struct err err;
};

/* Rows of the micro batch that begins at that place of the stream. */
static size_t rows_at(const struct prefetch_plan *plan, uint64_t at)
{
    const uint64_t left = at < plan->end ? plan->end - at : 0;

    return plan->end > 0 && left < plan->rows ? (size_t)left : plan->rows;
}

static int fill_step(struct prefetch *p, int64_t step, struct err *err)
{
    const struct prefetch_plan *plan = &p->plan;
    const uint64_t first = plan->position + (uint64_t)step * plan->rows_per_step;

    for (size_t i = 0; i < plan->n_micros; i++) {
        struct batch *b = &p->sets[step % SETS][i];
        const uint64_t micro = plan->first_micro + i;
        const uint64_t at = first + micro * plan->rows;

        if (stream_fill(b, p->stream, at, rows_at(plan, at), err) < 0)
            return -1;
        b->dropout_base = micro * plan->rows * p->stream->shape.seq_length;
    }
    return 0;
}

/* Waits for a free set; false when there is nothing more to fill. */
static bool wait_for_room(struct prefetch *p)
{
    bool go_on;

    pthread_mutex_lock(&p->lock);
    while (!p->closing && p->n_filled - p->n_taken >= SETS - 1)
        pthread_cond_wait(&p->changed, &p->lock);
    go_on = !p->closing && p->n_filled < p->plan.n_steps;
    pthread_mutex_unlock(&p->lock);
    return go_on;
}

static void *fill_ahead(void *context)
{
    struct prefetch *p = context;

    while (wait_for_room(p)) {
        struct err err = {0};
        const int rc = fill_step(p, p->n_filled, &err);

        pthread_mutex_lock(&p->lock);
        if (rc == 0)
            p->n_filled++;
        p->failed = rc < 0;
        p->err = err;
        pthread_cond_broadcast(&p->changed);
        pthread_mutex_unlock(&p->lock);
        if (rc < 0)
            break;
    }
    return NULL;
}

struct prefetch *prefetch_open(struct stream *s, const struct prefetch_plan *plan)
{
    struct prefetch *p = mem_alloc(sizeof *p);

    p->stream = s;
    p->plan = *plan;
    for (size_t k = 0; k < SETS; k++) {
        p->sets[k] = mem_array(plan->n_micros, sizeof *p->sets[k]);
        for (size_t i = 0; i < plan->n_micros; i++)
            stream_init_batch(&p->sets[k][i], s, plan->rows);
    }
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    p->running = pthread_create(&p->thread, NULL, fill_ahead, p) == 0;
    return p;
}

int prefetch_next(const struct batch **batches, struct prefetch *p, struct err *err)
{
    const int64_t step = p->n_taken;
    int rc = 0;

    *batches = p->sets[step % SETS];
    if (!p->running) {
        p->n_taken++;
        return fill_step(p, step, err);
    }
    pthread_mutex_lock(&p->lock);
    while (p->n_filled <= step && !p->failed)
        pthread_cond_wait(&p->changed, &p->lock);
    if (p->n_filled <= step) {
        *err = p->err;
        rc = -1;
    }
    p->n_taken++;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    return rc;
}

void prefetch_close(struct prefetch *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    if (p->running)
        pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    for (size_t k = 0; k < SETS; k++) {
        for (size_t i = 0; i < p->plan.n_micros; i++)
            batch_release(&p->sets[k][i]);
        free(p->sets[k]);
    }
    free(p);
}
