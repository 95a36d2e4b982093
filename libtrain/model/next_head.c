/* next_head.c -- a handful of rows: blocks as everywhere, the two columns at the end by the caller. */
#include "model/next_head.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/arena.h"
#include "ops/cross_entropy.h"
#include "ops/elementary.h"
#include "ops/linear.h"
#include "ops/vector.h"

enum { CLASSES = 2 };

struct next_head {
    const struct bert_config *config;
    const struct params_list *list;
    struct team *team;
    struct profile *profile;
    size_t max_sequences;
    struct arena arena;
    float *in;       /* (N, H) first tokens; N sequences have a label */
    float *pooled;   /* (N, H) after tanh */
    float *logits;   /* (N, 2), then their gradient */
    float *d_pooled; /* (N, H), then before tanh */
    float *d_in;     /* (N, H) */
    double *losses;  /* (N) */
    bool *right;     /* (N) */
    size_t *from;    /* (N) rows of the encoder's output */
    size_t *labels;  /* (N) */

    /* of the call */
    size_t n;
    const float *params;
    float *grads;
    const float *out;
    double scale;
};

static void plan(struct next_head *h)
{
    const size_t N = h->max_sequences;
    const size_t H = h->config->hidden_size;

    h->in = arena_take(&h->arena, N, H);
    h->pooled = arena_take(&h->arena, N, H);
    h->logits = arena_take(&h->arena, N, CLASSES);
    h->d_pooled = arena_take(&h->arena, N, H);
    h->d_in = arena_take(&h->arena, N, H);
}

struct next_head *next_head_open(const struct bert_config *c, const struct params_list *l,
                                 size_t max_sequences, struct team *team)
{
    struct next_head *h = mem_alloc(sizeof *h);

    h->config = c;
    h->list = l;
    h->team = team;
    h->max_sequences = max_sequences;
    h->losses = mem_array(max_sequences, sizeof *h->losses);
    h->right = mem_array(max_sequences, sizeof *h->right);
    h->from = mem_array(max_sequences, sizeof *h->from);
    h->labels = mem_array(max_sequences, sizeof *h->labels);
    plan(h);
    arena_place(&h->arena);
    plan(h);
    return h;
}

size_t next_head_measure(const struct bert_config *c, size_t max_sequences)
{
    struct next_head h = {.config = c, .max_sequences = max_sequences};

    plan(&h);
    return arena_bytes(&h.arena);
}

void next_head_profile(struct next_head *h, struct profile *p)
{
    h->profile = p;
}

size_t next_head_bytes(const struct next_head *h)
{
    return arena_bytes(&h->arena);
}

static void list_labelled(struct next_head *h, const struct batch *batch)
{
    h->n = 0;
    for (size_t i = 0; i < batch->n_sequences; i++) {
        if (batch->next_labels[i] < 0)
            continue;
        h->from[h->n] = batch->starts[i];
        h->labels[h->n++] = (size_t)batch->next_labels[i];
    }
}

/* d tanh(x) = 1 - tanh(x)^2 */
static void tanh_backward(float *d, const float *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        d[i] *= 1.0f - y[i] * y[i];
}

static void pool(void *context, size_t lane, size_t item)
{
    const struct next_head *h = context;
    const struct params_shared *at = &h->list->shared;
    const size_t H = h->config->hidden_size;
    const float *p = h->params;
    size_t rows;
    const size_t first = linear_block(&rows, h->n, item);
    const size_t o = first * H;

    (void)lane;
    for (size_t i = first; i < first + rows; i++)
        memcpy(h->in + i * H, h->out + h->from[i] * H, H * sizeof *h->in);
    linear_forward(h->pooled + o, h->in + o, p + at->pooler_w, p + at->pooler_b, rows, H, H);
    elementary_tanh(h->pooled + o, h->pooled + o, rows * H);
    linear_forward(h->logits + first * CLASSES, h->pooled + o, p + at->next_w, p + at->next_b, rows,
                   CLASSES, H);
    for (size_t i = first; i < first + rows; i++)
        h->losses[i] = cross_entropy(&h->right[i], h->logits + i * CLASSES, NULL, CLASSES,
                                     h->labels[i], (float)h->scale);
}

static void pool_backward(void *context, size_t lane, size_t item)
{
    const struct next_head *h = context;
    const struct params_shared *at = &h->list->shared;
    const size_t H = h->config->hidden_size;
    size_t rows;
    const size_t first = linear_block(&rows, h->n, item);
    const size_t o = first * H;

    (void)lane;
    linear_input_gradient(h->d_pooled + o, h->logits + first * CLASSES, h->params + at->next_w,
                          rows, CLASSES, H, false);
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

static void backward(struct next_head *h, float *d_out)
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
    const struct linear_gradient next = {.dw = h->grads + at->next_w,
                                         .db = h->grads + at->next_b,
                                         .dy = h->logits,
                                         .x = h->pooled,
                                         .T = h->n,
                                         .N = CLASSES,
                                         .K = H};
    struct linear_gradient both[] = {pooler, next};

    profile_lanes(h->profile, "next sentence, backward", h->team, linear_blocks(h->n),
                  pool_backward, h);
    profile_lanes(h->profile, "next sentence, weights", h->team,
                  linear_tiles(&pooler) + linear_tiles(&next), weights, both);
    for (size_t i = 0; i < h->n; i++)
        vector_add(d_out + h->from[i] * H, h->d_in + i * H, H);
}

double next_head_run(size_t *n_next, size_t *n_right, struct next_head *h, float *grads,
                     float *d_out, const float *params, const float *out, const struct batch *batch,
                     double scale)
{
    double sum = 0;

    assert(batch->n_sequences <= h->max_sequences);
    list_labelled(h, batch);
    h->params = params;
    h->grads = grads;
    h->out = out;
    h->scale = scale;
    *n_next = h->n;
    *n_right = 0;
    if (h->n == 0)
        return 0;

    profile_lanes(h->profile, "next sentence", h->team, linear_blocks(h->n), pool, h);
    if (grads)
        backward(h, d_out);
    for (size_t i = 0; i < h->n; i++) {
        sum += h->losses[i];
        *n_right += h->right[i];
    }
    return sum;
}

void next_head_close(struct next_head *h)
{
    if (!h)
        return;
    arena_release(&h->arena);
    free(h->losses);
    free(h->right);
    free(h->from);
    free(h->labels);
    free(h);
}
