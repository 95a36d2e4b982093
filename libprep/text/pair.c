/* pair.c -- how long each sentence may be, and then one id after the other. */
#include "text/pair.h"

#include <stdlib.h>

#include "base/mem.h"

/* Cuts both lengths as popping ids one by one does: the longer comes down to the shorter, then they go
 * down in turn, B first. */
static void cut(size_t *n_a, size_t *n_b, size_t max)
{
    size_t excess = *n_a + *n_b > max ? *n_a + *n_b - max : 0;
    size_t *longer = *n_a > *n_b ? n_a : n_b;
    const size_t gap = *longer - (*n_a > *n_b ? *n_b : *n_a);
    const size_t first = excess < gap ? excess : gap;

    *longer -= first;
    excess -= first;
    *n_b -= (excess + 1) / 2;
    *n_a -= excess / 2;
}

static void put(struct pair *p, struct span item, uint8_t segment)
{
    p->items[p->n] = item;
    p->segments[p->n++] = segment;
}

void pair_make(struct pair *p, const struct tokens_header *h, const struct pair_options *options,
               const struct span *a, size_t n_a, const struct span *b, size_t n_b)
{
    const size_t n_special = b ? 3 : 2;
    size_t room;

    if (!b)
        n_b = 0;
    if (options->max_len)
        cut(&n_a, &n_b, options->max_len - n_special);
    room = n_a + n_b + n_special;
    room = room < options->max_len ? options->max_len : room;
    if (room > p->cap) {
        p->cap = mem_grow(p->cap, room);
        p->items = mem_resize(p->items, p->cap, sizeof *p->items);
        p->segments = mem_resize(p->segments, p->cap, sizeof *p->segments);
    }
    p->n = 0;
    put(p, (struct span){.id = h->cls}, 0);
    for (size_t i = 0; i < n_a; i++)
        put(p, a[i], 0);
    put(p, (struct span){.id = h->sep}, 0);
    if (b) {
        for (size_t i = 0; i < n_b; i++)
            put(p, b[i], 1);
        put(p, (struct span){.id = h->sep}, 1);
    }
    p->n_used = p->n;
    while (options->pad && p->n < options->max_len)
        put(p, (struct span){.id = h->pad}, 0);
}

void pair_release(struct pair *p)
{
    free(p->items);
    free(p->segments);
    *p = (struct pair){0};
}
