/* line_ends.h -- where a line of a letter or a web page ended before its text was joined.
 *
 * Such lines end without a stop: a greeting ("Regards,"), a face (":-)"), the head of a mail
 * ("<a@b.org>", "08/16/2000 12:05 PM"). What follows begins a sentence. */
#ifndef TEXT_LINE_ENDS_H
#define TEXT_LINE_ENDS_H

#include <stdbool.h>
#include <stddef.h>

/* Looks at the sign `text[at]`, one of LINE_ENDS_SIGNS, of the sentence that began at `start`:
 * the byte after the line that ends there, which is a blank; 0 when none does. Constant time. */
#define LINE_ENDS_SIGNS ",:;>"
size_t line_ends_after(const char *text, size_t n, size_t start, size_t at);

/* The link whose "://" is at `at`: fills *from and *to and returns true, or false when that is no
 * link. Linear in the length of the link. */
bool line_ends_link(size_t *from, size_t *to, const char *text, size_t n, size_t start, size_t at);

#endif
