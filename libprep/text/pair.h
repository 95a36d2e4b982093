/* pair.h -- one or two sentences as a model reads them: [CLS] A [SEP] B [SEP], cut and filled up to a
 * length. */
#ifndef TEXT_PAIR_H
#define TEXT_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/spans.h"
#include "text/tokens.h"

struct pair_options {
    size_t max_len; /* with the special tokens, at least 3; 0 = any length */
    bool pad;       /* fill up to max_len */
};

/* The sequence of the last pair, and memory that is used again. All-zero is empty. Special tokens and
 * padding span nothing: start and end are 0. */
struct pair {
    struct span *items; /* (n) */
    uint8_t *segments;  /* (n) 0 for [CLS] A [SEP] and padding, 1 for B [SEP] */
    size_t n;
    size_t n_used; /* without padding */
    size_t cap;
};

/* Puts the special tokens around A and, unless it is NULL, B (empty is a sentence). What is too long
 * loses ids at the end, one by one from the longer sentence, from B when they are equal, as
 * _truncate_seq_pair() of the originals. */
void pair_make(struct pair *p, const struct tokens_header *h, const struct pair_options *options,
               const struct span *a, size_t n_a, const struct span *b, size_t n_b);

void pair_release(struct pair *p);

#endif
