/* space.c -- the free space of a disk, shared by files that are written at the same time. */
#include "fetch/space.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/mem.h"

struct space {
    const char *folder;
    pthread_mutex_t lock;
    uint64_t claimed; /* the sum of all claims */
};

struct space *space_open(const char *folder)
{
    struct space *s = mem_alloc(sizeof *s);

    s->folder = folder;
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void space_close(struct space *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* Called locked. */
static int raise_claim(struct space *s, uint64_t *claim, uint64_t need, struct err *err)
{
    const uint64_t others = s->claimed - *claim;
    uint64_t n_free;

    if (file_free_space(&n_free, s->folder, err) < 0)
        return -1;
    if (need > n_free || others > n_free - need)
        return err_set(err, ERR_IO,
                       "%llu bytes are to come and %llu of other files, %llu are free in '%s'",
                       (unsigned long long)need, (unsigned long long)others,
                       (unsigned long long)n_free, s->folder);
    s->claimed = others + need;
    *claim = need;
    return 0;
}

int space_claim(struct space *s, uint64_t *claim, uint64_t need, struct err *err)
{
    int rc = 0;

    pthread_mutex_lock(&s->lock);
    if (need > *claim)
        rc = raise_claim(s, claim, need, err);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

void space_settle(struct space *s, uint64_t *claim, uint64_t n)
{
    pthread_mutex_lock(&s->lock);
    n = n < *claim ? n : *claim;
    *claim -= n;
    s->claimed -= n;
    pthread_mutex_unlock(&s->lock);
}
