/* layout.h -- third pass of the cleaner: lines -> paragraphs.
 *
 * Tables go or become sentences, headings and list items become paragraphs of their own, lines of text are joined, quote
 * marks for bold and italic go. A heading under which nothing is left goes too. */
#ifndef WIKI_LAYOUT_H
#define WIKI_LAYOUT_H

#include <stddef.h>

#include "base/buf.h"
#include "wiki/context.h"

struct layout {
    struct buf paragraph; /* being put together */
    struct buf prefix;    /* of the next paragraph: "- " */
    struct buf headings;  /* whose section has shown no text yet: level byte, text, zero byte */
};

/* Appends the paragraphs of n bytes from expand_text(), each ended by a newline. Headings, lists,
 * tables and the sections to leave out as page->options say. */
void layout_text(struct buf *to, struct layout *l, const char *text, size_t n,
                 struct context *page);

void layout_release(struct layout *l);

#endif
