/* flusher.c -- threads that take turns at a queue and sleep in fsync(); they come into being as long as
 * files find none of them idle. */
#include "base/flusher.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"

enum { MAX_THREADS = 16 };

struct item {
    struct item *next;
    char *path;
};

struct flusher {
    struct item *first, *last;
    size_t n_busy; /* files being put on disk */
    pthread_t threads[MAX_THREADS];
    size_t n_threads;
    size_t n_idle;
    bool closing;
    bool failed;
    struct err err;
    pthread_mutex_t lock;
    pthread_cond_t more; /* files, or the end */
    pthread_cond_t done; /* with all of them */
};

struct flusher *flusher_open(void)
{
    struct flusher *f = mem_alloc(sizeof *f);

    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->more, NULL);
    pthread_cond_init(&f->done, NULL);
    return f;
}

/* Called locked, with a file in the queue; others get at the queue meanwhile. */
static void flush_first(struct flusher *f)
{
    struct item *item = f->first;
    struct err err = {0};
    int rc;

    assert(item);
    f->first = item->next;
    f->n_busy++;
    pthread_mutex_unlock(&f->lock);
    rc = file_sync(item->path, &err);
    free(item->path);
    free(item);
    pthread_mutex_lock(&f->lock);
    f->n_busy--;
    if (rc < 0 && !f->failed) {
        f->failed = true;
        f->err = err;
    }
    if (!f->first && f->n_busy == 0)
        pthread_cond_broadcast(&f->done);
}

static void *thread_main(void *arg)
{
    struct flusher *f = arg;

    pthread_mutex_lock(&f->lock);
    while (!f->closing) {
        if (f->first) {
            flush_first(f);
        } else {
            f->n_idle++;
            pthread_cond_wait(&f->more, &f->lock);
            f->n_idle--;
        }
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

void flusher_add(struct flusher *f, const char *path)
{
    struct item *item = mem_alloc(sizeof *item);

    item->path = mem_text(path);
    pthread_mutex_lock(&f->lock);
    if (f->first)
        f->last->next = item;
    else
        f->first = item;
    f->last = item;
    /* Fewer threads only means slower; without any, flusher_wait() does it. */
    if (f->n_idle == 0 && f->n_threads < MAX_THREADS &&
        pthread_create(&f->threads[f->n_threads], NULL, thread_main, f) == 0)
        f->n_threads++;
    pthread_cond_signal(&f->more);
    pthread_mutex_unlock(&f->lock);
}

int flusher_wait(struct flusher *f, struct err *err)
{
    int rc = 0;

    pthread_mutex_lock(&f->lock);
    while (f->first || f->n_busy) {
        if (f->n_threads)
            pthread_cond_wait(&f->done, &f->lock);
        else
            flush_first(f);
    }
    if (f->failed) {
        *err = f->err;
        rc = -1;
    }
    pthread_mutex_unlock(&f->lock);
    return rc;
}

void flusher_close(struct flusher *f)
{
    if (!f)
        return;
    pthread_mutex_lock(&f->lock);
    f->closing = true;
    pthread_cond_broadcast(&f->more);
    pthread_mutex_unlock(&f->lock);
    for (size_t i = 0; i < f->n_threads; i++)
        pthread_join(f->threads[i], NULL);
    while (f->first) {
        struct item *item = f->first;

        f->first = item->next;
        free(item->path);
        free(item);
    }
    pthread_cond_destroy(&f->more);
    pthread_cond_destroy(&f->done);
    pthread_mutex_destroy(&f->lock);
    free(f);
}
