/* spans.h -- where in the text each piece came from.
 *
 * Folding drops, splits and reorders code points, so a piece does not hold the bytes of its source: "É"
 * gives "e", one Hangul syllable gives three pieces. Every code point is followed from its source to
 * its piece; a piece spans from the first to the last byte of all its sources. This is the plain way
 * again (basic.h), slower and with the same words, which a test compares. */
#ifndef TEXT_SPANS_H
#define TEXT_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text/basic.h"
#include "text/unicode.h"
#include "text/wordpiece.h"

struct span {
    int32_t id;
    size_t start, end; /* bytes [start, end) of the text */
};

struct spans_point {
    int32_t point;
    size_t source; /* index among the code points of the text */
};

/* The pieces of the last text, and memory that is used again. All-zero is empty. */
struct spans {
    struct span *items; /* (n) */
    size_t n, cap;
    int32_t *points; /* of the text */
    size_t *starts;  /* where they begin in it */
    size_t cap_points;
    struct spans_point *token; /* between white space */
    int32_t *lower, *nfd;      /* of it */
    size_t *lower_from, *nfd_from;
    size_t cap_token, cap_nfd;
};

/* Fills s->items from n bytes of text. */
void spans_run(struct spans *s, const struct unicode *u, const struct basic_rules *rules,
               const struct wordpiece *w, bool cased, const char *text, size_t n);

void spans_release(struct spans *s);

#endif
