/* tally.c -- how often each name came: a hash table with open addressing. */
#include "wiki/tally.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

static struct tally_entry *find(const struct tally *t, const char *name, size_t n)
{
    size_t at = (size_t)xxh3_of(name, n, 0) & (t->n_slots - 1);

    while (t->slots[at].name &&
           (strncmp(t->slots[at].name, name, n) != 0 || t->slots[at].name[n] != 0))
        at = (at + 1) & (t->n_slots - 1);
    return &t->slots[at];
}

static void grow(struct tally *t)
{
    struct tally bigger = {.n_slots = t->n_slots ? t->n_slots * 2 : 1024};

    bigger.slots = mem_array(bigger.n_slots, sizeof *bigger.slots);
    for (size_t i = 0; i < t->n_slots; i++) {
        if (t->slots[i].name)
            *find(&bigger, t->slots[i].name, strlen(t->slots[i].name)) = t->slots[i];
    }
    free(t->slots);
    t->slots = bigger.slots;
    t->n_slots = bigger.n_slots;
}

void tally_add(struct tally *t, const char *name, size_t n)
{
    struct tally_entry *entry;

    t->total++;
    if (2 * t->n_names >= t->n_slots)
        grow(t);
    entry = find(t, name, n);
    if (!entry->name) {
        if (t->n_names >= TALLY_MAX_NAMES)
            return;
        entry->name = mem_text_n(name, n);
        t->n_names++;
    }
    entry->count++;
}

static int compare_entries(const void *a, const void *b)
{
    const struct tally_entry *x = *(const struct tally_entry *const *)a;
    const struct tally_entry *y = *(const struct tally_entry *const *)b;

    if (x->count != y->count)
        return x->count < y->count ? 1 : -1;
    return strcmp(x->name, y->name);
}

size_t tally_top(const struct tally_entry **top, size_t max, const struct tally *t)
{
    const struct tally_entry **all = mem_array(t->n_names + 1, sizeof(const struct tally_entry *));
    size_t n = 0;

    for (size_t i = 0; i < t->n_slots; i++) {
        if (t->slots[i].name)
            all[n++] = &t->slots[i];
    }
    qsort(all, n, sizeof(const struct tally_entry *), compare_entries);
    n = n < max ? n : max;
    memcpy(top, all, n * sizeof(const struct tally_entry *));
    free(all);
    return n;
}

void tally_release(struct tally *t)
{
    for (size_t i = 0; i < t->n_slots; i++)
        free(t->slots[i].name);
    free(t->slots);
    *t = (struct tally){0};
}
