/* template_call.h -- one {{name|argument|...}} of a page, taken apart, for the functions that render
 * single families (template_*.h). */
#ifndef WIKI_TEMPLATE_CALL_H
#define WIKI_TEMPLATE_CALL_H

#include <stddef.h>

#include "base/buf.h"
#include "wiki/context.h"

struct template_arg {
    const char *name; /* NULL for a positional one */
    size_t name_len;
    const char *value; /* already rendered, and trimmed */
    size_t len;
};

struct template_call {
    const char *name; /* as written, between "{{" and the first '|' */
    size_t name_len;
    const char *written; /* the name as in the page; `name` is folded when a row is rendered */
    size_t written_len;
    struct template_arg *args; /* (n_args); with one element of room before the first */
    size_t n_args;
    const char *before, *after; /* on the same line: what was made, and what is to come */
    size_t n_before, n_after;
    struct context *page;
};

/* The value of argument `name` ("1" is the first positional one) or "" with *len 0. */
const char *template_value(size_t *len, const struct template_call *call, const char *name);

/* The k-th positional argument, from 1, or "". */
const char *template_positional(size_t *len, const struct template_call *call, size_t k);

#endif
