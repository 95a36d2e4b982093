/* encoder.c -- plans the activations once, then walks over the layers forth and back. */
#include "model/encoder.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/arena.h"
#include "model/encoder_layer.h"
#include "model/half_layer.h"
#include "ops/attention.h"
#include "ops/embedding.h"
#include "ops/gemm.h"
#include "ops/halves.h"
#include "ops/lanes.h"
#include "ops/layernorm.h"
#include "ops/linear.h"
#include "ops/vector.h"

enum { SITE_EMBEDDINGS, SITE_LAYERS };

struct encoder {
    const struct bert_config *config;
    const struct params_list *list;
    struct team *team;
    struct profile *profile;
    size_t max_tokens;
    bool recompute; /* layers share one set of activations, their outputs excepted */
    bool forward_only;
    struct arena arena;

    float *sum;                       /* (T, H) of the embeddings, before the LayerNorm */
    float *mean, *rstd;               /* (T) */
    float *x;                         /* (T, H) input of layer 0 */
    struct layer_activations *layers; /* (L) */
    struct layer_scratch scratch;
    bool in_halves;                       /* then these stand for x, layers and scratch: */
    const struct packed *packed;          /* their weights */
    uint16_t *half_x;                     /* (T, H) */
    struct half_activations *half_layers; /* (L) */
    struct half_scratch half_scratch;
    float *norms; /* (blocks, 2 H) of the scratch that is used */
    float *d_out; /* (T, H) the gradient on its way back */

    /* of the last forward pass */
    const float *params;
    const struct batch *batch;
    struct dropout hidden, attention;
    float *grads; /* backward only */
};

static void plan_layer(struct layer_activations *acts, struct arena *a, const struct bert_config *c,
                       size_t T)
{
    const size_t H = c->hidden_size;

    acts->query = arena_take(a, T, H);
    acts->key = arena_take(a, T, H);
    acts->value = arena_take(a, T, H);
    acts->log_sums = arena_take(a, c->n_heads, T);
    acts->context = arena_take(a, T, H);
    acts->attended_sum = arena_take(a, T, H);
    acts->attended_mean = arena_take(a, T, 1);
    acts->attended_rstd = arena_take(a, T, 1);
    acts->attended = arena_take(a, T, H);
    acts->inner = arena_take(a, T, c->intermediate_size);
    acts->outer_sum = arena_take(a, T, H);
    acts->outer_mean = arena_take(a, T, 1);
    acts->outer_rstd = arena_take(a, T, 1);
}

static void plan_gradients(struct layer_scratch *s, struct arena *a, const struct bert_config *c,
                           size_t T)
{
    const size_t H = c->hidden_size;

    s->d_inner = arena_take(a, T, c->intermediate_size);
    s->d_outer = arena_take(a, T, H);
    s->d_dense = arena_take(a, T, H);
    s->d_context = arena_take(a, T, H);
    s->d_query = arena_take(a, T, H);
    s->d_key = arena_take(a, T, H);
    s->d_value = arena_take(a, T, H);
    s->norms = arena_take(a, linear_most_blocks(T), 4 * H);
}

static void plan_scratch(struct layer_scratch *s, struct arena *a, const struct bert_config *c,
                         size_t T, size_t lanes, bool forward_only)
{
    const size_t max_len = T < c->max_positions ? T : c->max_positions;

    s->gelu = arena_take(a, T, c->intermediate_size);
    if (!forward_only)
        plan_gradients(s, a, c, T);
    s->panels = arena_take(a, encoder_layer_panels(c), 1);
    s->attention_floats = attention_scratch(max_len);
    s->attention = arena_take(a, lanes, s->attention_floats);
}

static void plan_layers(struct encoder *e)
{
    const struct bert_config *c = e->config;
    const size_t T = e->max_tokens;

    for (size_t i = 0; i < c->n_layers; i++) {
        if (i > 0 && e->recompute)
            e->layers[i] = e->layers[0];
        else
            plan_layer(&e->layers[i], &e->arena, c, T);
        e->layers[i].out = arena_take(&e->arena, T, c->hidden_size);
    }
    plan_scratch(&e->scratch, &e->arena, c, T, lanes_count(e->team), e->forward_only);
    e->norms = e->scratch.norms;
}

static void plan_half_layers(struct encoder *e)
{
    const struct bert_config *c = e->config;
    const size_t T = e->max_tokens;

    e->half_x = arena_take_halves(&e->arena, T, c->hidden_size);
    for (size_t i = 0; i < c->n_layers; i++) {
        if (i > 0 && e->recompute)
            e->half_layers[i] = e->half_layers[0];
        else
            half_layer_plan(&e->half_layers[i], &e->arena, c, T);
        e->half_layers[i].out = arena_take_halves(&e->arena, T, c->hidden_size);
    }
    half_layer_plan_scratch(&e->half_scratch, &e->arena, c, T, lanes_count(e->team),
                            e->forward_only);
    e->norms = e->half_scratch.norms;
}

static void plan(struct encoder *e)
{
    const struct bert_config *c = e->config;
    const size_t T = e->max_tokens;

    e->sum = arena_take(&e->arena, T, c->hidden_size);
    e->mean = arena_take(&e->arena, T, 1);
    e->rstd = arena_take(&e->arena, T, 1);
    e->x = arena_take(&e->arena, T, c->hidden_size);
    if (!e->forward_only)
        e->d_out = arena_take(&e->arena, T, c->hidden_size);
    if (e->in_halves)
        plan_half_layers(e);
    else
        plan_layers(e);
}

static void take_layers(struct encoder *e)
{
    const size_t n = e->config->n_layers;

    if (e->in_halves)
        e->half_layers = mem_array(n, sizeof *e->half_layers);
    else
        e->layers = mem_array(n, sizeof *e->layers);
}

static struct encoder *open_as(const struct encoder *how, const struct params_list *l)
{
    struct encoder *e = mem_alloc(sizeof *e);

    gemm_keep_to_caller();
    *e = *how;
    e->list = l;
    take_layers(e);
    plan(e);
    arena_place(&e->arena);
    plan(e);
    return e;
}

static size_t measure(struct encoder e)
{
    take_layers(&e);
    plan(&e);
    free(e.layers);
    free(e.half_layers);
    return arena_bytes(&e.arena);
}

struct encoder *encoder_open(const struct bert_config *c, const struct params_list *l,
                             size_t max_tokens, bool recompute, struct team *team)
{
    const struct encoder how = {
        .config = c, .team = team, .max_tokens = max_tokens, .recompute = recompute};

    return open_as(&how, l);
}

struct encoder *encoder_open_halves(const struct bert_config *c, const struct params_list *l,
                                    size_t max_tokens, bool recompute, const struct packed *packed,
                                    struct team *team)
{
    const struct encoder how = {.config = c,
                                .team = team,
                                .max_tokens = max_tokens,
                                .recompute = recompute,
                                .in_halves = true,
                                .packed = packed};

    return open_as(&how, l);
}

struct encoder *encoder_open_forward(const struct bert_config *c, const struct params_list *l,
                                     size_t max_tokens, const struct packed *packed,
                                     struct team *team)
{
    const struct encoder how = {.config = c,
                                .team = team,
                                .max_tokens = max_tokens,
                                .recompute = true,
                                .forward_only = true,
                                .in_halves = packed != NULL,
                                .packed = packed};

    return open_as(&how, l);
}

size_t encoder_measure(const struct bert_config *c, size_t max_tokens, bool recompute,
                       struct team *team)
{
    return measure((struct encoder){
        .config = c, .team = team, .max_tokens = max_tokens, .recompute = recompute});
}

size_t encoder_measure_halves(const struct bert_config *c, size_t max_tokens, bool recompute,
                              struct team *team)
{
    return measure((struct encoder){.config = c,
                                    .team = team,
                                    .max_tokens = max_tokens,
                                    .recompute = recompute,
                                    .in_halves = true});
}

void encoder_profile(struct encoder *e, struct profile *p)
{
    e->profile = p;
}

size_t encoder_bytes(const struct encoder *e)
{
    return arena_bytes(&e->arena);
}

static struct embedding_rows rows_of(const struct batch *b)
{
    return (struct embedding_rows){
        .ids = b->ids, .positions = b->positions, .segments = b->segments};
}

static void embed(void *context, size_t lane, size_t item)
{
    struct encoder *e = context;
    const struct params_shared *at = &e->list->shared;
    const struct embedding_rows rows = rows_of(e->batch);
    const size_t H = e->config->hidden_size;
    size_t n;
    const size_t first = linear_block(&n, e->batch->n_tokens, item);
    const struct embedding tables = {at->word, at->position, at->type, H};
    const float *p = e->params;

    (void)lane;
    embedding_forward(e->sum, p, &tables, &rows, first, first + n);
    layernorm_forward(e->x + first * H, e->mean + first, e->rstd + first, e->sum + first * H,
                      p + at->norm_w, p + at->norm_b, n, H, (float)e->config->layer_norm_eps);
    dropout_rows(e->x + first * H, e->x + first * H, n, H, &e->hidden, SITE_EMBEDDINGS,
                 e->batch->dropout_base + first);
    if (e->in_halves)
        halves_round(e->half_x + first * H, e->x + first * H, n * H);
}

static struct encoder_layer layer_at(struct encoder *e, size_t i)
{
    return (struct encoder_layer){
        .config = e->config,
        .at = &e->list->layers[i],
        .params = e->params,
        .batch = e->batch,
        .team = e->team,
        .profile = e->profile,
        .x = i ? e->layers[i - 1].out : e->x,
        .acts = &e->layers[i],
        .scratch = &e->scratch,
        .hidden = e->hidden,
        .attention = e->attention,
        .site = SITE_LAYERS + (uint32_t)i * encoder_layer_sites(e->config),
        .grads = e->grads,
        .d_out = e->d_out,
    };
}

/* The last layer leaves its output in fp32 where the embeddings were: heads are fp32. */
static struct half_layer half_layer_at(struct encoder *e, size_t i)
{
    return (struct half_layer){
        .config = e->config,
        .at = &e->list->layers[i],
        .params = e->params,
        .weights = &e->packed->layers[i],
        .kernel = e->packed->kernel,
        .batch = e->batch,
        .team = e->team,
        .profile = e->profile,
        .x = i ? e->half_layers[i - 1].out : e->half_x,
        .acts = &e->half_layers[i],
        .scratch = &e->half_scratch,
        .out = i + 1 == e->config->n_layers ? e->x : NULL,
        .hidden = e->hidden,
        .attention = e->attention,
        .site = SITE_LAYERS + (uint32_t)i * encoder_layer_sites(e->config),
        .grads = e->grads,
        .d_out = e->d_out,
    };
}

static void forward_layer(struct encoder *e, size_t i)
{
    if (e->in_halves) {
        struct half_layer layer = half_layer_at(e, i);

        half_layer_forward(&layer);
    } else {
        struct encoder_layer layer = layer_at(e, i);

        encoder_layer_forward(&layer);
    }
}

static void backward_layer(struct encoder *e, size_t i)
{
    if (e->in_halves) {
        struct half_layer layer = half_layer_at(e, i);

        half_layer_backward(&layer);
    } else {
        struct encoder_layer layer = layer_at(e, i);

        encoder_layer_backward(&layer);
    }
}

const float *encoder_forward(struct encoder *e, const float *params, const struct batch *batch,
                             const struct bert_pass *pass)
{
    const struct bert_config *c = e->config;

    assert(batch->n_tokens <= e->max_tokens);
    for (size_t i = 0; i < batch->n_sequences; i++)
        assert(batch->starts[i + 1] - batch->starts[i] <= c->max_positions);
    e->params = params;
    e->batch = batch;
    dropout_init(&e->hidden, pass->dropout ? c->hidden_dropout : 0, pass->seed, pass->step);
    dropout_init(&e->attention, pass->dropout ? c->attention_dropout : 0, pass->seed, pass->step);
    if (!e->forward_only)
        memset(e->d_out, 0, batch->n_tokens * c->hidden_size * sizeof *e->d_out);

    profile_lanes(e->profile, "embeddings", e->team, linear_blocks(batch->n_tokens), embed, e);
    for (size_t i = 0; i < c->n_layers; i++)
        forward_layer(e, i);
    return e->in_halves ? e->x : e->layers[c->n_layers - 1].out;
}

const float *encoder_layer_output(const struct encoder *e, size_t layer)
{
    assert(layer < e->config->n_layers && !e->in_halves);
    return e->layers[layer].out;
}

float *encoder_output_gradient(struct encoder *e)
{
    assert(!e->forward_only);
    return e->d_out;
}

/* d_out, the gradient of layer 0's input, becomes that of the sum of the embeddings. */
static void norm_backward(void *context, size_t lane, size_t item)
{
    struct encoder *e = context;
    const size_t H = e->config->hidden_size;
    size_t n;
    const size_t first = linear_block(&n, e->batch->n_tokens, item);
    float *d = e->d_out + first * H;
    float *norms = e->norms + item * 2 * H;

    (void)lane;
    memset(norms, 0, 2 * H * sizeof *norms);
    dropout_rows(d, d, n, H, &e->hidden, SITE_EMBEDDINGS, e->batch->dropout_base + first);
    layernorm_backward(d, norms, norms + H, d, e->sum + first * H, e->mean + first, e->rstd + first,
                       e->params + e->list->shared.norm_w, n, H);
}

static void embed_backward(void *context, size_t lane, size_t item)
{
    struct encoder *e = context;
    const struct params_shared *at = &e->list->shared;
    const struct embedding_rows rows = rows_of(e->batch);
    const struct embedding tables = {at->word, at->position, at->type, e->config->hidden_size};

    (void)lane;
    embedding_backward(e->grads, &tables, e->d_out, &rows, e->batch->n_tokens,
                       item * EMBEDDING_COLUMNS);
}

void encoder_backward(float *grads, struct encoder *e)
{
    const struct params_shared *at = &e->list->shared;
    const size_t H = e->config->hidden_size;
    const size_t blocks = linear_blocks(e->batch->n_tokens);

    assert(!e->forward_only);
    e->grads = grads;
    for (size_t i = e->config->n_layers; i-- > e->list->n_frozen;) {
        /* The last layer's are still there. */
        if (e->recompute && i + 1 < e->config->n_layers)
            forward_layer(e, i);
        backward_layer(e, i);
    }
    if (e->list->tensors[0].frozen)
        return;
    profile_lanes(e->profile, "embeddings norm, backward", e->team, blocks, norm_backward, e);
    for (size_t i = 0; i < blocks; i++) {
        vector_add(grads + at->norm_w, e->norms + i * 2 * H, H);
        vector_add(grads + at->norm_b, e->norms + i * 2 * H + H, H);
    }
    profile_lanes(e->profile, "embeddings, backward", e->team,
                  (H + EMBEDDING_COLUMNS - 1) / EMBEDDING_COLUMNS, embed_backward, e);
}

void encoder_close(struct encoder *e)
{
    if (!e)
        return;
    arena_release(&e->arena);
    free(e->layers);
    free(e->half_layers);
    free(e);
}
