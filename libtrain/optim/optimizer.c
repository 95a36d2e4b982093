/* optimizer.c -- AdamW is one pass over the arenas. LAMB's trust ratio needs the norm of a tensor's update
 * before its weights change: two passes over as many tensors as the caches hold, then over the next.
 * Blocks have a fixed size and their sums are added in a fixed order. */
#include "optim/optimizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ops/clones.h"
#include "ops/lanes.h"

enum {
    BLOCK_FLOATS = 16384,  /* four arrays of it stay in the second cache */
    PART_FLOATS = 2048,    /* in the first */
    GROUP_FLOATS = 1 << 20 /* two in the last */
};

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

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t floats_to_learn(const struct tensor *t)
{
    return t->frozen ? 0 : t->rows * t->cols;
}

/* Of a matrix whole groups of rows, of a vector what is left of it. */
static size_t block_floats(const struct tensor *t)
{
    const size_t group = OPTIMIZER_ROWS * t->cols;

    return t->rows == 1 || group == 0 ? BLOCK_FLOATS
           : group < BLOCK_FLOATS     ? BLOCK_FLOATS / group * group
                                      : group;
}

/* With o->blocks == NULL only counts. */
static void cut(struct optimizer *o)
{
    o->n_blocks = 0;
    for (size_t i = 0; i < o->list->n; i++) {
        const struct tensor *t = &o->list->tensors[i];
        const size_t n = floats_to_learn(t), most = block_floats(t);

        for (size_t at = 0; at < n; at += most, o->n_blocks++)
            if (o->blocks)
                o->blocks[o->n_blocks] = (struct optimizer_block){
                    .tensor = i, .at = t->at + at, .n = smaller(n - at, most)};
    }
}

static void take_moments(struct optimizer *o)
{
    o->m = arena_take(&o->memory, 1, o->list->n_floats);
    o->v = arena_take(&o->memory, 1, o->list->n_floats);
}

void optimizer_init(struct optimizer *o, const struct optimizer_settings *how,
                    const struct params_list *list, struct team *team)
{
    *o = (struct optimizer){.how = *how, .list = list, .team = team};
    take_moments(o);
    arena_place(&o->memory);
    take_moments(o);
    o->scales = mem_array(list->n, sizeof *o->scales);
    o->rates = mem_array(list->n, sizeof *o->rates);
    cut(o);
    o->blocks = mem_array(o->n_blocks, sizeof *o->blocks);
    cut(o);
}

void optimizer_release(struct optimizer *o)
{
    arena_release(&o->memory);
    free(o->scales);
    free(o->rates);
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

static void norm_block(void *context, size_t lane, size_t index)
{
    const struct norm_work *w = context;
    struct optimizer_block *b = &w->o->blocks[index];

    (void)lane;
    b->grad_sum = sum_of_squares(w->grads + b->at, b->n);
}

double optimizer_norm(struct optimizer *o, const float *grads)
{
    struct norm_work w = {o, grads};
    double sum = 0;

    lanes_run(o->team, o->n_blocks, norm_block, &w);
    for (size_t i = 0; i < o->n_blocks; i++)
        sum += o->blocks[i].grad_sum;
    return sqrt(sum);
}

struct step_work {
    struct optimizer *o;
    float *params;
    float *grads;
    float correction1; /* 1 / (1 - beta^t) */
    float correction2;
    size_t first; /* block of the run */
};

/* What a block is computed with, as floats. */
struct coefficients {
    float grad_scale;
    float beta1, rest1, correction1;
    float beta2, rest2, correction2;
    float eps, decay;
    float rate;
};

static struct coefficients coefficients_of(const struct step_work *w,
                                           const struct optimizer_block *b)
{
    const struct optimizer *o = w->o;

    return (struct coefficients){
        .grad_scale = o->scales[b->tensor],
        .beta1 = (float)o->how.beta1,
        .rest1 = (float)(1 - o->how.beta1),
        .correction1 = w->correction1,
        .beta2 = (float)o->how.beta2,
        .rest2 = (float)(1 - o->how.beta2),
        .correction2 = w->correction2,
        .eps = (float)o->how.eps,
        .decay = o->list->tensors[b->tensor].decay ? (float)o->how.decay : 0.0f,
        .rate = o->rates[b->tensor],
    };
}

/* The moments take in a gradient; returns the update. */
static inline float update_of(float *m, float *v, float g, float p, const struct coefficients *k)
{
    const float grad = g * k->grad_scale;

    *m = k->beta1 * *m + k->rest1 * grad;
    *v = k->beta2 * *v + k->rest2 * grad * grad;
    return *m * k->correction1 / (sqrtf(*v * k->correction2) + k->eps) + k->decay * p;
}

/* Gradients become updates. */
OPS_CLONES static void update(float *restrict g, float *restrict m, float *restrict v,
                              const float *restrict p, size_t n, const struct coefficients *c)
{
    const struct coefficients k = *c; /* which the stores below cannot change */

    for (size_t i = 0; i < n; i++)
        g[i] = update_of(m + i, v + i, g[i], p[i], &k);
}

/* Updates, or gradients, become zero. */
OPS_CLONES static void apply(float *restrict p, float *restrict g, size_t n, float rate)
{
    for (size_t i = 0; i < n; i++) {
        p[i] -= rate * g[i];
        g[i] = 0;
    }
}

OPS_CLONES static void update_and_apply(float *restrict p, float *restrict g, float *restrict m,
                                        float *restrict v, size_t n, const struct coefficients *c)
{
    const struct coefficients k = *c;

    for (size_t i = 0; i < n; i++) {
        p[i] -= k.rate * update_of(m + i, v + i, g[i], p[i], &k);
        g[i] = 0;
    }
}

static void tell(const struct step_work *w, size_t lane, const struct optimizer_block *b)
{
    if (w->o->changed)
        w->o->changed(w->o->changed_context, lane, b->at, b->n);
}

/* Small parts, so that the sums find them in the first cache. */
static void update_block(void *context, size_t lane, size_t index)
{
    const struct step_work *w = context;
    const struct optimizer *o = w->o;
    struct optimizer_block *b = &o->blocks[w->first + index];
    const struct coefficients c = coefficients_of(w, b);

    (void)lane;
    b->param_sum = b->update_sum = 0;
    for (size_t i = 0; i < b->n; i += PART_FLOATS) {
        const size_t at = b->at + i, n = smaller(b->n - i, PART_FLOATS);

        update(w->grads + at, o->m + at, o->v + at, w->params + at, n, &c);
        b->param_sum += sum_of_squares(w->params + at, n);
        b->update_sum += sum_of_squares(w->grads + at, n);
    }
}

static void apply_block(void *context, size_t lane, size_t index)
{
    const struct step_work *w = context;
    const struct optimizer_block *b = &w->o->blocks[w->first + index];

    apply(w->params + b->at, w->grads + b->at, b->n, w->o->rates[b->tensor]);
    tell(w, lane, b);
}

static void step_block(void *context, size_t lane, size_t index)
{
    const struct step_work *w = context;
    const struct optimizer *o = w->o;
    const struct optimizer_block *b = &o->blocks[index];
    const struct coefficients c = coefficients_of(w, b);

    update_and_apply(w->params + b->at, w->grads + b->at, o->m + b->at, o->v + b->at, b->n, &c);
    tell(w, lane, b);
}

/* The whole model's norm is cut first, then each tensor's. */
static void clip_scales(struct optimizer *o, double norm)
{
    const double all = o->how.max_norm > 0 && norm > o->how.max_norm ? o->how.max_norm / norm : 1;
    size_t block = 0;

    for (size_t i = 0; i < o->list->n; i++) {
        double sum = 0;
        double own;

        for (; block < o->n_blocks && o->blocks[block].tensor == i; block++)
            sum += o->blocks[block].grad_sum;
        own = all * sqrt(sum);
        o->scales[i] = (float)all;
        if (o->how.max_tensor_norm > 0 && own > o->how.max_tensor_norm)
            o->scales[i] = (float)(all * o->how.max_tensor_norm / own);
    }
}

/* rate * |w| / |update| for tensors that decay, where both norms are positive; else the rate. Of the
 * tensors of blocks [first, last). */
static void trust_rates(struct optimizer *o, size_t first, size_t last, double rate)
{
    for (size_t block = first; block < last;) {
        const size_t tensor = o->blocks[block].tensor;
        double param_sum = 0;
        double update_sum = 0;

        for (; block < last && o->blocks[block].tensor == tensor; block++) {
            param_sum += o->blocks[block].param_sum;
            update_sum += o->blocks[block].update_sum;
        }
        if (o->list->tensors[tensor].decay && o->how.decay != 0 && param_sum > 0 && update_sum > 0)
            o->rates[tensor] = (float)(rate * sqrt(param_sum / update_sum));
    }
}

/* The end of the blocks of one tensor or more from `first` on: as many as stay in the last cache. */
static size_t group_end(const struct optimizer *o, size_t first)
{
    size_t last = first, floats = 0;

    while (last < o->n_blocks) {
        const size_t tensor = o->blocks[last].tensor;
        const size_t n = floats_to_learn(&o->list->tensors[tensor]);

        if (floats > 0 && floats + n > GROUP_FLOATS)
            break;
        floats += n;
        while (last < o->n_blocks && o->blocks[last].tensor == tensor)
            last++;
    }
    return last;
}

/* Weights wait for the norm of their tensor's update. */
static void step_by_groups(struct step_work *w, double rate)
{
    struct optimizer *o = w->o;
    size_t last;

    for (w->first = 0; w->first < o->n_blocks; w->first = last) {
        last = group_end(o, w->first);
        lanes_run(o->team, last - w->first, update_block, w);
        trust_rates(o, w->first, last, rate);
        lanes_run(o->team, last - w->first, apply_block, w);
    }
}

/* Their gradients may have been added to all the same. */
static void forget_frozen(const struct params_list *list, float *grads)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct tensor *t = &list->tensors[i];

        if (t->frozen)
            memset(grads + t->at, 0, t->rows * t->cols * sizeof *grads);
    }
}

void optimizer_step(struct optimizer *o, float *params, float *grads, double norm, double rate,
                    int64_t t)
{
    const bool corrected = !o->how.uncorrected;
    struct step_work w = {
        .o = o,
        .params = params,
        .grads = grads,
        .correction1 = corrected ? (float)(1 / (1 - pow(o->how.beta1, (double)t))) : 1.0f,
        .correction2 = corrected ? (float)(1 / (1 - pow(o->how.beta2, (double)t))) : 1.0f,
    };

    clip_scales(o, norm);
    for (size_t i = 0; i < o->list->n; i++)
        o->rates[i] = (float)rate;
    if (o->how.kind == OPTIMIZER_LAMB)
        step_by_groups(&w, rate);
    else
        lanes_run(o->team, o->n_blocks, step_block, &w);
    forget_frozen(o->list, grads);
}
