/* gutenberg.h -- what Project Gutenberg puts around a book, in all the forms it has had since 1991. */
#ifndef TEXT_GUTENBERG_H
#define TEXT_GUTENBERG_H

#include <stdbool.h>
#include <stddef.h>

struct gutenberg {
    bool found;      /* a header or a footer */
    size_t from, to; /* the book itself */
    size_t title;    /* what its header calls it: where, and how long (0 = not at all) */
    size_t title_len;
};

struct gutenberg gutenberg_find(const char *text, size_t len);

/* Whether a paragraph that begins so names those who made the file, not the book's own words. */
bool gutenberg_is_credit(const char *text, size_t len);

#endif
