/* profile.c -- two clock readings a run over all threads, a few hundred a micro batch. */
#include "ops/profile.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "ops/lanes.h"

enum { MAX_EVENTS = 1000000 };

double profile_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static struct profile_total *total_of(struct profile *p, const char *name)
{
    for (size_t i = 0; i < p->n_totals; i++)
        if (strcmp(p->totals[i].name, name) == 0)
            return &p->totals[i];
    if (p->n_totals == PROFILE_NAMES)
        return NULL;
    p->totals[p->n_totals].name = name;
    return &p->totals[p->n_totals++];
}

void profile_add(struct profile *p, const char *name, double start)
{
    struct profile_total *total;
    double seconds;

    if (!p)
        return;
    seconds = profile_now() - start;
    total = total_of(p, name);
    if (total) {
        total->n_calls++;
        total->seconds += seconds;
    }
    if (p->n_events == MAX_EVENTS)
        return;
    if (p->n_events == p->cap) {
        p->cap = mem_grow(p->cap, p->n_events + 1);
        p->events = mem_resize(p->events, p->cap, sizeof *p->events);
    }
    p->events[p->n_events++] = (struct profile_event){name, start, seconds};
}

void profile_lanes(struct profile *p, const char *name, struct team *team, size_t n_items,
                   void (*fn)(void *context, size_t lane, size_t item), void *context)
{
    const double start = p ? profile_now() : 0;

    lanes_run(team, n_items, fn, context);
    profile_add(p, name, start);
}

void profile_trace(struct buf *to, const struct profile *p)
{
    /* Events are kept in the order of their ends: what holds the others began first. */
    double first = p->n_events ? p->events[0].start : 0;

    for (size_t i = 0; i < p->n_events; i++)
        first = p->events[i].start < first ? p->events[i].start : first;
    buf_put_text(to, "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [");
    for (size_t i = 0; i < p->n_events; i++)
        buf_printf(to,
                   "%s\n{\"name\": \"%s\", \"ph\": \"X\", \"pid\": 0, \"tid\": 0, \"ts\": %.3f, "
                   "\"dur\": %.3f}",
                   i ? "," : "", p->events[i].name, 1e6 * (p->events[i].start - first),
                   1e6 * p->events[i].seconds);
    buf_put_text(to, "\n]}\n");
}

void profile_release(struct profile *p)
{
    free(p->events);
    *p = (struct profile){0};
}
