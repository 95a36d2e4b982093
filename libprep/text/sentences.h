/* sentences.h -- a paragraph -> sentences, by rules.
 *
 * Made for English first; stops are known in every script, abbreviations in the languages of
 * text/abbreviations.h.
 * Nothing is changed: a sentence is a span of the paragraph, and only blanks lie between spans.
 * Linear in the length of the paragraph. */
#ifndef TEXT_SENTENCES_H
#define TEXT_SENTENCES_H

#include <stddef.h>

#include "text/abbreviations.h"

struct sentences {
    struct sentence {
        size_t start, end; /* bytes of the paragraph; end is past the last one */
    } * spans;             /* (n), in order, none empty */
    size_t n;
    size_t max;
};

/* Fills *out with the sentences of n bytes of UTF-8. Its memory is used again. */
void sentences_split(struct sentences *out, enum language language, const char *text, size_t n);

void sentences_add(struct sentences *s, size_t start, size_t end);
void sentences_release(struct sentences *s);

#endif
