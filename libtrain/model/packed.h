/* packed.h -- the weights that matrix products of halves read: rounded to 16 bits and packed both ways.
 *
 * The weights that are learnt stay fp32; these copies are made of them once a step. */
#ifndef MODEL_PACKED_H
#define MODEL_PACKED_H

#include <stddef.h>
#include <stdint.h>

#include "base/team.h"
#include "model/arena.h"
#include "model/config.h"
#include "model/params.h"
#include "ops/half_linear.h"

struct packed_layer {
    struct half_weight query, key, value; /* (H, H) */
    struct half_weight attended;          /* (H, H) */
    struct half_weight inner;             /* (F, H) */
    struct half_weight outer;             /* (H, F) */
};

struct packed {
    const struct half_kernel *kernel;
    struct packed_layer *layers; /* (L) */
    struct half_weight word;     /* (V, H) of HEADS_PRETRAINING */
    struct arena arena;
    struct packed_item *items; /* what packing is cut into, as it lies in the parameters */
    size_t n_items;
    uint16_t *scratch; /* (lanes, scratch_halves) */
    size_t scratch_halves;
};

/* Memory for the copies; config and list may go. */
void packed_open(struct packed *p, const struct bert_config *c, const struct params_list *l,
                 const struct half_kernel *kernel, const struct team *team);

/* What it would hold, without allocating it. */
size_t packed_measure(const struct bert_config *c, const struct team *team);

/* Copies the present weights. */
void packed_update(struct packed *p, const float *params, struct team *team);

/* Copies those of params[at], ..., params[at + n - 1], on the calling thread, which is a lane of the team
 * given at the start. Whatever is half inside counts as outside unless it begins there: parts are
 * multiples of HALF_STRIP rows, as an optimiser has them (optim/optimizer.h). */
void packed_update_part(const struct packed *p, const float *params, size_t lane, size_t at,
                        size_t n);

void packed_release(struct packed *p);

#endif
