/* masked_head.h -- the masked-LM head, on the masked rows only.
 *
 *   rows of the encoder's output -> dense, GELU, LayerNorm -> times word embeddings + bias
 *     -> logits (K, V) -> cross entropy
 *
 * The logits exist for up to 512 rows at a time; what needs them (loss, gradients) is done before
 * the next rows. */
#ifndef MODEL_MASKED_HEAD_H
#define MODEL_MASKED_HEAD_H

#include <stddef.h>

#include "base/team.h"
#include "data/batch.h"
#include "model/config.h"
#include "model/packed.h"
#include "model/params.h"
#include "ops/profile.h"

struct masked_head;

/* For batches of at most max_masked rows; config, list and team are borrowed. */
struct masked_head *masked_head_open(const struct bert_config *c, const struct params_list *l,
                                     size_t max_masked, struct team *team);

/* The same with the logits in halves, whose words in `packed` (borrowed) are up to date at every run. */
struct masked_head *masked_head_open_halves(const struct bert_config *c,
                                            const struct params_list *l, size_t max_masked,
                                            const struct packed *packed, struct team *team);
size_t masked_head_bytes(const struct masked_head *h);

/* What it would hold, without allocating it. */
size_t masked_head_measure(const struct bert_config *c, size_t max_masked);
size_t masked_head_measure_halves(const struct bert_config *c, size_t max_masked,
                                  struct team *team);

/* Measures its runs from now on; NULL = no more. Borrowed. */
void masked_head_profile(struct masked_head *h, struct profile *p);

/* Returns the sum of the losses and how many rows have the right id on top. With grads != NULL,
 * adds d(scale * loss)/d(params) to them and d(scale * loss)/d(out) to d_out.
 *   out, d_out   (T, H) */
double masked_head_run(size_t *n_right, struct masked_head *h, float *grads, float *d_out,
                       const float *params, const float *out, const struct batch *batch,
                       double scale);

/* The logits of the masked rows from `first` on, for prediction: *logits is (n, V), n the return value,
 * and lives until the next call. The first call for a batch has first = 0; rows of several calls are
 * gone through in order. batch->masked_ids is not read. */
size_t masked_head_logits(const float **logits, struct masked_head *h, const float *params,
                          const float *out, const struct batch *batch, size_t first);

void masked_head_close(struct masked_head *h); /* NULL is fine */

#endif
