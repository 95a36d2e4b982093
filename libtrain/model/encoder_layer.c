/* encoder_layer.c -- the runs of a layer: each is one function of (lane, item) over all threads. */
#include "model/encoder_layer.h"

#include <string.h>

#include "ops/attention.h"
#include "ops/gelu.h"
#include "ops/layernorm.h"
#include "ops/linear.h"
#include "ops/vector.h"

uint32_t encoder_layer_sites(const struct bert_config *c)
{
    return LAYER_SITE_HEADS + (uint32_t)c->n_heads;
}

/* A block of rows of the batch. */
struct block {
    size_t first; /* row */
    size_t rows;
    size_t h, f; /* offset of the first row in (T, H) and (T, F) */
};

static struct block block_at(const struct encoder_layer *layer, size_t item)
{
    struct block b;

    b.first = linear_block(&b.rows, layer->batch->n_tokens, item);
    b.h = b.first * layer->config->hidden_size;
    b.f = b.first * layer->config->intermediate_size;
    return b;
}

static size_t n_blocks(const struct encoder_layer *layer)
{
    return linear_blocks(layer->batch->n_tokens);
}

/* One head of one sequence. */
struct head {
    struct attention attention;
    size_t at;       /* offset of its first number in (T, H) */
    size_t log_sums; /* in (A, T) */
    float *scratch;
};

static struct head head_at(const struct encoder_layer *layer, size_t lane, size_t item)
{
    const struct batch *batch = layer->batch;
    const size_t H = layer->config->hidden_size;
    const size_t A = layer->config->n_heads;
    const size_t first = batch->starts[item / A];
    const size_t n = item % A;

    return (struct head){
        .attention = {.n = batch->starts[item / A + 1] - first,
                      .d = H / A,
                      .stride = H,
                      .dropout = &layer->attention,
                      .site = layer->site + LAYER_SITE_HEADS + (uint32_t)n,
                      .token = batch->dropout_base + first},
        .at = first * H + n * (H / A),
        .log_sums = n * batch->n_tokens + first,
        .scratch = layer->scratch->attention + lane * layer->scratch->attention_floats,
    };
}

/* ---- forward ---- */

static void project(void *context, size_t lane, size_t item)
{
    const struct encoder_layer *l = context;
    const struct block b = block_at(l, item);
    const size_t H = l->config->hidden_size;
    const float *p = l->params;

    (void)lane;
    linear_forward(l->acts->query + b.h, l->x + b.h, p + l->at->query_w, p + l->at->query_b, b.rows,
                   H, H);
    linear_forward(l->acts->key + b.h, l->x + b.h, p + l->at->key_w, p + l->at->key_b, b.rows, H,
                   H);
    linear_forward(l->acts->value + b.h, l->x + b.h, p + l->at->value_w, p + l->at->value_b, b.rows,
                   H, H);
}

static void attend(void *context, size_t lane, size_t item)
{
    const struct encoder_layer *l = context;
    const struct layer_activations *acts = l->acts;
    const struct head h = head_at(l, lane, item);

    attention_forward(acts->context + h.at, acts->log_sums + h.log_sums, acts->query + h.at,
                      acts->key + h.at, acts->value + h.at, &h.attention, h.scratch);
}

static void feed_forward(void *context, size_t lane, size_t item)
{
    const struct encoder_layer *l = context;
    const struct layer_activations *acts = l->acts;
    const struct block b = block_at(l, item);
    const size_t H = l->config->hidden_size;
    const size_t F = l->config->intermediate_size;
    const uint64_t token = l->batch->dropout_base + b.first;
    const float eps = (float)l->config->layer_norm_eps;
    const float *p = l->params;
    float *gelu = l->scratch->gelu + b.f;
    float *sum = acts->attended_sum + b.h;

    (void)lane;
    linear_forward(sum, acts->context + b.h, p + l->at->attended_w, p + l->at->attended_b, b.rows,
                   H, H);
    dropout_add_rows(sum, sum, l->x + b.h, b.rows, H, &l->hidden, l->site + LAYER_SITE_ATTENDED,
                     token);
    layernorm_forward(acts->attended + b.h, acts->attended_mean + b.first,
                      acts->attended_rstd + b.first, sum, p + l->at->attended_norm_w,
                      p + l->at->attended_norm_b, b.rows, H, eps);

    linear_forward(acts->inner + b.f, acts->attended + b.h, p + l->at->inner_w, p + l->at->inner_b,
                   b.rows, F, H);
    gelu_forward(gelu, acts->inner + b.f, b.rows * F, l->config->gelu_tanh);

    sum = acts->outer_sum + b.h;
    linear_forward(sum, gelu, p + l->at->outer_w, p + l->at->outer_b, b.rows, H, F);
    dropout_add_rows(sum, sum, acts->attended + b.h, b.rows, H, &l->hidden,
                     l->site + LAYER_SITE_OUTER, token);
    layernorm_forward(acts->out + b.h, acts->outer_mean + b.first, acts->outer_rstd + b.first, sum,
                      p + l->at->outer_norm_w, p + l->at->outer_norm_b, b.rows, H, eps);
}

void encoder_layer_forward(struct encoder_layer *layer)
{
    profile_lanes(layer->profile, "query, key, value", layer->team, n_blocks(layer), project,
                  layer);
    profile_lanes(layer->profile, "attention", layer->team,
                  layer->batch->n_sequences * layer->config->n_heads, attend, layer);
    profile_lanes(layer->profile, "dense, feed forward", layer->team, n_blocks(layer), feed_forward,
                  layer);
}

/* ---- backward ---- */

/* d_out, the gradient of out, becomes that of attended_sum; d_context follows from it. */
static void feed_forward_backward(void *context, size_t lane, size_t item)
{
    const struct encoder_layer *l = context;
    const struct layer_activations *acts = l->acts;
    const struct layer_scratch *s = l->scratch;
    const struct block b = block_at(l, item);
    const size_t H = l->config->hidden_size;
    const size_t F = l->config->intermediate_size;
    const uint64_t token = l->batch->dropout_base + b.first;
    const float *p = l->params;
    float *d = l->d_out + b.h;
    float *d_inner = s->d_inner + b.f;
    float *norms = s->norms + item * 4 * H;

    (void)lane;
    memset(norms, 0, 4 * H * sizeof *norms);
    layernorm_backward(d, norms, norms + H, d, acts->outer_sum + b.h, acts->outer_mean + b.first,
                       acts->outer_rstd + b.first, p + l->at->outer_norm_w, b.rows, H);
    dropout_rows(s->d_outer + b.h, d, b.rows, H, &l->hidden, l->site + LAYER_SITE_OUTER, token);
    linear_input_gradient(d_inner, s->d_outer + b.h, p + l->at->outer_w, b.rows, H, F, false);
    gelu_backward(d_inner, s->gelu + b.f, d_inner, acts->inner + b.f, b.rows * F,
                  l->config->gelu_tanh);
    linear_input_gradient(d, d_inner, p + l->at->inner_w, b.rows, F, H, true);

    layernorm_backward(d, norms + 2 * H, norms + 3 * H, d, acts->attended_sum + b.h,
                       acts->attended_mean + b.first, acts->attended_rstd + b.first,
                       p + l->at->attended_norm_w, b.rows, H);
    dropout_rows(s->d_dense + b.h, d, b.rows, H, &l->hidden, l->site + LAYER_SITE_ATTENDED, token);
    linear_input_gradient(s->d_context + b.h, s->d_dense + b.h, p + l->at->attended_w, b.rows, H, H,
                          false);
}

static void attend_backward(void *context, size_t lane, size_t item)
{
    const struct encoder_layer *l = context;
    const struct layer_activations *acts = l->acts;
    const struct layer_scratch *s = l->scratch;
    const struct head h = head_at(l, lane, item);

    attention_backward(s->d_query + h.at, s->d_key + h.at, s->d_value + h.at, s->d_context + h.at,
                       acts->query + h.at, acts->key + h.at, acts->value + h.at,
                       acts->log_sums + h.log_sums, &h.attention, h.scratch);
}

/* Adds what goes through query, key and value to the gradient of x. */
static void project_backward(const struct encoder_layer *l, size_t item)
{
    const struct layer_scratch *s = l->scratch;
    const struct block b = block_at(l, item);
    const size_t H = l->config->hidden_size;
    float *d = l->d_out + b.h;

    linear_input_gradient(d, s->d_query + b.h, l->params + l->at->query_w, b.rows, H, H, true);
    linear_input_gradient(d, s->d_key + b.h, l->params + l->at->key_w, b.rows, H, H, true);
    linear_input_gradient(d, s->d_value + b.h, l->params + l->at->value_w, b.rows, H, H, true);
}

enum { N_DENSE = 6 };

struct last_run {
    const struct encoder_layer *layer;
    struct linear_gradient dense[N_DENSE];
};

static struct linear_gradient dense(const struct encoder_layer *l, size_t w, size_t b,
                                    const float *dy, const float *x, size_t N, size_t K)
{
    return (struct linear_gradient){.dw = l->grads + w,
                                    .db = l->grads + b,
                                    .dy = dy,
                                    .x = x,
                                    .T = l->batch->n_tokens,
                                    .N = N,
                                    .K = K};
}

static void list_dense(struct last_run *run, const struct encoder_layer *l)
{
    const struct layer_activations *acts = l->acts;
    const struct layer_scratch *s = l->scratch;
    const struct params_layer *at = l->at;
    const size_t H = l->config->hidden_size;
    const size_t F = l->config->intermediate_size;

    run->layer = l;
    run->dense[0] = dense(l, at->query_w, at->query_b, s->d_query, l->x, H, H);
    run->dense[1] = dense(l, at->key_w, at->key_b, s->d_key, l->x, H, H);
    run->dense[2] = dense(l, at->value_w, at->value_b, s->d_value, l->x, H, H);
    run->dense[3] = dense(l, at->attended_w, at->attended_b, s->d_dense, acts->context, H, H);
    run->dense[4] = dense(l, at->inner_w, at->inner_b, s->d_inner, acts->attended, F, H);
    run->dense[5] = dense(l, at->outer_w, at->outer_b, s->d_outer, s->gelu, H, F);
}

/* The weight gradients, tile by tile, and behind them the blocks of the gradient of x. */
static void finish(void *context, size_t lane, size_t item)
{
    const struct last_run *run = context;

    (void)lane;
    for (size_t i = 0; i < N_DENSE; i++) {
        const size_t tiles = linear_tiles(&run->dense[i]);

        if (item < tiles) {
            linear_weight_gradient(&run->dense[i], item);
            return;
        }
        item -= tiles;
    }
    project_backward(run->layer, item);
}

static void add_norm_gradients(const struct encoder_layer *l)
{
    const size_t H = l->config->hidden_size;

    for (size_t i = 0; i < n_blocks(l); i++) {
        const float *norms = l->scratch->norms + i * 4 * H;

        vector_add(l->grads + l->at->outer_norm_w, norms, H);
        vector_add(l->grads + l->at->outer_norm_b, norms + H, H);
        vector_add(l->grads + l->at->attended_norm_w, norms + 2 * H, H);
        vector_add(l->grads + l->at->attended_norm_b, norms + 3 * H, H);
    }
}

void encoder_layer_backward(struct encoder_layer *layer)
{
    struct last_run run;
    size_t items = n_blocks(layer);

    profile_lanes(layer->profile, "dense, feed forward, backward", layer->team, n_blocks(layer),
                  feed_forward_backward, layer);
    add_norm_gradients(layer);
    profile_lanes(layer->profile, "attention, backward", layer->team,
                  layer->batch->n_sequences * layer->config->n_heads, attend_backward, layer);

    list_dense(&run, layer);
    for (size_t i = 0; i < N_DENSE; i++)
        items += linear_tiles(&run.dense[i]);
    profile_lanes(layer->profile, "layer weights, backward", layer->team, items, finish, &run);
}
