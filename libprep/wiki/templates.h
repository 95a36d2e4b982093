/* templates.h -- {{...}} -> its words: one table of the templates that carry text.
 *
 * Templates are not expanded from their pages (that needs Lua and the whole dump); those that stand
 * inside sentences are known by name and rendered here. Everything else is dropped, and what is not
 * known to be dropped rightly is counted by name. */
#ifndef WIKI_TEMPLATES_H
#define WIKI_TEMPLATES_H

#include <stddef.h>

#include "base/buf.h"
#include "wiki/context.h"

struct templates; /* the table, indexed; read-only */

struct templates *templates_open(void);
void templates_close(struct templates *t); /* NULL is fine */

struct template_arg {
    const char *name; /* NULL for a positional one */
    size_t name_len;
    const char *value; /* already rendered, and trimmed */
    size_t len;
};

struct template_call {
    const char *name; /* as written, between "{{" and the first '|' */
    size_t name_len;
    const char
        *written; /* the name as it is in the page; `name` is folded when a row is rendered */
    size_t written_len;
    struct template_arg *args; /* (n_args); with one element of room before the first */
    size_t n_args;
    const char *before, *after; /* on the same line: what was made, and what is to come */
    size_t n_before, n_after;
    struct context *page;
};

enum template_result {
    TEMPLATE_UNKNOWN, /* not in the table: dropped, to be counted */
    TEMPLATE_DROPPED, /* known to carry no text */
    TEMPLATE_RENDERED
};

/* Appends the words of the call to *to, by the table of call->page. Every argument is used once at most, so that nested calls
 * cannot make text grow without limit. May use args[-1]. */
enum template_result templates_render(struct buf *to, struct template_call *call);

/* For the functions that render single families (template_*.c). */

/* The value of argument `name` ("1" is the first positional one) or "" with *len 0. */
const char *template_value(size_t *len, const struct template_call *call, const char *name);

/* The k-th positional argument, from 1, or "". */
const char *template_positional(size_t *len, const struct template_call *call, size_t k);

#endif
