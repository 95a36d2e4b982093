/* bert-predict-windows.h -- passages -> windows -> logits -> the best answers of every question.
 *
 *   windows_add(passage) ... --windows_compute()--> start, end (n_windows, T) --windows_decode()-->
 *     an nbest for every question --windows_clear()--> the next passages */
#ifndef TOOLS_BERT_PREDICT_WINDOWS_H
#define TOOLS_BERT_PREDICT_WINDOWS_H

#include <stddef.h>

#include "base/err.h"
#include "bert-predict.h"
#include "squad/nbest.h"
#include "squad/passage.h"
#include "tasks/tuned.h"

struct windows {
    struct predict_model model;
    struct tuned *tuned;
    size_t seq_length; /* T */
    struct nbest_options options;
    struct unicode *unicode;
    struct nbest_scratch **scratch; /* (threads) */
    double seconds;                 /* spent in the model so far */

    struct passage *passages; /* (n), owned */
    size_t n, cap;
    size_t n_windows, n_questions; /* of them */
    float *start, *end;            /* (n_windows, T) after windows_compute() */
    struct nbest *answers;         /* (n_questions) after windows_decode() */
};

/* The model of the options, with a head for questions and answers. */
int windows_open(struct windows *w, const struct tool *tool, const struct predict_options *o,
                 size_t seq_length, const struct nbest_options *options, struct err *err);
void windows_close(struct windows *w);

/* Takes the passage. */
void windows_add(struct windows *w, struct passage *p);

/* Padding, of which the model sees nothing, has logits WINDOWS_PADDING. */
#define WINDOWS_PADDING (-10000.0F)
void windows_compute(struct windows *w);

/* Follows windows_compute(); the answers are decoded, not finished. */
int windows_decode(struct windows *w, struct err *err);

/* No passages any more. */
void windows_clear(struct windows *w);

#endif
