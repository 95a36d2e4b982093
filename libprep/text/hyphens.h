/* hyphens.h -- "con-" at a line end and "tinue" on the next: one word, or two with a hyphen?
 *
 * The book itself knows: whichever form occurs elsewhere in it counts; where neither does, what the
 * book does most often elsewhere. */
#ifndef TEXT_HYPHENS_H
#define TEXT_HYPHENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct hyphen; /* one of the places */

struct hyphens {
    struct buf words;      /* the forms asked for, joined and with the hyphen in turn */
    struct hyphen *places; /* (n) */
    size_t n, cap;
    uint32_t *slots; /* (n_slots) hash table of forms */
    size_t n_slots;
    size_t n_joined, n_kept; /* places that the book decides */
};

/* A place: the word ends at `end` with its hyphen, and goes on at `next`. */
void hyphens_add(struct hyphens *h, const char *text, size_t len, size_t end, size_t next);

/* Looks for all forms in the text. */
void hyphens_decide(struct hyphens *h, const char *text, size_t len);

/* Whether the i-th place that was added loses its hyphen. */
bool hyphens_joined(const struct hyphens *h, size_t i);

void hyphens_clear(struct hyphens *h);
void hyphens_release(struct hyphens *h);

#endif
