/* encoder_layer.h -- one layer of the encoder: forward and backward for all tokens of a batch.
 *
 *   x -> query, key, value -> attention inside each sequence -> context
 *     -> dense, dropout, + x -> LayerNorm -> attended
 *     -> dense -> GELU -> dense, dropout, + attended -> LayerNorm -> out          (post-LN)
 *
 * Only attention looks across rows. So a thread takes a block of rows through everything before it,
 * then a head of a sequence, then a block of rows through everything after it. */
#ifndef MODEL_ENCODER_LAYER_H
#define MODEL_ENCODER_LAYER_H

#include <stddef.h>

#include "base/team.h"
#include "data/batch.h"
#include "model/config.h"
#include "model/params.h"
#include "ops/dropout.h"
#include "ops/linear.h"
#include "ops/profile.h"

/* What the backward pass needs of one layer's forward pass. */
struct layer_activations {
    float *query, *key, *value;           /* (T, H) */
    float *log_sums;                      /* (A, T) of the attention's rows */
    float *context;                       /* (T, H) */
    float *attended_sum;                  /* (T, H) before the LayerNorm */
    float *attended_mean, *attended_rstd; /* (T) */
    float *attended;                      /* (T, H) */
    float *inner;                         /* (T, F) before GELU */
    float *outer_sum;                     /* (T, H) before the LayerNorm */
    float *outer_mean, *outer_rstd;       /* (T) */
    float *out;                           /* (T, H) */
};

/* Memory that all layers use in turn. */
struct layer_scratch {
    float *gelu;                      /* (T, F) after GELU; made again in the backward pass */
    float *d_inner;                   /* (T, F) */
    float *d_outer, *d_dense;         /* (T, H) gradients of the two dense layers before a sum */
    float *d_context;                 /* (T, H) */
    float *d_query, *d_key, *d_value; /* (T, H) */
    float *norms;                     /* (blocks, 4 H) LayerNorm gradients of each block of rows */
    float *panels;                    /* encoder_layer_panels(), of the weights of a run */
    float *attention;                 /* (lanes, attention_floats) */
    size_t attention_floats;
};

/* The dense layers; the first three and the last three share a run. */
enum { LAYER_QUERY, LAYER_KEY, LAYER_VALUE, LAYER_ATTENDED, LAYER_INNER, LAYER_OUTER, LAYER_DENSE };

/* A layer at work. */
struct encoder_layer {
    const struct bert_config *config;
    const struct params_layer *at;
    const float *params;
    const struct batch *batch;
    struct team *team;
    struct profile *profile; /* or NULL */
    const float *x;          /* (T, H) what goes in */
    const struct layer_activations *acts;
    const struct layer_scratch *scratch;
    struct dropout hidden, attention;
    uint32_t site; /* of the layer's first dropout; it has encoder_layer_sites() */
    struct linear_weight weights[LAYER_DENSE]; /* set by the passes */
    /* backward only */
    float *grads;
    float *d_out; /* (T, H) in: gradient of acts->out; out: gradient of x */
};

/* Where a layer draws dropout, counted from its first place: heads are the last. */
enum { LAYER_SITE_ATTENDED, LAYER_SITE_OUTER, LAYER_SITE_HEADS };

/* How many places of a layer draw dropout. */
uint32_t encoder_layer_sites(const struct bert_config *c);

/* Floats of panels that scratch memory has. */
size_t encoder_layer_panels(const struct bert_config *c);

void encoder_layer_forward(struct encoder_layer *layer);

/* Adds to the layer's gradients in `grads`. Follows a forward pass of the same batch. */
void encoder_layer_backward(struct encoder_layer *layer);

#endif
