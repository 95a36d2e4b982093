/* nbest.h -- the logits of a question's windows -> its best answers.
 *
 *   windows --best starts x best ends--> spans --sort--> texts, each once --> probabilities, the answer
 *
 * Two families of rules: google-research/bert's write_predictions() ranks the spans of all windows
 * together; the PyTorch system's get_answers() takes the best of each window first, so that a text
 * may come again from another window, and gives every question the null logits of the last question
 * of the file. */
#ifndef SQUAD_NBEST_H
#define SQUAD_NBEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "squad/alignment.h"
#include "squad/passage.h"

struct nbest_options {
    bool pytorch;             /* else google */
    bool version_2;           /* "" is an answer, too */
    size_t n_best;            /* usually 20 */
    size_t max_answer_length; /* tokens, usually 30 */
    double null_threshold;    /* the answer is "" when the null score is better by more than this */
};

struct nbest_entry {
    size_t text; /* where it begins in nbest.texts */
    size_t len;
    double start, end; /* logits */
    double probability;
    size_t order; /* in which it was found */
};

/* Of one question. All-zero is empty; memory is used again. */
struct nbest {
    struct nbest_entry *entries; /* (n), after nbest_finish() the best first */
    size_t n, cap;
    struct buf texts;

    /* Version 2: the smallest sum of the logits of [CLS] over the windows, and the two. */
    double null_score, null_start, null_end;

    /* After nbest_finish(): */
    const struct nbest_entry *answer; /* NULL = "" */
    double null_odds; /* version 2: null score less the score of the best entry with a text */
};

/* What one thread needs between calls. */
struct nbest_scratch;
struct nbest_scratch *nbest_scratch_open(const struct tokenizer *t, const struct unicode *u);
void nbest_scratch_close(struct nbest_scratch *s); /* NULL is fine */

/* Question number `which` of the passage: its logits are (n_windows, T). ERR_FORMAT, naming question
 * and window, when one is not finite. */
int nbest_decode(struct nbest *b, struct nbest_scratch *s, const struct passage *p, size_t which,
                 const float *start_logits, const float *end_logits, size_t T,
                 const struct nbest_options *o, struct err *err);

/* Ranks, adds what must be there, and chooses. null_start and null_end are those of the question
 * itself by google's rules, those of the last question with windows in the file by the others.
 *
 * Where no entry has a text the originals fail in version 2: the answer is "", and the null odds are
 * the null score. */
void nbest_finish(struct nbest *b, double null_start, double null_end,
                  const struct nbest_options *o);

void nbest_release(struct nbest *b);

#endif
