/* lamb.h -- layer-wise adaptive moments (arXiv:1904.00962) as NVIDIA's NVLAMB computes them:
 * gradients are clipped by the norm of the whole model, every tensor that decays is one layer. */
#ifndef OPTIM_LAMB_H
#define OPTIM_LAMB_H

#include <stddef.h>
#include <stdint.h>

#include "base/team.h"
#include "model/params.h"

struct lamb {
    double beta1, beta2;
    double eps;
    double decay;    /* 0.01; tensors whose spec does not decay have 0 and trust ratio 1 */
    double max_norm; /* of all gradients together; larger ones are scaled down to it */
    float *m;        /* (n_floats) first moments, an arena like the parameters */
    float *v;        /* (n_floats) second moments */
    const struct params_list *list; /* borrowed */
    /* work is cut into blocks of one tensor each, whatever the number of threads */
    struct lamb_block *blocks; /* (n_blocks) */
    size_t n_blocks;
    struct team *team; /* borrowed; NULL = the caller's thread */
};

/* The original's numbers and zero moments. */
void lamb_init(struct lamb *o, const struct params_list *list, struct team *team);

/* The norm of all gradients, summed in double. Not finite when one of them is not. */
double lamb_norm(const struct lamb *o, const float *grads);

/* One step on params with `grads`, whose norm is `norm` and which are overwritten. t counts from 1
 * (bias correction); the same bits for any number of threads. */
void lamb_step(struct lamb *o, float *params, float *grads, double norm, double rate, int64_t t);

void lamb_release(struct lamb *o);

#endif
