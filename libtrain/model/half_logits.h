/* half_logits.h -- hidden rows times all words, losses and gradients, in halves.
 *
 * Logits are made by 512 words and looked at in fp32: the largest, the sum of exponentials, the right one.
 * What is kept, for up to 512 rows, are the exponentials, rounded: of them come the gradients. */
#ifndef MODEL_HALF_LOGITS_H
#define MODEL_HALF_LOGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/team.h"
#include "model/arena.h"
#include "model/config.h"
#include "model/packed.h"
#include "ops/profile.h"

struct half_logits {
    const struct bert_config *config;
    const struct packed *packed;
    struct team *team;
    uint16_t *hidden;         /* (K, H) */
    uint16_t *logits;         /* (chunk, V up to a multiple of 32) exponentials, then gradients */
    struct part_of_row *row;  /* (chunk, tiles) */
    struct right_word *words; /* (chunk) */
    float *lanes;             /* (lanes, lane_floats) */
    size_t lane_floats;
};

/* Its arrays for at most max_masked rows from the arena. The rest is borrowed. */
void half_logits_plan(struct half_logits *h, struct arena *a, const struct bert_config *c,
                      size_t max_masked, const struct packed *packed, struct team *team);

/* What comes in and goes out. */
struct half_logits_work {
    struct profile *profile;
    const float *hidden;   /* (K, H) */
    const float *bias;     /* (V) */
    const int32_t *labels; /* (K) */
    size_t K;
    float scale;     /* of the gradients */
    double *losses;  /* (K) out */
    bool *right;     /* (K) out: the label is the first of the largest */
    float *d_hidden; /* (K, H) out; NULL: losses only, no gradients */
    float *d_word;   /* (V, H) added to */
    float *d_bias;   /* (V) added to */
};

void half_logits_run(struct half_logits *h, const struct half_logits_work *work);

#endif
