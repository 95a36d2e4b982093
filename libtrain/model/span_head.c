/* span_head.c -- logits of all tokens by blocks, then the losses of all sequences, then backward.
 *
 * The two logits of a token stand side by side for the products, and apart, (2, T), for the softmax
 * over a sequence. */
#include "model/span_head.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/arena.h"
#include "ops/cross_entropy.h"
#include "ops/linear.h"

enum { ENDS = 2 }; /* of an answer: its first and its last token */

struct span_head {
    const struct bert_config *config;
    const struct params_list *list;
    struct team *team;
    struct profile *profile;
    size_t max_tokens, max_sequences;
    struct arena arena;
    float *pairs;   /* (T, 2) logits, then their gradient */
    float *apart;   /* (2, T) the same */
    double *losses; /* (S, 2) */
    bool *right;    /* (S, 2) */

    /* of the call */
    const struct batch *batch;
    const float *params;
    const float *out;
    float *d_out;
    double scales[ENDS];
};

static void plan(struct span_head *h)
{
    h->pairs = arena_take(&h->arena, h->max_tokens, ENDS);
    h->apart = arena_take(&h->arena, ENDS, h->max_tokens);
}

struct span_head *span_head_open(const struct bert_config *c, const struct params_list *l,
                                 size_t max_tokens, size_t max_sequences, struct team *team)
{
    struct span_head *h = mem_alloc(sizeof *h);

    h->config = c;
    h->list = l;
    h->team = team;
    h->max_tokens = max_tokens;
    h->max_sequences = max_sequences;
    h->losses = mem_array(max_sequences * ENDS, sizeof *h->losses);
    h->right = mem_array(max_sequences * ENDS, sizeof *h->right);
    plan(h);
    arena_place(&h->arena);
    plan(h);
    return h;
}

size_t span_head_measure(size_t max_tokens)
{
    struct span_head h = {.max_tokens = max_tokens};

    plan(&h);
    return arena_bytes(&h.arena);
}

void span_head_profile(struct span_head *h, struct profile *p)
{
    h->profile = p;
}

static void score(void *context, size_t lane, size_t item)
{
    const struct span_head *h = context;
    const struct params_shared *at = &h->list->shared;
    const size_t H = h->config->hidden_size;
    const size_t T = h->batch->n_tokens;
    size_t rows;
    const size_t first = linear_block(&rows, T, item);

    (void)lane;
    linear_forward(h->pairs + first * ENDS, h->out + first * H, h->params + at->span_w,
                   h->params + at->span_b, rows, ENDS, H);
    for (size_t i = first; i < first + rows; i++)
        for (size_t e = 0; e < ENDS; e++)
            h->apart[e * T + i] = h->pairs[i * ENDS + e];
}

/* The losses of a sequence; its logits become their gradients. */
static void ask(void *context, size_t lane, size_t k)
{
    const struct span_head *h = context;
    const struct batch *b = h->batch;
    const size_t first = b->starts[k];
    const size_t n = b->starts[k + 1] - first;

    (void)lane;
    for (size_t e = 0; e < ENDS; e++) {
        float *logits = h->apart + e * b->n_tokens + first;

        h->losses[k * ENDS + e] =
            cross_entropy(&h->right[k * ENDS + e], logits, NULL, n,
                          (size_t)b->answers[k * ENDS + e], (float)h->scales[e]);
        for (size_t i = 0; i < n; i++)
            h->pairs[(first + i) * ENDS + e] = logits[i];
    }
}

static void score_backward(void *context, size_t lane, size_t item)
{
    const struct span_head *h = context;
    const size_t H = h->config->hidden_size;
    size_t rows;
    const size_t first = linear_block(&rows, h->batch->n_tokens, item);

    (void)lane;
    linear_input_gradient(h->d_out + first * H, h->pairs + first * ENDS,
                          h->params + h->list->shared.span_w, rows, ENDS, H, true);
}

static void weights(void *context, size_t lane, size_t item)
{
    (void)lane;
    linear_weight_gradient(context, item);
}

static void backward(struct span_head *h, float *grads)
{
    const struct params_shared *at = &h->list->shared;
    struct linear_gradient g = {.dw = grads + at->span_w,
                                .db = grads + at->span_b,
                                .dy = h->pairs,
                                .x = h->out,
                                .T = h->batch->n_tokens,
                                .N = ENDS,
                                .K = h->config->hidden_size};

    profile_lanes(h->profile, "answers, backward", h->team, linear_blocks(h->batch->n_tokens),
                  score_backward, h);
    profile_lanes(h->profile, "answers, weights", h->team, linear_tiles(&g), weights, &g);
}

static void forward(struct span_head *h, const float *params, const float *out,
                    const struct batch *batch)
{
    assert(batch->n_tokens <= h->max_tokens && batch->n_sequences <= h->max_sequences);
    h->batch = batch;
    h->params = params;
    h->out = out;
    profile_lanes(h->profile, "answers", h->team, linear_blocks(batch->n_tokens), score, h);
}

void span_head_run(struct span_sums *sums, struct span_head *h, float *grads, float *d_out,
                   const float *params, const float *out, const struct batch *batch,
                   double start_scale, double end_scale)
{
    *sums = (struct span_sums){0};
    forward(h, params, out, batch);
    h->scales[0] = start_scale;
    h->scales[1] = end_scale;
    h->d_out = d_out;
    profile_lanes(h->profile, "answers, losses", h->team, batch->n_sequences, ask, h);
    if (grads)
        backward(h, grads);
    for (size_t k = 0; k < batch->n_sequences; k++) {
        sums->start += h->losses[k * ENDS];
        sums->end += h->losses[k * ENDS + 1];
        sums->n_start_right += h->right[k * ENDS];
        sums->n_end_right += h->right[k * ENDS + 1];
        sums->n_right += h->right[k * ENDS] && h->right[k * ENDS + 1];
    }
}

void span_head_logits(float *start, float *end, struct span_head *h, const float *params,
                      const float *out, const struct batch *batch)
{
    const size_t T = batch->n_tokens;

    forward(h, params, out, batch);
    memcpy(start, h->apart, T * sizeof *start);
    memcpy(end, h->apart + T, T * sizeof *end);
}

void span_head_close(struct span_head *h)
{
    if (!h)
        return;
    arena_release(&h->arena);
    free(h->losses);
    free(h->right);
    free(h);
}
