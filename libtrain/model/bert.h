/* bert.h -- the encoder and the pretraining heads: forward, loss and every gradient of one batch.
 *
 * Padding does not exist: all work is on the T tokens of the batch. Attention runs inside each
 * sequence. The masked-LM head runs on the K masked rows only. fp32 throughout, or products of halves
 * (half_layer.h, half_logits.h); sums that decide (losses, norms) in double. The result is the same
 * for any number of threads. */
#ifndef MODEL_BERT_H
#define MODEL_BERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/team.h"
#include "data/batch.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/params.h"
#include "ops/half_tile.h"
#include "ops/profile.h"

struct bert; /* plan and activations for batches up to a size */

/* What a batch answered: sums, so that callers may average over whatever they like. */
struct bert_losses {
    double mlm_sum; /* sum of cross entropies over the masked rows */
    size_t n_masked;
    size_t n_masked_right; /* rows whose best id is the right one */
    double nsp_sum;        /* over the sequences that have a label */
    size_t n_next;
    size_t n_next_right;
};

/* The largest batch there will be. */
struct bert_room {
    size_t tokens;
    size_t sequences;
    size_t masked;
    bool recompute;                   /* save memory: see encoder_open() */
    const struct half_kernel *halves; /* which computes the large products; NULL: fp32 throughout */
    size_t n_frozen;                  /* lowest layers that learn nothing; not 0: embeddings too */
};

/* Memory for batches of that size, allocated once. The team is borrowed; NULL computes on the caller's
 * thread. */
struct bert *bert_open(const struct bert_config *c, const struct bert_room *room,
                       struct team *team);

/* Tells that `params` are what they will be until the next such call: before the first batch, and after
 * every update. In fp32 there is nothing to do. */
void bert_take(struct bert *b, const float *params);

/* The same for params[at], ..., params[at + n - 1] only, on a lane of the team: see packed_update_part(). */
void bert_take_part(struct bert *b, const float *params, size_t lane, size_t at, size_t n);

/* Bytes of activations it would hold, without allocating them. */
size_t bert_measure(const struct bert_config *c, const struct bert_room *room, struct team *team);

/* Measures the operations from now on; NULL = no more. Borrowed. */
void bert_profile(struct bert *b, struct profile *p);

/* Bytes of activations it holds, for --log_memory_usage and messages. */
size_t bert_activation_bytes(const struct bert *b);

/* Forward only: the losses. */
void bert_evaluate(struct bert_losses *losses, struct bert *b, const float *params,
                   const struct batch *batch);

/* Forward and backward. grads += d(mlm_scale * mlm_sum + nsp_scale * nsp_sum)/d(params). */
void bert_gradient(struct bert_losses *losses, float *grads, struct bert *b, const float *params,
                   const struct batch *batch, double mlm_scale, double nsp_scale,
                   const struct bert_pass *pass);

/* Multiplications and additions of the matrix products of bert_gradient(), attention's included and
 * nothing computed twice: what speeds in FLOP/s are counted by. By the operations that a profile names,
 * and their sum. */
enum { BERT_OPERATIONS = 11 };
struct bert_operation {
    const char *name;
    double n;
};
void bert_operation_list(struct bert_operation list[BERT_OPERATIONS], const struct bert_config *c,
                         const struct batch *batch);
double bert_operations(const struct bert_config *c, const struct batch *batch);

void bert_close(struct bert *b);

#endif
