/* optimizer.c -- two passes over the arenas: moments and update with the sums for the norms, then the
 * weights. Blocks have a fixed size and their sums are added in a fixed order. */
#include "optim/optimizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ops/clones.h"

enum { BLOCK_FLOATS = 16384 }; /* four arrays of it stay in the second-level cache */

struct optimizer_block {
    size_t tensor;
    size_t at; /* in the arenas */
    size_t n;
    double grad_sum; /* of squares */
    double param_sum;
    double update_sum;
};

struct optimizer_settings optimizer_defaults(void)
{
    return (struct optimizer_settings){.kind = OPTIMIZER_LAMB,
                                       .beta1 = 0.9,
                                       .beta2 = 0.999,
                                       .eps = 1e-6,
                                       .decay = 0.01,
                                       .max_norm = 1.0};
}

const char *optimizer_name(enum optimizer_kind kind)
{
    return kind == OPTIMIZER_ADAMW ? "adamw" : "lamb";
}

bool optimizer_find(enum optimizer_kind *kind, const char *name)
{
    const enum optimizer_kind kinds[] = {OPTIMIZER_LAMB, OPTIMIZER_ADAMW};

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(name, optimizer_name(kinds[i])) == 0) {
            *kind = kinds[i];
            return true;
        }
    }
    return false;
}

static size_t floats_to_learn(const struct tensor *t)
{
    return t->frozen ? 0 : t->rows * t->cols;
}

void optimizer_init(struct optimizer *o, const struct optimizer_settings *how,
                    const struct params_list *list, struct team *team)
{
    *o = (struct optimizer){.how = *how, .list = list, .team = team};
    o->m = mem_array(list->n_floats, sizeof *o->m);
    o->v = mem_array(list->n_floats, sizeof *o->v);
    for (size_t i = 0; i < list->n; i++) {
        const size_t n = floats_to_learn(&list->tensors[i]);

        o->n_blocks += n / BLOCK_FLOATS + (n % BLOCK_FLOATS != 0);
    }
    o->blocks = mem_array(o->n_blocks, sizeof *o->blocks);
    o->n_blocks = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct tensor *t = &list->tensors[i];
        const size_t n = floats_to_learn(t);

        for (size_t at = 0; at < n; at += BLOCK_FLOATS)
            o->blocks[o->n_blocks++] = (struct optimizer_block){
                .tensor = i, .at = t->at + at, .n = n - at < BLOCK_FLOATS ? n - at : BLOCK_FLOATS};
    }
}

void optimizer_release(struct optimizer *o)
{
    free(o->m);
    free(o->v);
    free(o->blocks);
    *o = (struct optimizer){0};
}

/* Eight partial sums, so that the additions need not wait for each other. */
OPS_CLONES static double sum_of_squares(const float *x, size_t n)
{
    double sums[8] = {0};
    double sum = 0;
    size_t i = 0;

    for (; i + 8 <= n; i += 8)
        for (size_t lane = 0; lane < 8; lane++)
            sums[lane] += (double)x[i + lane] * (double)x[i + lane];
    for (; i < n; i++)
        sums[0] += (double)x[i] * (double)x[i];
    for (size_t lane = 0; lane < 8; lane++)
        sum += sums[lane];
    return sum;
}

struct norm_work {
    struct optimizer *o;
    const float *grads;
};

static void norm_block(void *context, size_t index)
{
    const struct norm_work *w = context;
    struct optimizer_block *b = &w->o->blocks[index];

    b->grad_sum = sum_of_squares(w->grads + b->at, b->n);
}

double optimizer_norm(struct optimizer *o, const float *grads)
{
    struct norm_work w = {o, grads};
    double sum = 0;

    team_run(o->team, o->n_blocks, norm_block, &w);
    for (size_t i = 0; i < o->n_blocks; i++)
        sum += o->blocks[i].grad_sum;
    return sqrt(sum);
}

struct step_work {
    struct optimizer *o;
    float *params;
    float *grads;        /* become the updates */
    const float *scales; /* (tensors) of gradients, from clipping */
    float correction1;   /* 1 / (1 - beta^t) */
    float correction2;
    const float *rates; /* (tensors) learning rate times trust ratio */
};

/* The numbers of update_block() as floats. */
struct coefficients {
    float grad_scale;
    float beta1, rest1, correction1;
    float beta2, rest2, correction2;
    float eps, decay;
};

OPS_CLONES static void update(float *restrict g, float *restrict m, float *restrict v,
                              const float *restrict p, size_t n, const struct coefficients *c)
{
    const struct coefficients k = *c; /* which the stores below cannot change */

    for (size_t i = 0; i < n; i++) {
        const float grad = g[i] * k.grad_scale;

        m[i] = k.beta1 * m[i] + k.rest1 * grad;
        v[i] = k.beta2 * v[i] + k.rest2 * grad * grad;
        g[i] = m[i] * k.correction1 / (sqrtf(v[i] * k.correction2) + k.eps) + k.decay * p[i];
    }
}

static void update_block(void *context, size_t index)
{
    const struct step_work *w = context;
    const struct optimizer *o = w->o;
    struct optimizer_block *b = &o->blocks[index];
    const struct coefficients c = {
        .grad_scale = w->scales[b->tensor],
        .beta1 = (float)o->how.beta1,
        .rest1 = (float)(1 - o->how.beta1),
        .correction1 = w->correction1,
        .beta2 = (float)o->how.beta2,
        .rest2 = (float)(1 - o->how.beta2),
        .correction2 = w->correction2,
        .eps = (float)o->how.eps,
        .decay = o->list->tensors[b->tensor].decay ? (float)o->how.decay : 0.0f,
    };

    update(w->grads + b->at, o->m + b->at, o->v + b->at, w->params + b->at, b->n, &c);
    b->param_sum = sum_of_squares(w->params + b->at, b->n);
    b->update_sum = sum_of_squares(w->grads + b->at, b->n);
}

OPS_CLONES static void apply(float *restrict p, const float *restrict change, float rate, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] -= rate * change[i];
}

static void apply_block(void *context, size_t index)
{
    const struct step_work *w = context;
    const struct optimizer_block *b = &w->o->blocks[index];

    apply(w->params + b->at, w->grads + b->at, w->rates[b->tensor], b->n);
}

/* The whole model's norm is cut first, then each tensor's. */
static void clip_scales(float *scales, const struct optimizer *o, double norm)
{
    const double all = o->how.max_norm > 0 && norm > o->how.max_norm ? o->how.max_norm / norm : 1;
    size_t block = 0;

    for (size_t i = 0; i < o->list->n; i++) {
        double sum = 0;
        double own;

        for (; block < o->n_blocks && o->blocks[block].tensor == i; block++)
            sum += o->blocks[block].grad_sum;
        own = all * sqrt(sum);
        scales[i] = (float)all;
        if (o->how.max_tensor_norm > 0 && own > o->how.max_tensor_norm)
            scales[i] = (float)(all * o->how.max_tensor_norm / own);
    }
}

/* LAMB: rate * |w| / |update| for tensors that decay, where both norms are positive; else the rate. */
static void trust_rates(float *rates, const struct optimizer *o, double rate)
{
    size_t block = 0;

    for (size_t i = 0; i < o->list->n; i++) {
        double param_sum = 0;
        double update_sum = 0;

        for (; block < o->n_blocks && o->blocks[block].tensor == i; block++) {
            param_sum += o->blocks[block].param_sum;
            update_sum += o->blocks[block].update_sum;
        }
        rates[i] = (float)rate;
        if (o->how.kind == OPTIMIZER_LAMB && o->list->tensors[i].decay && o->how.decay != 0 &&
            param_sum > 0 && update_sum > 0)
            rates[i] = (float)(rate * sqrt(param_sum / update_sum));
    }
}

void optimizer_step(struct optimizer *o, float *params, float *grads, double norm, double rate,
                    int64_t t)
{
    const bool corrected = !o->how.uncorrected;
    float *rates = mem_array(o->list->n, sizeof *rates);
    float *scales = mem_array(o->list->n, sizeof *scales);
    struct step_work w = {
        .o = o,
        .params = params,
        .grads = grads,
        .scales = scales,
        .correction1 = corrected ? (float)(1 / (1 - pow(o->how.beta1, (double)t))) : 1.0f,
        .correction2 = corrected ? (float)(1 / (1 - pow(o->how.beta2, (double)t))) : 1.0f,
        .rates = rates,
    };

    clip_scales(scales, o, norm);
    team_run(o->team, o->n_blocks, update_block, &w);
    trust_rates(rates, o, rate);
    team_run(o->team, o->n_blocks, apply_block, &w);
    free(scales);
    free(rates);
}
