/* word_counts.h -- how often each word occurs, in bounded memory.
 *
 * When there are more than max_words, the rarest go: all words seen once, then twice, ..., until a
 * quarter of the room is free. So what is kept depends on the order of adding and on nothing else,
 * and a frequent word is never lost. */
#ifndef TEXT_WORD_COUNTS_H
#define TEXT_WORD_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct word_count {
    size_t at; /* into text.data */
    size_t len;
    uint64_t count;
};

/* All-zero is empty and without limit. */
struct word_counts {
    size_t max_words; /* 0 = no limit */
    struct buf text;
    struct word_count *words; /* (n_words) in the order of their first adding */
    size_t n_words;
    size_t cap_words;
    uint32_t *slots; /* (n_slots) hash table: index of a word plus 1, 0 = free */
    size_t n_slots;
    uint64_t n_dropped;     /* words that were given up, each time they were */
    uint64_t count_dropped; /* their counts then */
};

void word_counts_add(struct word_counts *c, const char *word, size_t len, uint64_t count);

/* Forgets the words, keeps the memory. */
void word_counts_clear(struct word_counts *c);

void word_counts_release(struct word_counts *c);

#endif
