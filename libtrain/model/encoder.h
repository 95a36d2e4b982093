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
#include "model/params.h"

struct encoder;

/* How a batch is computed. */
struct bert_pass {
    bool dropout;  /* training: the config's dropout probabilities apply */
    uint64_t seed; /* dropout draws are functions of (seed, step, token, layer, site) */
    uint64_t step;
};

/* Activations of batches of at most max_tokens; config, list and team are borrowed. */
struct encoder *encoder_open(const struct bert_config *c, const struct params_list *l,
                             size_t max_tokens, struct team *team);
size_t encoder_bytes(const struct encoder *e);

/* Computes the batch; returns its output (T, H), which lives until the next call. */
const float *encoder_forward(struct encoder *e, const float *params, const struct batch *batch,
                             const struct bert_pass *pass);

/* Where the gradient of the output goes (T, H): zeroed by encoder_forward(), added to by heads. */
float *encoder_output_gradient(struct encoder *e);

/* Adds to the gradients; batch and params are those of the last encoder_forward(). Uses up the
 * output's gradient. */
void encoder_backward(float *grads, struct encoder *e);

void encoder_close(struct encoder *e); /* NULL is fine */

#endif
