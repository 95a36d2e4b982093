/* pooled_head.c -- a handful of rows: blocks as everywhere, the few columns at the end by the caller. */
#include "model/pooled_head.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/arena.h"
#include "ops/cross_entropy.h"
#include "ops/dropout.h"
#include "ops/elementary.h"
#include "ops/linear.h"
#include "ops/vector.h"

/* Sites of the encoder count from 0. */
static const uint32_t SITE_POOLED = UINT32_MAX;

struct pooled_head {
    const struct bert_config *config;
    const struct params_list *list;
    struct pooled_classifier classifier;
    struct team *team;
    struct profile *profile;
    size_t max_sequences;
    struct arena arena;
    float *in;       /* (N, H) first tokens; N sequences have a label */
    float *pooled;   /* (N, H) after tanh */
    float *kept;     /* (N, H) after dropout; the same array where there is none */
    float *logits;   /* (N, C), then their gradient */
    float *d_pooled; /* (N, H), then before tanh */
    float *d_in;     /* (N, H) */
    double *losses;  /* (N) */
    bool *right;     /* (N) */
    float *answers;  /* (N) */
    size_t *from;    /* (N) rows of the encoder's output */
    size_t *which;   /* (N) number of the sequence */

    /* of the call */
    size_t n;
    const struct pooled_labels *labels; /* NULL: the logits only */
    const float *params;
    float *grads;
    const float *out;
    struct dropout dropout;
    uint64_t dropout_base;
    double scale;
};

static void plan(struct pooled_head *h)
{
    const size_t N = h->max_sequences;
    const size_t H = h->config->hidden_size;

    h->in = arena_take(&h->arena, N, H);
    h->pooled = arena_take(&h->arena, N, H);
    h->kept = h->classifier.dropout ? arena_take(&h->arena, N, H) : h->pooled;
    h->logits = arena_take(&h->arena, N, h->classifier.n_classes);
    h->d_pooled = arena_take(&h->arena, N, H);
    h->d_in = arena_take(&h->arena, N, H);
}

struct pooled_head *pooled_head_open(const struct bert_config *c, const struct params_list *l,
                                     const struct pooled_classifier *classifier,
                                     size_t max_sequences, struct team *team)
{
    struct pooled_head *h = mem_alloc(sizeof *h);

    h->config = c;
    h->list = l;
    h->classifier = *classifier;
    h->team = team;
    h->max_sequences = max_sequences;
    h->losses = mem_array(max_sequences, sizeof *h->losses);
    h->right = mem_array(max_sequences, sizeof *h->right);
    h->answers = mem_array(max_sequences, sizeof *h->answers);
    h->from = mem_array(max_sequences, sizeof *h->from);
    h->which = mem_array(max_sequences, sizeof *h->which);
    plan(h);
    arena_place(&h->arena);
    plan(h);
    return h;
}

size_t pooled_head_measure(const struct bert_config *c, const struct pooled_classifier *classifier,
                           size_t max_sequences)
{
    struct pooled_head h = {.config = c, .classifier = *classifier, .max_sequences = max_sequences};

    plan(&h);
    return arena_bytes(&h.arena);
}

void pooled_head_profile(struct pooled_head *h, struct profile *p)
{
    h->profile = p;
}

size_t pooled_head_bytes(const struct pooled_head *h)
{
    return arena_bytes(&h->arena);
}

static void list_labelled(struct pooled_head *h, const struct batch *batch)
{
    h->n = 0;
    for (size_t i = 0; i < batch->n_sequences; i++) {
        if (h->labels && h->labels->classes && h->labels->classes[i] < 0)
            continue;
        h->from[h->n] = batch->starts[i];
        h->which[h->n++] = i;
    }
}

/* d tanh(x) = 1 - tanh(x)^2 */
static void tanh_backward(float *d, const float *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        d[i] *= 1.0f - y[i] * y[i];
}

/* *x becomes d(scale * (x - y)^2) / dx. */
static double squared_error(float *x, float y, double scale)
{
    const double off = (double)*x - (double)y;

    *x = (float)(2 * scale * off);
    return off * off;
}

static size_t largest(const float *logits, size_t n)
{
    size_t at = 0;

    for (size_t i = 1; i < n; i++)
        if (logits[i] > logits[at])
            at = i;
    return at;
}

static void pool(void *context, size_t lane, size_t item)
{
    const struct pooled_head *h = context;
    const struct params_shared *at = &h->list->shared;
    const size_t H = h->config->hidden_size;
    const size_t C = h->classifier.n_classes;
    const float *p = h->params;
    size_t rows;
    const size_t first = linear_block(&rows, h->n, item);
    const size_t o = first * H;

    (void)lane;
    for (size_t i = first; i < first + rows; i++)
        memcpy(h->in + i * H, h->out + h->from[i] * H, H * sizeof *h->in);
    linear_forward(h->pooled + o, h->in + o, p + at->pooler_w, p + at->pooler_b, rows, H, H);
    elementary_tanh(h->pooled + o, h->pooled + o, rows * H);
    for (size_t i = first; i < first + rows && h->kept != h->pooled; i++)
        dropout_rows(h->kept + i * H, h->pooled + i * H, 1, H, &h->dropout, SITE_POOLED,
                     h->dropout_base + h->from[i]);
    linear_forward(h->logits + first * C, h->kept + o, p + h->classifier.w, p + h->classifier.b,
                   rows, C, H);
    for (size_t i = first; i < first + rows && h->labels; i++) {
        float *logits = h->logits + i * C;

        h->answers[i] = h->labels->scores ? *logits : (float)largest(logits, C);
        if (h->labels->scores)
            h->losses[i] = squared_error(logits, h->labels->scores[h->which[i]], h->scale);
        else
            h->losses[i] = cross_entropy(&h->right[i], logits, NULL, C,
                                         (size_t)h->labels->classes[h->which[i]], (float)h->scale);
    }
}

static void pool_backward(void *context, size_t lane, size_t item)
{
    const struct pooled_head *h = context;
    const struct params_shared *at = &h->list->shared;
    const size_t H = h->config->hidden_size;
    const size_t C = h->classifier.n_classes;
    size_t rows;
    const size_t first = linear_block(&rows, h->n, item);
    const size_t o = first * H;

    (void)lane;
    linear_input_gradient(h->d_pooled + o, h->logits + first * C, h->params + h->classifier.w, rows,
                          C, H, false);
    for (size_t i = first; i < first + rows && h->kept != h->pooled; i++)
        dropout_rows(h->d_pooled + i * H, h->d_pooled + i * H, 1, H, &h->dropout, SITE_POOLED,
                     h->dropout_base + h->from[i]);
    tanh_backward(h->d_pooled + o, h->pooled + o, rows * H);
    linear_input_gradient(h->d_in + o, h->d_pooled + o, h->params + at->pooler_w, rows, H, H,
                          false);
}

static void weights(void *context, size_t lane, size_t item)
{
    const struct linear_gradient *g = context;
    const size_t tiles = linear_tiles(&g[0]);

    (void)lane;
    if (item < tiles)
        linear_weight_gradient(&g[0], item);
    else
        linear_weight_gradient(&g[1], item - tiles);
}

static void backward(struct pooled_head *h, float *d_out)
{
    const struct params_shared *at = &h->list->shared;
    const size_t H = h->config->hidden_size;
    const struct linear_gradient pooler = {.dw = h->grads + at->pooler_w,
                                           .db = h->grads + at->pooler_b,
                                           .dy = h->d_pooled,
                                           .x = h->in,
                                           .T = h->n,
                                           .N = H,
                                           .K = H};
    const struct linear_gradient classes = {.dw = h->grads + h->classifier.w,
                                            .db = h->grads + h->classifier.b,
                                            .dy = h->logits,
                                            .x = h->kept,
                                            .T = h->n,
                                            .N = h->classifier.n_classes,
                                            .K = H};
    struct linear_gradient both[] = {pooler, classes};

    profile_lanes(h->profile, "classifier, backward", h->team, linear_blocks(h->n), pool_backward,
                  h);
    profile_lanes(h->profile, "classifier, weights", h->team,
                  linear_tiles(&pooler) + linear_tiles(&classes), weights, both);
    for (size_t i = 0; i < h->n; i++)
        vector_add(d_out + h->from[i] * H, h->d_in + i * H, H);
}

/* labels == NULL: the logits only. */
static void forward(struct pooled_head *h, const float *params, const float *out,
                    const struct batch *batch, const struct pooled_labels *labels,
                    const struct bert_pass *pass)
{
    assert(batch->n_sequences <= h->max_sequences);
    h->labels = labels;
    list_labelled(h, batch);
    h->params = params;
    h->out = out;
    h->dropout_base = batch->dropout_base;
    dropout_init(&h->dropout, pass->dropout ? h->config->hidden_dropout : 0, pass->seed,
                 pass->step);
    if (h->n > 0)
        profile_lanes(h->profile, "classifier", h->team, linear_blocks(h->n), pool, h);
}

double pooled_head_run(size_t *n, size_t *n_right, struct pooled_head *h, float *grads,
                       float *d_out, const float *params, const float *out,
                       const struct batch *batch, const struct pooled_labels *labels, double scale,
                       const struct bert_pass *pass)
{
    double sum = 0;

    assert(!labels->scores || h->classifier.n_classes == 1);
    h->grads = grads;
    h->scale = scale;
    forward(h, params, out, batch, labels, pass);
    *n = h->n;
    *n_right = 0;
    if (h->n == 0)
        return 0;
    if (grads)
        backward(h, d_out);
    for (size_t i = 0; i < h->n; i++) {
        sum += h->losses[i];
        *n_right += labels->classes && h->right[i];
    }
    return sum;
}

void pooled_head_answers(float *answers, const struct pooled_head *h)
{
    for (size_t i = 0; i < h->n; i++)
        answers[h->which[i]] = h->answers[i];
}

void pooled_head_logits(float *logits, struct pooled_head *h, const float *params, const float *out,
                        const struct batch *batch)
{
    const struct bert_pass pass = {.dropout = false};

    forward(h, params, out, batch, NULL, &pass);
    memcpy(logits, h->logits, h->n * h->classifier.n_classes * sizeof *logits);
}

void pooled_head_close(struct pooled_head *h)
{
    if (!h)
        return;
    arena_release(&h->arena);
    free(h->losses);
    free(h->right);
    free(h->answers);
    free(h->from);
    free(h->which);
    free(h);
}
