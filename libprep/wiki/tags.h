/* tags.h -- first pass of the cleaner: comments, <nowiki>, extension tags and HTML.
 *
 * References, galleries, formulas and their like go with all they hold; HTML goes and its text
 * stays, with a paragraph border for each block tag and a blank for <br>; what <nowiki> and <pre>
 * protect is shielded (marks.h) from the passes that follow. Linear in the input. */
#ifndef WIKI_TAGS_H
#define WIKI_TAGS_H

#include <stddef.h>

#include "base/buf.h"
#include "wiki/context.h"

/* Appends the text (n bytes) to *to, without tags. page->options say what becomes of formulas and
 * code. */
void tags_strip(struct buf *to, const char *text, size_t n, struct context *page);

#endif
