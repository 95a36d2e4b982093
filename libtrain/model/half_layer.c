/* half_layer.c -- the runs of encoder_layer.c; what stands between two products is done to a panel of
 * sums, or to a block of rows, while it is in cache. */
#include "model/half_layer.h"

#include <string.h>

#include "model/encoder_layer.h"
#include "ops/gelu.h"
#include "ops/half_attention.h"
#include "ops/half_linear.h"
#include "ops/half_pack.h"
#include "ops/halves.h"
#include "ops/lanes.h"
#include "ops/layernorm.h"
#include "ops/linear.h"
#include "ops/vector.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

void half_layer_plan(struct half_activations *acts, struct arena *a, const struct bert_config *c,
                     size_t T)
{
    const size_t H = c->hidden_size;

    acts->query = arena_take_halves(a, T, H);
    acts->key = arena_take_halves(a, T, H);
    acts->value = arena_take_halves(a, T, H);
    acts->log_sums = arena_take(a, c->n_heads, T);
    acts->context = arena_take_halves(a, T, H);
    acts->attended_sum = arena_take_halves(a, T, H);
    acts->attended_mean = arena_take(a, T, 1);
    acts->attended_rstd = arena_take(a, T, 1);
    acts->attended = arena_take_halves(a, T, H);
    acts->inner = arena_take_halves(a, T, c->intermediate_size);
    acts->outer_sum = arena_take_halves(a, T, H);
    acts->outer_mean = arena_take(a, T, 1);
    acts->outer_rstd = arena_take(a, T, 1);
}

/* A lane has, in turn: two blocks of rows, a head, the factors of a tile of a weight's gradient. */
static size_t lane_floats(const struct bert_config *c, size_t T)
{
    const size_t max_len = T < c->max_positions ? T : c->max_positions;
    const size_t head = half_attention_scratch(max_len, c->hidden_size / c->n_heads);

    return larger(larger(2 * linear_most_rows() * c->hidden_size, head),
                  half_gradient_scratch() / 2);
}

static void plan_gradients(struct half_scratch *s, struct arena *a, const struct bert_config *c,
                           size_t T)
{
    const size_t H = c->hidden_size;

    s->d_inner = arena_take_halves(a, T, c->intermediate_size);
    s->d_outer = arena_take_halves(a, T, H);
    s->d_dense = arena_take_halves(a, T, H);
    s->d_context = arena_take_halves(a, T, H);
    s->d_query = arena_take_halves(a, T, H);
    s->d_key = arena_take_halves(a, T, H);
    s->d_value = arena_take_halves(a, T, H);
    s->norms = arena_take(a, linear_most_blocks(T), 4 * H);
}

void half_layer_plan_scratch(struct half_scratch *s, struct arena *a, const struct bert_config *c,
                             size_t T, size_t lanes, bool forward_only)
{
    s->gelu = arena_take_halves(a, T, c->intermediate_size);
    if (!forward_only)
        plan_gradients(s, a, c, T);
    s->lane_floats = (lane_floats(c, T) + 15) / 16 * 16;
    s->lanes = arena_take(a, lanes, s->lane_floats);
}

/* A block of rows of the batch. */
struct block {
    size_t first; /* row */
    size_t rows;
    size_t h, f; /* offset of the first row in (T, H) and (T, F) */
};

static struct block block_at(const struct half_layer *layer, size_t item)
{
    struct block b;

    b.first = linear_block(&b.rows, layer->batch->n_tokens, item);
    b.h = b.first * layer->config->hidden_size;
    b.f = b.first * layer->config->intermediate_size;
    return b;
}

static size_t n_blocks(const struct half_layer *layer)
{
    return linear_blocks(layer->batch->n_tokens);
}

static float *lane_memory(const struct half_layer *layer, size_t lane)
{
    return layer->scratch->lanes + lane * layer->scratch->lane_floats;
}

/* One head of one sequence. */
struct head {
    struct attention attention;
    size_t at;       /* offset of its first number in (T, H) */
    size_t log_sums; /* in (A, T) */
};

static struct head head_at(const struct half_layer *layer, size_t item)
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
    };
}

/* ---- forward ---- */

static void project_one(uint16_t *y, const struct half_layer *l, const struct half_weight *w,
                        size_t bias, const struct block *b)
{
    struct half_halves to = {y + b->h, l->config->hidden_size};

    half_linear_forward(l->kernel, w, l->params + bias, l->x + b->h, b->rows, half_store_halves,
                        &to);
}

static void project(void *context, size_t lane, size_t item)
{
    const struct half_layer *l = context;
    const struct block b = block_at(l, item);

    (void)lane;
    project_one(l->acts->query, l, &l->weights->query, l->at->query_b, &b);
    project_one(l->acts->key, l, &l->weights->key, l->at->key_b, &b);
    project_one(l->acts->value, l, &l->weights->value, l->at->value_b, &b);
}

static void attend(void *context, size_t lane, size_t item)
{
    const struct half_layer *l = context;
    const struct half_activations *acts = l->acts;
    const struct head h = head_at(l, item);

    half_attention_forward(acts->context + h.at, acts->log_sums + h.log_sums, acts->query + h.at,
                           acts->key + h.at, acts->value + h.at, &h.attention, l->kernel,
                           lane_memory(l, lane));
}

/* The middle of the feed-forward part, panel by panel of (T, F). */
struct middle {
    uint16_t *inner; /* (rows, F) before GELU: written forward, read backward */
    uint16_t *gelu;
    uint16_t *d_inner; /* backward only */
    size_t F;
    bool by_tanh;
};

static void keep(uint16_t *to, const struct middle *m, float *sums, size_t row, size_t rows,
                 size_t col, size_t cols)
{
    struct half_halves halves = {to, m->F};

    half_store_halves(&halves, sums, row, rows, col, cols);
}

static void activate(void *context, float *sums, size_t row, size_t rows, size_t col, size_t cols)
{
    const struct middle *m = context;

    keep(m->inner, m, sums, row, rows, col, cols);
    gelu_forward(sums, sums, rows * HALF_COLS, m->by_tanh);
    keep(m->gelu, m, sums, row, rows, col, cols);
}

/* sum + its draws + residual, then its LayerNorm; either is left in halves too. */
static void add_and_norm(uint16_t *sum_halves, uint16_t *out_halves, float *sum, float *residual,
                         float *mean, float *rstd, const struct half_layer *l,
                         const struct block *b, uint32_t site, const float *gamma,
                         const float *beta)
{
    const size_t H = l->config->hidden_size;
    const size_t n = b->rows * H;

    dropout_add_rows(sum, sum, residual, b->rows, H, &l->hidden, l->site + site,
                     l->batch->dropout_base + b->first);
    halves_round(sum_halves + b->h, sum, n);
    layernorm_forward(residual, mean + b->first, rstd + b->first, sum, gamma, beta, b->rows, H,
                      (float)l->config->layer_norm_eps);
    halves_round(out_halves + b->h, residual, n);
}

static void feed_forward(void *context, size_t lane, size_t item)
{
    const struct half_layer *l = context;
    const struct half_activations *acts = l->acts;
    const struct packed_layer *w = l->weights;
    const struct block b = block_at(l, item);
    const size_t H = l->config->hidden_size;
    const float *p = l->params;
    float *sum = lane_memory(l, lane);
    float *rows = sum + linear_most_rows() * H; /* the residual, then the output */
    struct half_floats to_sum = {sum, H};
    struct middle middle = {.inner = acts->inner + b.f,
                            .gelu = l->scratch->gelu + b.f,
                            .F = l->config->intermediate_size,
                            .by_tanh = l->config->gelu_tanh};

    half_linear_forward(l->kernel, &w->attended, p + l->at->attended_b, acts->context + b.h, b.rows,
                        half_store_floats, &to_sum);
    halves_float(rows, l->x + b.h, b.rows * H);
    add_and_norm(acts->attended_sum, acts->attended, sum, rows, acts->attended_mean,
                 acts->attended_rstd, l, &b, LAYER_SITE_ATTENDED, p + l->at->attended_norm_w,
                 p + l->at->attended_norm_b);

    half_linear_forward(l->kernel, &w->inner, p + l->at->inner_b, acts->attended + b.h, b.rows,
                        activate, &middle);
    half_linear_forward(l->kernel, &w->outer, p + l->at->outer_b, middle.gelu, b.rows,
                        half_store_floats, &to_sum);
    add_and_norm(acts->outer_sum, acts->out, sum, rows, acts->outer_mean, acts->outer_rstd, l, &b,
                 LAYER_SITE_OUTER, p + l->at->outer_norm_w, p + l->at->outer_norm_b);
    if (l->out)
        memcpy(l->out + b.h, rows, b.rows * H * sizeof *rows);
}

void half_layer_forward(struct half_layer *layer)
{
    profile_lanes(layer->profile, "query, key, value", layer->team, n_blocks(layer), project,
                  layer);
    profile_lanes(layer->profile, "attention", layer->team,
                  layer->batch->n_sequences * layer->config->n_heads, attend, layer);
    profile_lanes(layer->profile, "dense, feed forward", layer->team, n_blocks(layer), feed_forward,
                  layer);
}

/* ---- backward ---- */

static void activate_backward(void *context, float *sums, size_t row, size_t rows, size_t col,
                              size_t cols)
{
    const struct middle *m = context;
    enum { AT_ONCE = 16 };
    uint16_t inner[AT_ONCE * HALF_COLS] = {0};
    float x[AT_ONCE * HALF_COLS], y[AT_ONCE * HALF_COLS];

    for (size_t i = 0; i < rows; i += AT_ONCE) {
        const size_t n = rows - i < AT_ONCE ? rows - i : AT_ONCE;
        const uint16_t *from = m->inner + (row + i) * m->F + col;
        float *d = sums + i * HALF_COLS;

        for (size_t j = 0; j < n; j++)
            memcpy(inner + j * HALF_COLS, from + j * m->F, cols * sizeof *inner);
        halves_float(x, inner, n * HALF_COLS);
        gelu_backward(d, y, d, x, n * HALF_COLS, m->by_tanh);
        keep(m->gelu, m, y, row + i, n, col, cols);
    }
    keep(m->d_inner, m, sums, row, rows, col, cols);
}

/* Through a LayerNorm and the dropout of what was added: d becomes the gradient of the sum, d_dense
 * that of the dense layer. */
static void norm_backward(float *d, uint16_t *d_dense, float *norms, float *rows,
                          const uint16_t *sum, const float *mean, const float *rstd,
                          const struct half_layer *l, const struct block *b, uint32_t site,
                          const float *gamma)
{
    const size_t H = l->config->hidden_size;

    halves_float(rows, sum + b->h, b->rows * H);
    layernorm_backward(d, norms, norms + H, d, rows, mean + b->first, rstd + b->first, gamma,
                       b->rows, H);
    dropout_rows(rows, d, b->rows, H, &l->hidden, l->site + site,
                 l->batch->dropout_base + b->first);
    halves_round(d_dense + b->h, rows, b->rows * H);
}

static void feed_forward_backward(void *context, size_t lane, size_t item)
{
    const struct half_layer *l = context;
    const struct half_activations *acts = l->acts;
    const struct half_scratch *s = l->scratch;
    const struct packed_layer *w = l->weights;
    const struct block b = block_at(l, item);
    const size_t H = l->config->hidden_size;
    float *d = l->d_out + b.h;
    float *norms = s->norms + item * 4 * H;
    float *rows = lane_memory(l, lane);
    struct half_floats to_d = {d, H};
    struct half_halves to_context = {s->d_context + b.h, H};
    struct middle middle = {.inner = acts->inner + b.f,
                            .gelu = s->gelu + b.f,
                            .d_inner = s->d_inner + b.f,
                            .F = l->config->intermediate_size,
                            .by_tanh = l->config->gelu_tanh};

    memset(norms, 0, 4 * H * sizeof *norms);
    norm_backward(d, s->d_outer, norms, rows, acts->outer_sum, acts->outer_mean, acts->outer_rstd,
                  l, &b, LAYER_SITE_OUTER, l->params + l->at->outer_norm_w);
    half_linear_input_gradient(l->kernel, &w->outer, s->d_outer + b.h, b.rows, activate_backward,
                               &middle);
    half_linear_input_gradient(l->kernel, &w->inner, middle.d_inner, b.rows, half_add_floats,
                               &to_d);
    norm_backward(d, s->d_dense, norms + 2 * H, rows, acts->attended_sum, acts->attended_mean,
                  acts->attended_rstd, l, &b, LAYER_SITE_ATTENDED,
                  l->params + l->at->attended_norm_w);
    half_linear_input_gradient(l->kernel, &w->attended, s->d_dense + b.h, b.rows, half_store_halves,
                               &to_context);
}

static void attend_backward(void *context, size_t lane, size_t item)
{
    const struct half_layer *l = context;
    const struct half_activations *acts = l->acts;
    const struct half_scratch *s = l->scratch;
    const struct head h = head_at(l, item);

    half_attention_backward(s->d_query + h.at, s->d_key + h.at, s->d_value + h.at,
                            s->d_context + h.at, acts->query + h.at, acts->key + h.at,
                            acts->value + h.at, acts->log_sums + h.log_sums, &h.attention,
                            l->kernel, lane_memory(l, lane));
}

/* Adds what goes through query, key and value to the gradient of x. */
static void project_backward(const struct half_layer *l, size_t item)
{
    const struct half_scratch *s = l->scratch;
    const struct packed_layer *w = l->weights;
    const struct block b = block_at(l, item);
    struct half_floats to = {l->d_out + b.h, l->config->hidden_size};

    half_linear_input_gradient(l->kernel, &w->query, s->d_query + b.h, b.rows, half_add_floats,
                               &to);
    half_linear_input_gradient(l->kernel, &w->key, s->d_key + b.h, b.rows, half_add_floats, &to);
    half_linear_input_gradient(l->kernel, &w->value, s->d_value + b.h, b.rows, half_add_floats,
                               &to);
}

enum { N_DENSE = 6 };

struct last_run {
    const struct half_layer *layer;
    struct half_gradient dense[N_DENSE];
};

static struct half_gradient dense(const struct half_layer *l, size_t w, size_t b,
                                  const uint16_t *dy, const uint16_t *x, size_t N, size_t K)
{
    return (struct half_gradient){.kernel = l->kernel,
                                  .dw = l->grads + w,
                                  .db = l->grads + b,
                                  .dy = dy,
                                  .dy_ld = N,
                                  .x = x,
                                  .T = l->batch->n_tokens,
                                  .N = N,
                                  .K = K};
}

static void list_dense(struct last_run *run, const struct half_layer *l)
{
    const struct half_activations *acts = l->acts;
    const struct half_scratch *s = l->scratch;
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

    for (size_t i = 0; i < N_DENSE; i++) {
        const size_t tiles = half_gradient_tiles(&run->dense[i]);

        if (item < tiles) {
            half_weight_gradient(&run->dense[i], item,
                                 (uint16_t *)(void *)lane_memory(run->layer, lane));
            return;
        }
        item -= tiles;
    }
    project_backward(run->layer, item);
}

static void add_norm_gradients(const struct half_layer *l)
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

void half_layer_backward(struct half_layer *layer)
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
        items += half_gradient_tiles(&run.dense[i]);
    profile_lanes(layer->profile, "layer weights, backward", layer->team, items, finish, &run);
}
