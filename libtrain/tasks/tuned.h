/* tuned.h -- a fine-tuned BERT: the encoder and the one head that its config names, for questions
 * (HEADS_SPANS) or for classes and scores (HEADS_CLASSES).
 *
 *   batch -> encoder -> out (T, H) -> model/span_head or model/pooled_head -> logits, losses */
#ifndef TASKS_TUNED_H
#define TASKS_TUNED_H

#include <stddef.h>

#include "base/team.h"
#include "data/batch.h"
#include "model/bert.h"
#include "model/config.h"
#include "ops/profile.h"

struct tuned;

/* For batches up to the room, whose masked rows do not count; c->heads is not HEADS_PRETRAINING. The
 * team is borrowed; NULL computes on the caller's thread. */
struct tuned *tuned_open(const struct bert_config *c, const struct bert_room *room,
                         struct team *team);

/* For tuned_spans() and tuned_classes() only, with less memory. `halves` computes the large products;
 * NULL: fp32. */
struct tuned *tuned_open_forward(const struct bert_config *c, size_t max_tokens,
                                 size_t max_sequences, const struct half_kernel *halves,
                                 struct team *team);

/* Tells that `params` are what they will be until the next such call: before the first batch, and after
 * every update. In fp32 there is nothing to do. */
void tuned_take(struct tuned *t, const float *params);

/* The same for params[at], ..., params[at + n - 1] only, on a lane of the team: see packed_update_part(). */
void tuned_take_part(struct tuned *t, const float *params, size_t lane, size_t at, size_t n);

/* Bytes of activations it would hold, without allocating them. */
size_t tuned_measure(const struct bert_config *c, const struct bert_room *room, struct team *team);

/* Measures the operations from now on; NULL = no more. Borrowed. */
void tuned_profile(struct tuned *t, struct profile *p);

/* Logits, without dropout.
 *   spans     start, end (T)   of every token, HEADS_SPANS
 *   classes   logits (S, C)    of every sequence, HEADS_CLASSES; C = n_labels, 1 = the score */
void tuned_spans(float *start, float *end, struct tuned *t, const float *params,
                 const struct batch *batch);
void tuned_classes(float *logits, struct tuned *t, const float *params, const struct batch *batch);

enum { TUNED_PARTS = 2 };

/* What a batch answered: sums over the sequences that have a label, part by part of the loss.
 *   spans     parts 0 and 1: first and last tokens of answers
 *   classes   part 0 */
struct tuned_sums {
    double loss[TUNED_PARTS];
    size_t n;
    size_t n_right[TUNED_PARTS];
    size_t n_whole; /* spans: both tokens are right */
};

/* The losses, and with grads != NULL, grads += d(sum of scales[i] * loss[i])/d(params). */
void tuned_run(struct tuned_sums *sums, float *grads, struct tuned *t, const float *params,
               const struct batch *batch, const double scales[TUNED_PARTS],
               const struct bert_pass *pass);

/* Classes and scores: as pooled_head_answers(), of the last tuned_run(). */
void tuned_answers(float *answers, const struct tuned *t);

void tuned_close(struct tuned *t); /* NULL is fine */

#endif
