/* half_layer.h -- encoder_layer.h in halves: products, and what is kept for the backward pass, have 16
 * bits; sums, LayerNorms, softmaxes and the gradient on its way back are fp32.
 *
 * Rows go through the same runs in the same blocks, and dropout draws the same. */
#ifndef MODEL_HALF_LAYER_H
#define MODEL_HALF_LAYER_H

#include <stddef.h>
#include <stdint.h>

#include "base/team.h"
#include "data/batch.h"
#include "model/arena.h"
#include "model/config.h"
#include "model/packed.h"
#include "model/params.h"
#include "ops/dropout.h"
#include "ops/profile.h"

/* What the backward pass needs of one layer's forward pass. */
struct half_activations {
    uint16_t *query, *key, *value;        /* (T, H) */
    float *log_sums;                      /* (A, T) of the attention's rows */
    uint16_t *context;                    /* (T, H) */
    uint16_t *attended_sum;               /* (T, H) before the LayerNorm */
    float *attended_mean, *attended_rstd; /* (T) */
    uint16_t *attended;                   /* (T, H) */
    uint16_t *inner;                      /* (T, F) before GELU */
    uint16_t *outer_sum;                  /* (T, H) before the LayerNorm */
    float *outer_mean, *outer_rstd;       /* (T) */
    uint16_t *out;                        /* (T, H) */
};

/* Memory that all layers use in turn. */
struct half_scratch {
    uint16_t *gelu;                      /* (T, F) after GELU; made again in the backward pass */
    uint16_t *d_inner;                   /* (T, F) */
    uint16_t *d_outer, *d_dense;         /* (T, H) gradients of the two dense layers before a sum */
    uint16_t *d_context;                 /* (T, H) */
    uint16_t *d_query, *d_key, *d_value; /* (T, H) */
    float *norms; /* (blocks, 4 H) LayerNorm gradients of each block of rows */
    float *lanes; /* (lanes, lane_floats) */
    size_t lane_floats;
};

/* A layer at work. */
struct half_layer {
    const struct bert_config *config;
    const struct params_layer *at;
    const float *params;
    const struct packed_layer *weights;
    const struct half_kernel *kernel;
    const struct batch *batch;
    struct team *team;
    struct profile *profile; /* or NULL */
    const uint16_t *x;       /* (T, H) what goes in */
    const struct half_activations *acts;
    const struct half_scratch *scratch;
    float *out; /* (T, H) acts->out before rounding, for heads; NULL = not wanted */
    struct dropout hidden, attention;
    uint32_t site; /* of the layer's first dropout */
    /* backward only */
    float *grads;
    float *d_out; /* (T, H) in: gradient of acts->out; out: gradient of x */
};

/* Their arrays for T tokens, except acts->out, from the arena. */
void half_layer_plan(struct half_activations *acts, struct arena *a, const struct bert_config *c,
                     size_t T);

/* Without the gradients and norms if forward_only. */
void half_layer_plan_scratch(struct half_scratch *s, struct arena *a, const struct bert_config *c,
                             size_t T, size_t lanes, bool forward_only);

void half_layer_forward(struct half_layer *layer);

/* Adds to the layer's gradients in `grads`. Follows a forward pass of the same batch. */
void half_layer_backward(struct half_layer *layer);

#endif
