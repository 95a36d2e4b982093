/* next_head.h -- pooler and next-sentence head, on the first token of every labelled sequence.
 *
 *   row of [CLS] -> dense, tanh (the pooler) -> dense (2) -> cross entropy */
#ifndef MODEL_NEXT_HEAD_H
#define MODEL_NEXT_HEAD_H

#include <stddef.h>

#include "base/team.h"
#include "data/batch.h"
#include "model/config.h"
#include "model/params.h"
#include "ops/profile.h"

struct next_head;

/* For batches of at most max_sequences; config, list and team are borrowed. */
struct next_head *next_head_open(const struct bert_config *c, const struct params_list *l,
                                 size_t max_sequences, struct team *team);
size_t next_head_bytes(const struct next_head *h);

/* What it would hold, without allocating it. */
size_t next_head_measure(const struct bert_config *c, size_t max_sequences);

/* Measures its runs from now on; NULL = no more. Borrowed. */
void next_head_profile(struct next_head *h, struct profile *p);

/* Returns the sum of the losses over the *n_next sequences whose label is not -1, *n_right of them
 * answered right. Gradients as masked_head_run(). */
double next_head_run(size_t *n_next, size_t *n_right, struct next_head *h, float *grads,
                     float *d_out, const float *params, const float *out, const struct batch *batch,
                     double scale);

void next_head_close(struct next_head *h); /* NULL is fine */

#endif
