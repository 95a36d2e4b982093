/* pooled_head.h -- pooler and a classifier, on the first token of every labelled sequence: next
 * sentence (2 classes), classes of a task, or a score.
 *
 *   row of [CLS] -> dense, tanh (the pooler) -> dropout -> dense (C) -> cross entropy
 *                                                       -> dense (1) -> squared error */
#ifndef MODEL_POOLED_HEAD_H
#define MODEL_POOLED_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/team.h"
#include "data/batch.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/params.h"
#include "ops/profile.h"

struct pooled_head;

/* What stands on the pooler. */
struct pooled_classifier {
    size_t w, b;      /* (C, H) (C) where they are in an arena */
    size_t n_classes; /* C */
    bool dropout;     /* before it, with hidden_dropout of the config */
};

/* For batches of at most max_sequences; config, list and team are borrowed. */
struct pooled_head *pooled_head_open(const struct bert_config *c, const struct params_list *l,
                                     const struct pooled_classifier *classifier,
                                     size_t max_sequences, struct team *team);
size_t pooled_head_bytes(const struct pooled_head *h);

/* What it would hold, without allocating it. */
size_t pooled_head_measure(const struct bert_config *c, const struct pooled_classifier *classifier,
                           size_t max_sequences);

/* Measures its runs from now on; NULL = no more. Borrowed. */
void pooled_head_profile(struct pooled_head *h, struct profile *p);

/* What each sequence of the batch is; one of the two is NULL. */
struct pooled_labels {
    const int32_t *classes; /* (S) 0..C-1, -1 = none */
    const float *scores;    /* (S) for C = 1 */
};

/* Returns the sum of the losses over the *n labelled sequences, *n_right of them answered right (0
 * for scores). Gradients as masked_head_run(). */
double pooled_head_run(size_t *n, size_t *n_right, struct pooled_head *h, float *grads,
                       float *d_out, const float *params, const float *out,
                       const struct batch *batch, const struct pooled_labels *labels, double scale,
                       const struct bert_pass *pass);

/* What every labelled sequence of the last pooled_head_run() was taken for: the class with the largest
 * logit, or the score. answers (S); those of other sequences stay as they are. */
void pooled_head_answers(float *answers, const struct pooled_head *h);

/* logits (S, C) of every sequence, labelled or not, without dropout. */
void pooled_head_logits(float *logits, struct pooled_head *h, const float *params, const float *out,
                        const struct batch *batch);

void pooled_head_close(struct pooled_head *h); /* NULL is fine */

#endif
