/* epub.h -- a book in EPUB: its pages in reading order -> paragraphs.
 *
 *   META-INF/container.xml -> package (.opf) -> spine -> pages (XHTML)
 *
 * Left out: pages that the spine calls not linear, and the table of contents. */
#ifndef TEXT_EPUB_H
#define TEXT_EPUB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum { EPUB_MAX_ITEMS = 1 << 16 };

/* Whether the bytes are those of an EPUB, by its mark in the first file. */
bool epub_is(const char *bytes, size_t n);

/* Appends the paragraphs, each ended by a newline, to `text`, and the title that the package gives, if
 * any, to `title`. ERR_FORMAT, naming file and place in the book, when it is damaged; ERR_LIMIT when
 * its pages, or its text, have more than `max` bytes. */
int epub_text(struct buf *text, struct buf *title, const char *bytes, size_t n, size_t max,
              struct err *err);

#endif
