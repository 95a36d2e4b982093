/* list_mark.h -- "1.", "(a)", "iv)": what counts the items of a list inside a paragraph. */
#ifndef TEXT_LIST_MARK_H
#define TEXT_LIST_MARK_H

#include <stdbool.h>
#include <stddef.h>

struct list_mark {
    enum { LIST_MARK_NONE, LIST_MARK_DIGITS, LIST_MARK_LETTERS, LIST_MARK_ROMANS } kind;
    char before, after; /* '(' or 0; ')' or '.' or ':' for ".)" */
    unsigned value;
    size_t len;
};

/* The mark at byte `at` of n bytes of text; kind LIST_MARK_NONE when there is none. `after` (or
 * NULL) is the mark before it: it tells whether "i" is a letter or a number. */
struct list_mark list_mark_read(const char *t, size_t n, size_t at, const struct list_mark *after);

/* Whether m counts on from `before`. */
bool list_mark_follows(const struct list_mark *m, const struct list_mark *before);

#endif
