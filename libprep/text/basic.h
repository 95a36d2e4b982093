/* basic.h -- a text -> basic tokens: BERT's BasicTokenizer (tokenization.py), the plain way.
 *
 *   clean --> spaces around ideographs --> split at white space --> lower case, NFD, no marks -->
 *   split at punctuation
 *
 * The rules say where the members of the family differ. Splitting the text at ASCII white space
 * first and handling the parts one by one gives the same tokens. */
#ifndef TEXT_BASIC_H
#define TEXT_BASIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "text/unicode.h"

/* Where [UNK], [SEP], [PAD], [CLS], [MASK] in the text are the special tokens. */
enum basic_specials {
    BASIC_SPECIALS_NOWHERE,
    BASIC_SPECIALS_ALONE,   /* between white space, after cleaning */
    BASIC_SPECIALS_ANYWHERE /* even inside a word, before cleaning */
};

struct basic_rules {
    const char *name;
    unsigned drop; /* code points with any of these flags (enum unicode_flag) are removed */
    unsigned cjk;  /* ... are words of their own */
    unsigned mark; /* ... are accents */
    unsigned punctuation;
    enum basic_specials specials;
    bool lower_last;   /* each code point after NFD, so without the final sigma; else before it */
    size_t max_points; /* longer words become [UNK] in WordPiece */
};

/* The rules of that name, or NULL:
 *   hf       the PyTorch system (huggingface pytorch-pretrained-BERT) on Python 3.11
 *   google   google-research/bert on Python 3.11
 *   hf-fast  the Rust tokenizers, whose categories are those of Unicode 8 */
const struct basic_rules *basic_rules_named(const char *name);

struct basic_word {
    size_t at;       /* where it begins in basic.text */
    size_t len;      /* bytes of UTF-8, at least 1 */
    size_t n_points; /* code points */
    bool special;    /* one of the five special tokens */
};

/* The words of the last text, and memory that is used again. All-zero is empty. */
struct basic {
    struct buf text;
    struct basic_word *words; /* (n_words) */
    size_t n_words;
    size_t cap_words;
    int32_t *points[4]; /* the text, a token, lower-cased, decomposed */
    size_t cap_points[4];
};

/* Fills b->text and b->words from n bytes of UTF-8 (invalid ones are ignored). */
void basic_split(struct basic *b, const struct unicode *u, const struct basic_rules *rules,
                 bool cased, const char *text, size_t n);

/* The length of the special token that the n code points begin with, 0 when they do not. */
size_t basic_special(const int32_t *points, size_t n);

void basic_release(struct basic *b);

#endif
