/* xhtml.h -- a page of XHTML -> its paragraphs. */
#ifndef TEXT_XHTML_H
#define TEXT_XHTML_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum { XHTML_MAX_DEPTH = 1000 };

/* Appends the text of <body>, each paragraph, heading, item, cell and line ended by a newline, with
 * single blanks. Scripts, pictures, formulas, page numbers, marks of notes and <nav> are left out.
 * ERR_FORMAT with the byte where the page is broken, ERR_LIMIT when elements nest too deeply. */
int xhtml_text(struct buf *to, const char *bytes, size_t n, struct err *err);

#endif
