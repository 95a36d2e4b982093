/* lamb.c -- two passes over the arenas: moments and update with the sums for the norms, then the
 * weights. Blocks have a fixed size and their sums are added in a fixed order. */
#include "optim/lamb.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

enum { BLOCK_FLOATS = 16384 }; /* four arrays of it stay in the second-level cache */

struct lamb_block {
    size_t tensor;
    size_t at; /* in the arenas */
    size_t n;
    double param_sum; /* of squares */
    double update_sum;
};

void lamb_init(struct lamb *o, const struct params_list *list, struct team *team)
{
    *o = (struct lamb){.beta1 = 0.9,
                       .beta2 = 0.999,
                       .eps = 1e-6,
                       .decay = 0.01,
                       .max_norm = 1.0,
                       .list = list,
                       .team = team};
    o->m = mem_array(list->n_floats, sizeof *o->m);
    o->v = mem_array(list->n_floats, sizeof *o->v);
    for (size_t i = 0; i < list->n; i++) {
        const size_t n = list->tensors[i].rows * list->tensors[i].cols;

        o->n_blocks += n / BLOCK_FLOATS + (n % BLOCK_FLOATS != 0);
    }
    o->blocks = mem_array(o->n_blocks, sizeof *o->blocks);
    o->n_blocks = 0;
    for (size_t i = 0; i < list->n; i++) {
        const struct tensor *t = &list->tensors[i];
        const size_t n = t->rows * t->cols;

        for (size_t at = 0; at < n; at += BLOCK_FLOATS)
            o->blocks[o->n_blocks++] = (struct lamb_block){
                .tensor = i, .at = t->at + at, .n = n - at < BLOCK_FLOATS ? n - at : BLOCK_FLOATS};
    }
}

void lamb_release(struct lamb *o)
{
    free(o->m);
    free(o->v);
    free(o->blocks);
    *o = (struct lamb){0};
}

/* Eight partial sums, so that the additions need not wait for each other. */
static double sum_of_squares(const float *x, size_t n)
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
    const struct lamb *o;
    const float *grads;
    double *sums; /* (n_blocks) */
};

static void norm_block(void *context, size_t index)
{
    struct norm_work *w = context;
    const struct lamb_block *b = &w->o->blocks[index];

    w->sums[index] = sum_of_squares(w->grads + b->at, b->n);
}

double lamb_norm(const struct lamb *o, const float *grads)
{
    struct norm_work w = {o, grads, mem_array(o->n_blocks, sizeof *w.sums)};
    double sum = 0;

    team_run(o->team, o->n_blocks, norm_block, &w);
    for (size_t i = 0; i < o->n_blocks; i++)
        sum += w.sums[i];
    free(w.sums);
    return sqrt(sum);
}

struct step_work {
    struct lamb *o;
    float *params;
    float *grads;      /* become the updates */
    float grad_scale;  /* from clipping */
    float correction1; /* 1 / (1 - beta^t) */
    float correction2;
    const float *rates; /* (tensors) learning rate times trust ratio */
};

static void update_block(void *context, size_t index)
{
    const struct step_work *w = context;
    const struct lamb *o = w->o;
    struct lamb_block *b = &o->blocks[index];
    const float decay = o->list->tensors[b->tensor].decay ? (float)o->decay : 0.0f;
    const float beta1 = (float)o->beta1, rest1 = (float)(1 - o->beta1);
    const float beta2 = (float)o->beta2, rest2 = (float)(1 - o->beta2);
    const float eps = (float)o->eps;
    const float *restrict p = w->params + b->at;
    float *restrict g = w->grads + b->at;
    float *restrict m = o->m + b->at;
    float *restrict v = o->v + b->at;

    for (size_t i = 0; i < b->n; i++) {
        const float grad = g[i] * w->grad_scale;

        m[i] = beta1 * m[i] + rest1 * grad;
        v[i] = beta2 * v[i] + rest2 * grad * grad;
        g[i] = m[i] * w->correction1 / (sqrtf(v[i] * w->correction2) + eps) + decay * p[i];
    }
    b->param_sum = sum_of_squares(p, b->n);
    b->update_sum = sum_of_squares(g, b->n);
}

static void apply_block(void *context, size_t index)
{
    const struct step_work *w = context;
    const struct lamb_block *b = &w->o->blocks[index];
    const float rate = w->rates[b->tensor];
    float *restrict p = w->params + b->at;
    const float *restrict update = w->grads + b->at;

    for (size_t i = 0; i < b->n; i++)
        p[i] -= rate * update[i];
}

/* rate * |w| / |update| for tensors that decay, where both norms are positive; else the rate. */
static void trust_rates(float *rates, const struct lamb *o, double rate)
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
        if (o->list->tensors[i].decay && o->decay != 0 && param_sum > 0 && update_sum > 0)
            rates[i] = (float)(rate * sqrt(param_sum / update_sum));
    }
}

void lamb_step(struct lamb *o, float *params, float *grads, double norm, double rate, int64_t t)
{
    float *rates = mem_array(o->list->n, sizeof *rates);
    struct step_work w = {
        .o = o,
        .params = params,
        .grads = grads,
        .grad_scale = norm > o->max_norm ? (float)(o->max_norm / norm) : 1.0f,
        .correction1 = (float)(1 / (1 - pow(o->beta1, (double)t))),
        .correction2 = (float)(1 / (1 - pow(o->beta2, (double)t))),
        .rates = rates,
    };

    team_run(o->team, o->n_blocks, update_block, &w);
    trust_rates(rates, o, rate);
    team_run(o->team, o->n_blocks, apply_block, &w);
    free(rates);
}
