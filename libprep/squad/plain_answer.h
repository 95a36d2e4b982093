/* plain_answer.h -- an answer as the official scorers of SQuAD compare it: normalize_answer().
 *
 *      lower case --> without ASCII punctuation --> "a", "an", "the" become a space --> single spaces
 *
 * An article is a whole word as Python's \b has it: word characters are letters and numbers of any
 * script; a mark that follows ends the word. */
#ifndef SQUAD_PLAIN_ANSWER_H
#define SQUAD_PLAIN_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "text/unicode.h"

/* All-zero but for `unicode` (borrowed) is empty; memory is used again. */
struct plain_answer {
    const struct unicode *unicode;
    struct buf text;         /* the words, a space between */
    int32_t *points, *lower; /* scratch */
    size_t cap_points, cap_lower;
};

/* From n bytes of UTF-8. */
void plain_answer_set(struct plain_answer *a, const char *text, size_t n);

bool plain_answer_same(const struct plain_answer *a, const struct plain_answer *b);

/* How many words the two have, and how many they share, each as often as both have it. */
struct plain_overlap {
    size_t n_a, n_b, n_same;
};
struct plain_overlap plain_answer_overlap(const struct plain_answer *a,
                                          const struct plain_answer *b);

void plain_answer_release(struct plain_answer *a);

#endif
