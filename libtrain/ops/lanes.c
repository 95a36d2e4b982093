/* lanes.c -- one shared counter hands out the items. */
#include "ops/lanes.h"

#include <stdatomic.h>

#include "ops/denormals.h"

struct work {
    void (*fn)(void *context, size_t lane, size_t item);
    void *context;
    size_t n_items;
    atomic_size_t next;
};

size_t lanes_count(const struct team *team)
{
    return team ? team_size(team) : 1;
}

static void run_lane(void *context, size_t lane)
{
    struct work *w = context;
    const unsigned state = denormals_flush();
    size_t item;

    while ((item = atomic_fetch_add_explicit(&w->next, 1, memory_order_relaxed)) < w->n_items)
        w->fn(w->context, lane, item);
    denormals_restore(state);
}

void lanes_run(struct team *team, size_t n_items,
               void (*fn)(void *context, size_t lane, size_t item), void *context)
{
    struct work w = {.fn = fn, .context = context, .n_items = n_items};

    atomic_init(&w.next, 0);
    team_run(team, lanes_count(team), run_lane, &w);
}
