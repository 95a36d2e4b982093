/* span_head.h -- where an answer begins and ends: two scores for every token, and a softmax of each
 * over the tokens of a sequence.
 *
 *   out (T, H) -> dense (2) -> start, end logits -> cross entropy of each sequence
 *
 * The original programs let padding compete in the softmax; here there is none. */
#ifndef MODEL_SPAN_HEAD_H
#define MODEL_SPAN_HEAD_H

#include <stddef.h>

#include "base/team.h"
#include "data/batch.h"
#include "model/config.h"
#include "model/params.h"
#include "ops/profile.h"

struct span_head;

/* For batches of at most so many tokens and sequences; config, list and team are borrowed. */
struct span_head *span_head_open(const struct bert_config *c, const struct params_list *l,
                                 size_t max_tokens, size_t max_sequences, struct team *team);

/* What it would hold, without allocating it. */
size_t span_head_measure(size_t max_tokens);

/* Measures its runs from now on; NULL = no more. Borrowed. */
void span_head_profile(struct span_head *h, struct profile *p);

/* Sums over the sequences of the batch, whose answers are batch->answers: of the losses, and of how
 * many have their largest logit where the answer begins, where it ends, and both. */
struct span_sums {
    double start, end;
    size_t n_start_right, n_end_right, n_right;
};

/* With grads != NULL, adds d(start_scale * start + end_scale * end)/d(params) to them and that by
 * d(out) to d_out.
 *   out, d_out   (T, H) */
void span_head_run(struct span_sums *sums, struct span_head *h, float *grads, float *d_out,
                   const float *params, const float *out, const struct batch *batch,
                   double start_scale, double end_scale);

/* start, end (T): the logits of every token. */
void span_head_logits(float *start, float *end, struct span_head *h, const float *params,
                      const float *out, const struct batch *batch);

void span_head_close(struct span_head *h); /* NULL is fine */

#endif
