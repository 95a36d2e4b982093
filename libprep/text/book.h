/* book.h -- a book, plain text or EPUB -> a document: one paragraph a line.
 *
 *   bytes --encoding--> UTF-8 --gutenberg--> the book itself --lines--> paragraphs
 *   EPUB  --epub------> paragraphs --gutenberg--> the book itself
 *
 * Lines that were cut to a width are joined: where the first word of the next line would have fitted,
 * the line was meant to end. So verse, headings and tables of contents keep their lines. */
#ifndef TEXT_BOOK_H
#define TEXT_BOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "text/hyphens.h"

struct book_line;

struct book {
    bool keep_emphasis; /* leave _so_ as it is */
    struct buf decoded; /* the rest is working memory */
    struct book_line *lines;
    size_t n_lines, cap_lines;
    size_t width; /* to which lines were cut, 0 = they were not */
    struct hyphens hyphens;
    struct buf paragraph;
};

/* Appends the paragraphs of the book, each ended by a newline, to `text`, and to `title` what its
 * header says, if it has one. The bytes may be changed. ERR_FORMAT when it is no text. */
int book_clean(struct buf *text, struct buf *title, struct book *b, char *bytes, size_t n,
               struct err *err);

/* The same of an EPUB of at most max_len bytes of pages (epub.h). */
int book_of_epub(struct buf *text, struct buf *title, const char *bytes, size_t n, size_t max_len,
                 struct err *err);

void book_release(struct book *b);

#endif
