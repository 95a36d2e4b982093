/* markup.h -- wikitext -> paragraphs, for any wiki and any language.
 *
 *      tags     comments, nowiki, references, HTML
 *      expand   templates, links
 *      layout   tables, headings, lists, paragraphs
 *      tidy     characters, spacing
 *
 * Four linear passes; memory is a few times the page. Nothing recurses with the depth of the input. */
#ifndef WIKI_MARKUP_H
#define WIKI_MARKUP_H

#include <stddef.h>

#include "base/buf.h"
#include "wiki/context.h"
#include "wiki/expand.h"
#include "wiki/layout.h"

/* What one thread needs between pages. */
struct markup {
    struct buf stripped;
    struct expand expand;
    struct layout layout;
};

/* Appends the page's paragraphs to *to, each ended by a newline: UTF-8 as far as the input was (n
 * bytes). Names of templates that are not known are in m->expand.unknown until the next call, each
 * ended by a newline; headings, when they are marked, in m->layout.marks. Enters page->account
 * (to be closed by the caller) and page->disambiguation. */
void markup_clean(struct buf *to, struct markup *m, const char *text, size_t n,
                  struct context *page);

void markup_release(struct markup *m);

#endif
