/* encoder.h -- embeddings and layers: the part of BERT that every task has.
 *
 *   ids, positions, segments -> embeddings, LayerNorm, dropout -> layer 0 -> ... -> out (T, H) */
#ifndef MODEL_ENCODER_H
#define MODEL_ENCODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/team.h"
#include "data/batch.h"
#include "model/config.h"
#include "model/packed.h"
#include "model/params.h"
#include "ops/profile.h"

struct encoder;

/* How a batch is computed. */
struct bert_pass {
    bool dropout;  /* training: the config's dropout probabilities apply */
    uint64_t seed; /* dropout draws are functions of (seed, step, token, layer, site) */
    uint64_t step;
};

/* Activations of batches of at most max_tokens: those of all layers, or with `recompute` the inputs of
 * all layers and the rest of one, which the backward pass makes again, to the bit; config, list and team are borrowed. */
struct encoder *encoder_open(const struct bert_config *c, const struct params_list *l,
                             size_t max_tokens, bool recompute, struct team *team);

/* The same in halves (half_layer.h), whose weights in `packed` (borrowed) are up to date at every
 * encoder_forward(). */
struct encoder *encoder_open_halves(const struct bert_config *c, const struct params_list *l,
                                    size_t max_tokens, bool recompute, const struct packed *packed,
                                    struct team *team);

/* For encoder_forward() only: without memory for gradients, and layers share all but their outputs.
 * `packed` as above, or NULL for fp32. */
struct encoder *encoder_open_forward(const struct bert_config *c, const struct params_list *l,
                                     size_t max_tokens, const struct packed *packed,
                                     struct team *team);
size_t encoder_bytes(const struct encoder *e);

/* What it would hold, without allocating it. */
size_t encoder_measure(const struct bert_config *c, size_t max_tokens, bool recompute,
                       struct team *team);
size_t encoder_measure_halves(const struct bert_config *c, size_t max_tokens, bool recompute,
                              struct team *team);

/* Measures its runs from now on; NULL = no more. Borrowed. */
void encoder_profile(struct encoder *e, struct profile *p);

/* Computes the batch; returns its output (T, H), which lives until the next call. */
const float *encoder_forward(struct encoder *e, const float *params, const struct batch *batch,
                             const struct bert_pass *pass);

/* The output (T, H) of one layer, below L, in the last encoder_forward() of fp32. */
const float *encoder_layer_output(const struct encoder *e, size_t layer);

/* Where the gradient of the output goes (T, H): zeroed by encoder_forward(), added to by heads. */
float *encoder_output_gradient(struct encoder *e);

/* Adds to the gradients, except those that params_freeze() has set apart: the pass ends above them.
 * Batch and params are those of the last encoder_forward(). Uses up the output's gradient. */
void encoder_backward(float *grads, struct encoder *e);

void encoder_close(struct encoder *e); /* NULL is fine */

#endif
