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

/* ---- weights ---- */

static struct linear_weight weight(size_t *n_panels, const float *w, size_t N, size_t K,
                                   float *panels, bool backward)
{
    struct linear_weight weight = {.w = w, .N = N, .K = K, .backward = backward};
    const size_t n = linear_panels(&weight);

    weight.panels = n && panels ? panels + *n_panels : NULL;
    *n_panels += n;
    return weight;
}

/* Both runs have their panels in the same memory. Returns what the larger one needs; without `panels`,
 * which may be NULL, there are none. */
static size_t list_weights(struct linear_weight weights[LAYER_DENSE], const struct bert_config *c,
                           const struct params_layer *at, const float *params, float *panels,
                           bool backward)
{
    const size_t H = c->hidden_size;
    const size_t F = c->intermediate_size;
    size_t first = 0, last = 0;

    weights[LAYER_QUERY] = weight(&first, params + at->query_w, H, H, panels, backward);
    weights[LAYER_KEY] = weight(&first, params + at->key_w, H, H, panels, backward);
    weights[LAYER_VALUE] = weight(&first, params + at->value_w, H, H, panels, backward);
    weights[LAYER_ATTENDED] = weight(&last, params + at->attended_w, H, H, panels, backward);
    weights[LAYER_INNER] = weight(&last, params + at->inner_w, F, H, panels, backward);
    weights[LAYER_OUTER] = weight(&last, params + at->outer_w, H, F, panels, backward);
    return first > last ? first : last;
}

size_t encoder_layer_panels(const struct bert_config *c)
{
    struct linear_weight weights[LAYER_DENSE];
    const struct params_layer at = {0};
    const size_t forward = list_weights(weights, c, &at, NULL, NULL, false);
    const size_t backward = list_weights(weights, c, &at, NULL, NULL, true);

    return forward > backward ? forward : backward;
}

static void pack_strip(void *context, size_t lane, size_t item)
{
    const struct linear_weight *w = context;

    (void)lane;
    while (item >= linear_strips(w))
        item -= linear_strips(w++);
    linear_pack(w, item);
}

/* The three of a run, from `first` on. */
static void pack(struct encoder_layer *layer, size_t first)
{
    struct linear_weight *w = layer->weights + first;
    const size_t n = linear_strips(&w[0]) + linear_strips(&w[1]) + linear_strips(&w[2]);

    if (n > 0)
        profile_lanes(layer->profile, "layer weights, packed", layer->team, n, pack_strip, w);
}

/* ---- forward ---- */

static void project(void *context, size_t lane, size_t item)
{
    const struct encoder_layer *l = context;
    const struct linear_weight *w = l->weights;
    const struct block b = block_at(l, item);
    const float *p = l->params;

    (void)lane;
    linear_forward_by(l->acts->query + b.h, l->x + b.h, &w[LAYER_QUERY], p + l->at->query_b,
                      b.rows);
    linear_forward_by(l->acts->key + b.h, l->x + b.h, &w[LAYER_KEY], p + l->at->key_b, b.rows);
    linear_forward_by(l->acts->value + b.h, l->x + b.h, &w[LAYER_VALUE], p + l->at->value_b,
                      b.rows);
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
    const struct linear_weight *w = l->weights;
    const float *p = l->params;
    float *gelu = l->scratch->gelu + b.f;
    float *sum = acts->attended_sum + b.h;

    (void)lane;
    linear_forward_by(sum, acts->context + b.h, &w[LAYER_ATTENDED], p + l->at->attended_b, b.rows);
    dropout_add_rows(sum, sum, l->x + b.h, b.rows, H, &l->hidden, l->site + LAYER_SITE_ATTENDED,
                     token);
    layernorm_forward(acts->attended + b.h, acts->attended_mean + b.first,
                      acts->attended_rstd + b.first, sum, p + l->at->attended_norm_w,
                      p + l->at->attended_norm_b, b.rows, H, eps);

    linear_forward_by(acts->inner + b.f, acts->attended + b.h, &w[LAYER_INNER], p + l->at->inner_b,
                      b.rows);
    gelu_forward(gelu, acts->inner + b.f, b.rows * F, l->config->gelu_tanh);

    sum = acts->outer_sum + b.h;
    linear_forward_by(sum, gelu, &w[LAYER_OUTER], p + l->at->outer_b, b.rows);
    dropout_add_rows(sum, sum, acts->attended + b.h, b.rows, H, &l->hidden,
                     l->site + LAYER_SITE_OUTER, token);
    layernorm_forward(acts->out + b.h, acts->outer_mean + b.first, acts->outer_rstd + b.first, sum,
                      p + l->at->outer_norm_w, p + l->at->outer_norm_b, b.rows, H, eps);
}

void encoder_layer_forward(struct encoder_layer *layer)
{
    list_weights(layer->weights, layer->config, layer->at, layer->params, layer->scratch->panels,
                 false);
    pack(layer, LAYER_QUERY);
    profile_lanes(layer->profile, "query, key, value", layer->team, n_blocks(layer), project,
                  layer);
    profile_lanes(layer->profile, "attention", layer->team,
                  layer->batch->n_sequences * layer->config->n_heads, attend, layer);
    pack(layer, LAYER_ATTENDED);
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
    linear_input_gradient_by(d_inner, s->d_outer + b.h, &l->weights[LAYER_OUTER], b.rows, false);
    gelu_backward(d_inner, s->gelu + b.f, d_inner, acts->inner + b.f, b.rows * F,
                  l->config->gelu_tanh);
    linear_input_gradient_by(d, d_inner, &l->weights[LAYER_INNER], b.rows, true);

    layernorm_backward(d, norms + 2 * H, norms + 3 * H, d, acts->attended_sum + b.h,
                       acts->attended_mean + b.first, acts->attended_rstd + b.first,
                       p + l->at->attended_norm_w, b.rows, H);
    dropout_rows(s->d_dense + b.h, d, b.rows, H, &l->hidden, l->site + LAYER_SITE_ATTENDED, token);
    linear_input_gradient_by(s->d_context + b.h, s->d_dense + b.h, &l->weights[LAYER_ATTENDED],
                             b.rows, false);
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
    float *d = l->d_out + b.h;

    linear_input_gradient_by(d, s->d_query + b.h, &l->weights[LAYER_QUERY], b.rows, true);
    linear_input_gradient_by(d, s->d_key + b.h, &l->weights[LAYER_KEY], b.rows, true);
    linear_input_gradient_by(d, s->d_value + b.h, &l->weights[LAYER_VALUE], b.rows, true);
}

struct last_run {
    const struct encoder_layer *layer;
    struct linear_gradient dense[LAYER_DENSE];
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
    run->dense[LAYER_QUERY] = dense(l, at->query_w, at->query_b, s->d_query, l->x, H, H);
    run->dense[LAYER_KEY] = dense(l, at->key_w, at->key_b, s->d_key, l->x, H, H);
    run->dense[LAYER_VALUE] = dense(l, at->value_w, at->value_b, s->d_value, l->x, H, H);
    run->dense[LAYER_ATTENDED] =
        dense(l, at->attended_w, at->attended_b, s->d_dense, acts->context, H, H);
    run->dense[LAYER_INNER] = dense(l, at->inner_w, at->inner_b, s->d_inner, acts->attended, F, H);
    run->dense[LAYER_OUTER] = dense(l, at->outer_w, at->outer_b, s->d_outer, s->gelu, H, F);
}

/* The weight gradients, tile by tile, and behind them the blocks of the gradient of x. */
static void finish(void *context, size_t lane, size_t item)
{
    const struct last_run *run = context;

    (void)lane;
    for (size_t i = 0; i < LAYER_DENSE; i++) {
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

    list_weights(layer->weights, layer->config, layer->at, layer->params, layer->scratch->panels,
                 true);
    pack(layer, LAYER_ATTENDED);
    profile_lanes(layer->profile, "dense, feed forward, backward", layer->team, n_blocks(layer),
                  feed_forward_backward, layer);
    add_norm_gradients(layer);
    profile_lanes(layer->profile, "attention, backward", layer->team,
                  layer->batch->n_sequences * layer->config->n_heads, attend_backward, layer);

    pack(layer, LAYER_QUERY);
    list_dense(&run, layer);
    for (size_t i = 0; i < LAYER_DENSE; i++)
        items += linear_tiles(&run.dense[i]);
    profile_lanes(layer->profile, "layer weights, backward", layer->team, items, finish, &run);
}
