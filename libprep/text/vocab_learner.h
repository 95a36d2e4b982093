/* vocab_learner.h -- words with counts -> a WordPiece vocabulary.
 *
 * A word starts as its characters: "word" = w ##o ##r ##d. Again and again the most frequent pair of
 * neighbours becomes a piece of its own (byte-pair encoding, arXiv:1508.07909, with "##" marks), until
 * the vocabulary has the wanted size. Ties go to the pair whose pieces are older, so the result is a
 * function of the words and counts alone, not of their order.
 *
 *      [PAD] [unused0..98] [UNK] [CLS] [SEP] [MASK]  characters  ##characters  merged pieces */
#ifndef TEXT_VOCAB_LEARNER_H
#define TEXT_VOCAB_LEARNER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "text/unicode.h"
#include "text/word_counts.h"

struct vocab_learner_options {
    size_t size;         /* tokens to reach */
    size_t max_alphabet; /* characters; the rarer ones and words with them are left out */
    uint64_t min_count;  /* pairs that occur less often are not merged */
};

/* What became of it. */
struct vocab_learner_report {
    size_t n_tokens;              /* less than size when the words did not give more */
    size_t n_unused;              /* [unused] lines: 99, less for a size below 1,000 */
    size_t n_characters;          /* in the alphabet */
    size_t n_characters_left_out; /* not in it */
    uint64_t count_left_out;      /* occurrences of words that have such a character */
    uint64_t count;               /* occurrences of all words */
};

/* The smallest size that makes sense: special tokens and one character. */
enum { VOCAB_LEARNER_MIN_SIZE = 8 };

/* Appends the vocabulary, one token a line, to *text. Words are basic tokens (basic.h), none of them
 * special. ERR_FORMAT when there are none. */
int vocab_learner_run(struct buf *text, struct vocab_learner_report *report,
                      const struct word_counts *words, const struct unicode *u,
                      const struct vocab_learner_options *options, struct err *err);

#endif
