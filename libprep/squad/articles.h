/* articles.h -- the JSON of SQuAD, one paragraph at a time: memory for one paragraph, however large
 * the file.
 *
 *      {"version": "1.1", "data": [{"title": "...", "paragraphs": [{...}, {...}]}, ...]}
 *                                                                  ^^^^^ an event each
 *
 * Only the nesting is read here; what a paragraph holds is for paragraph.h. Members of other names
 * are skipped, but must be JSON. */
#ifndef SQUAD_ARTICLES_H
#define SQUAD_ARTICLES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { ARTICLES_MAX_VALUE = 64 << 20 }; /* bytes of a paragraph or any other single value */

struct articles;

/* path as in source_open(). NULL with err. */
struct articles *articles_open(const char *path, struct err *err);

enum articles_event {
    ARTICLES_END = 0,   /* nothing but white space follows the last brace */
    ARTICLES_PARAGRAPH, /* its JSON was appended to *paragraph, not yet parsed */
    ARTICLES_ARTICLE    /* an article is over: its title is known */
};

/* The next event, or -1 with err, which names the file and the byte. */
int articles_next(struct articles *a, struct buf *paragraph, struct err *err);

/* Which article (from 0) and which of its paragraphs (from 0) came last, and where in the file that
 * paragraph begins. */
struct articles_place {
    uint64_t article, paragraph;
    uint64_t byte;
};
struct articles_place articles_where(const struct articles *a);

/* Puts the place, and the name of the file before it, in front of an error; returns -1. */
int articles_err(const struct articles *a, const struct articles_place *at, struct err *err);

/* Of the article that is over; "" when it has none. Lives until the next call. */
const char *articles_title(const struct articles *a);

/* The member "version" as far as read, "" when there is none. */
const char *articles_version(const struct articles *a);

/* For progress, as source_taken() and source_total(). */
uint64_t articles_taken(const struct articles *a);
uint64_t articles_total(const struct articles *a);

void articles_close(struct articles *a); /* NULL is fine */

#endif
