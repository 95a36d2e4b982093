/* templates.h -- {{...}} -> its words: one table of the templates that carry text.
 *
 * Templates are not expanded from their pages (that needs Lua and the whole dump); those that stand
 * inside sentences are known by name and rendered here. Everything else is dropped, and what is not
 * known to be dropped rightly is counted by name. */
#ifndef WIKI_TEMPLATES_H
#define WIKI_TEMPLATES_H

#include "base/buf.h"
#include "wiki/template_call.h"

struct templates; /* the table, indexed; read-only */

struct templates *templates_open(void);
void templates_close(struct templates *t); /* NULL is fine */

enum template_result {
    TEMPLATE_UNKNOWN, /* not in the table: dropped, to be counted */
    TEMPLATE_DROPPED, /* known to carry no text */
    TEMPLATE_RENDERED
};

/* Appends the words of the call to *to, by the table of call->page. Every argument is used once at most, so that nested calls
 * cannot make text grow without limit. May use args[-1]. */
enum template_result templates_render(struct buf *to, struct template_call *call);

#endif
