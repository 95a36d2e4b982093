/* word_counts.c -- open addressing over an array of words; giving words up builds both anew. */
#include "text/word_counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

static size_t find_slot(const struct word_counts *c, const char *word, size_t len)
{
    size_t slot = xxh3_of(word, len, 0) & (c->n_slots - 1);

    while (c->slots[slot] > 0) {
        const struct word_count *w = &c->words[c->slots[slot] - 1];

        if (w->len == len && memcmp(c->text.data + w->at, word, len) == 0)
            break;
        slot = (slot + 1) & (c->n_slots - 1);
    }
    return slot;
}

static void rebuild_slots(struct word_counts *c)
{
    memset(c->slots, 0, c->n_slots * sizeof *c->slots);
    for (size_t i = 0; i < c->n_words; i++) {
        const struct word_count *w = &c->words[i];

        c->slots[find_slot(c, c->text.data + w->at, w->len)] = (uint32_t)(i + 1);
    }
}

static void grow_slots(struct word_counts *c)
{
    c->n_slots = c->n_slots ? 2 * c->n_slots : 1024;
    c->slots = mem_resize(c->slots, c->n_slots, sizeof *c->slots);
    rebuild_slots(c);
}

static int by_count_down(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x < y) - (x > y);
}

/* The smallest count such that at most `keep` words have more. */
static uint64_t threshold(const struct word_counts *c, size_t keep)
{
    uint64_t *counts = mem_array(c->n_words, sizeof *counts);
    uint64_t count;

    for (size_t i = 0; i < c->n_words; i++)
        counts[i] = c->words[i].count;
    qsort(counts, c->n_words, sizeof *counts, by_count_down);
    count = counts[keep];
    free(counts);
    return count;
}

static void drop_rare(struct word_counts *c)
{
    const uint64_t rare = threshold(c, c->max_words / 4 * 3);
    size_t n = 0;
    size_t at = 0;

    for (size_t i = 0; i < c->n_words; i++) {
        struct word_count w = c->words[i];

        if (w.count <= rare) {
            c->n_dropped++;
            c->count_dropped += w.count;
            continue;
        }
        memmove(c->text.data + at, c->text.data + w.at, w.len);
        w.at = at;
        at += w.len;
        c->words[n++] = w;
    }
    c->n_words = n;
    c->text.len = at;
    rebuild_slots(c);
}

void word_counts_add(struct word_counts *c, const char *word, size_t len, uint64_t count)
{
    size_t slot;

    if (c->n_slots < 2 * (c->n_words + 1))
        grow_slots(c);
    slot = find_slot(c, word, len);
    if (c->slots[slot] > 0) {
        c->words[c->slots[slot] - 1].count += count;
        return;
    }
    if (c->n_words == c->cap_words) {
        c->cap_words = mem_grow(c->cap_words, c->n_words + 1);
        c->words = mem_resize(c->words, c->cap_words, sizeof *c->words);
    }
    c->words[c->n_words++] = (struct word_count){c->text.len, len, count};
    c->slots[slot] = (uint32_t)c->n_words;
    buf_put(&c->text, word, len);
    if (c->max_words && c->n_words > c->max_words)
        drop_rare(c);
}

void word_counts_clear(struct word_counts *c)
{
    c->n_words = 0;
    buf_clear(&c->text);
    if (c->n_slots)
        memset(c->slots, 0, c->n_slots * sizeof *c->slots);
}

void word_counts_release(struct word_counts *c)
{
    buf_release(&c->text);
    free(c->words);
    free(c->slots);
    *c = (struct word_counts){0};
}
