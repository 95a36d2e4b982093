/* punkt.h -- a text -> sentences, exactly as NLTK 3.8's Punkt finds them.
 *
 * The decisions are those of Kiss and Strunk, "Unsupervised Multilingual Sentence Boundary
 * Detection" (2006), as NLTK's PunktSentenceTokenizer takes them; the parameters are learnt
 * elsewhere and read from a file. */
#ifndef TEXT_PUNKT_H
#define TEXT_PUNKT_H

#include <stddef.h>

#include "base/err.h"
#include "text/sentences.h"

struct punkt;

/* Reads parameters: a JSON object whose members AbbrevTypes, Collocations ("first,second"),
 * SentStarters and OrthoContext are objects from a word to a number. NULL with err. */
struct punkt *punkt_open(const char *path, struct err *err);
void punkt_close(struct punkt *p); /* NULL is fine */

/* Fills *out with the sentences of n bytes of UTF-8. Leading white space stays with the first
 * sentence, as it does in NLTK; between sentences lies white space only. Linear in n. A byte that
 * is no UTF-8 is a character that is neither letter nor space. May be called by several threads. */
void punkt_split(struct sentences *out, const struct punkt *p, const char *text, size_t n);

#endif
