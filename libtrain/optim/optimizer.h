/* optimizer.h -- a step over the table of tensors.
 *
 *   gradients are clipped by the norm of the whole model, m and v are their running moments,
 *   update = m' / (sqrt(v') + eps) + decay * w          ' = corrected for the start from zero
 *   w -= rate * ratio * update
 *
 * LAMB (arXiv:1904.00962, as NVIDIA's NVLAMB computes it): ratio = |w| / |update| of the tensor, 1 for
 * tensors that do not decay. AdamW (arXiv:1711.05101): ratio = 1. Frozen tensors stay as they are and
 * count for no norm. */
#ifndef OPTIM_OPTIMIZER_H
#define OPTIM_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/team.h"
#include "model/arena.h"
#include "model/params.h"

enum optimizer_kind { OPTIMIZER_LAMB, OPTIMIZER_ADAMW };

struct optimizer_settings {
    enum optimizer_kind kind;
    double beta1, beta2;
    double eps;
    double decay;    /* of tensors whose spec decays */
    double max_norm; /* of all gradients together; larger ones are scaled down to it, 0 = never */
    double max_tensor_norm; /* after that, of the gradient of each tensor; 0 = any */
    bool uncorrected;       /* m' = m, v' = v: the Adam of google-research/bert */
};

/* LAMB with the numbers of the original: 0.9, 0.999, 1e-6, 0.01, 1. */
struct optimizer_settings optimizer_defaults(void);

/* "lamb", "adamw" */
const char *optimizer_name(enum optimizer_kind kind);
bool optimizer_find(enum optimizer_kind *kind, const char *name);

/* Is told by the thread that did it (a lane of ops/lanes.h) that params[at], ..., params[at + n - 1] have
 * their new values and still are in its cache: a part of one tensor, and of a matrix a multiple of
 * OPTIMIZER_ROWS rows from such a multiple on, or all that are left. */
typedef void optimizer_changed(void *context, size_t lane, size_t at, size_t n);

enum { OPTIMIZER_ROWS = 32 };

struct optimizer {
    struct optimizer_settings how;
    float *m;                       /* (n_floats) first moments, an arena like the parameters */
    float *v;                       /* (n_floats) second moments */
    const struct params_list *list; /* borrowed */
    optimizer_changed *changed;     /* set by the caller; NULL: nobody is told */
    void *changed_context;
    /* work is cut into blocks of one tensor each, whatever the number of threads */
    struct optimizer_block *blocks; /* (n_blocks) */
    size_t n_blocks;
    float *scales;       /* (tensors) of gradients, from clipping */
    float *rates;        /* (tensors) learning rate times trust ratio */
    struct arena memory; /* of m and v */
    struct team *team;   /* borrowed; NULL = the caller's thread */
};

/* Zero moments. */
void optimizer_init(struct optimizer *o, const struct optimizer_settings *how,
                    const struct params_list *list, struct team *team);

/* The norm of all gradients, summed in double. Not finite when one of them is not. */
double optimizer_norm(struct optimizer *o, const float *grads);

/* One step on params with `grads`, whose norm optimizer_norm() just found to be `norm` and which become
 * zero, ready for the next step. t counts from 1 (bias correction); the same bits for any number of
 * threads. */
void optimizer_step(struct optimizer *o, float *params, float *grads, double norm, double rate,
                    int64_t t);

void optimizer_release(struct optimizer *o);

#endif
