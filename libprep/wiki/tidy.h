/* tidy.h -- last pass of the cleaner, paragraph by paragraph: characters and spacing.
 *
 * Entities are decoded, shielded bytes turned back, blanks of all kinds collapsed to one, and what
 * dropped markup leaves behind is cleaned: "( ; )", "word ,", ", ,". */
#ifndef WIKI_TIDY_H
#define WIKI_TIDY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Appends the paragraph without a newline; returns whether it has a letter or a digit (if not,
 * nothing is appended). */
bool tidy_paragraph(struct buf *to, const char *text, size_t n);

/* The same, character by character: for tests. */
bool tidy_paragraph_ref(struct buf *to, const char *text, size_t n);

#endif
