/* masked_head.c -- most of the parameters of a small BERT are met here: every row times every word. */
#include "model/masked_head.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/arena.h"
#include "model/half_logits.h"
#include "ops/cross_entropy.h"
#include "ops/gelu.h"
#include "ops/gemm.h"
#include "ops/layernorm.h"
#include "ops/linear.h"
#include "ops/vector.h"

enum { CHUNK_ROWS = 512, VOCAB_TILE = 512, HIDDEN_TILE_ROWS = 128, HIDDEN_TILE_COLS = 256 };

struct masked_head {
    const struct bert_config *config;
    const struct params_list *list;
    struct team *team;
    struct profile *profile;
    size_t max_masked;
    struct arena arena;
    float *in;          /* (K, H) rows of the encoder's output */
    float *dense;       /* (K, H) before GELU */
    float *gelu;        /* (K, H) */
    float *mean, *rstd; /* (K) */
    float *hidden;      /* (K, H) what meets the vocabulary */
    float *logits;      /* (chunk, V), then their gradient; fp32 only */
    bool in_halves;     /* then: */
    const struct packed *packed;
    struct half_logits half;
    float *d_hidden; /* (K, H), on the way back the gradient of dense */
    float *d_in;     /* (K, H) */
    float *norms;    /* (blocks, 2 H) */
    double *losses;  /* (K) */
    bool *right;     /* (K) */

    /* of the call */
    const float *params;
    float *grads;
    const float *out;
    const struct batch *batch;
    double scale;
    size_t chunk_first, chunk_rows;
};

static void plan(struct masked_head *h)
{
    struct arena *a = &h->arena;
    const size_t K = h->max_masked;
    const size_t H = h->config->hidden_size;

    h->in = arena_take(a, K, H);
    h->dense = arena_take(a, K, H);
    h->gelu = arena_take(a, K, H);
    h->mean = arena_take(a, K, 1);
    h->rstd = arena_take(a, K, 1);
    h->hidden = arena_take(a, K, H);
    if (h->in_halves)
        half_logits_plan(&h->half, a, h->config, K, h->packed, h->team);
    else
        h->logits = arena_take(a, K < CHUNK_ROWS ? K : CHUNK_ROWS, h->config->vocab_size);
    h->d_hidden = arena_take(a, K, H);
    h->d_in = arena_take(a, K, H);
    h->norms = arena_take(a, linear_most_blocks(K), 2 * H);
}

static struct masked_head *open_as(const struct masked_head *how)
{
    struct masked_head *h = mem_alloc(sizeof *h);

    *h = *how;
    h->losses = mem_array(h->max_masked, sizeof *h->losses);
    h->right = mem_array(h->max_masked, sizeof *h->right);
    plan(h);
    arena_place(&h->arena);
    plan(h);
    return h;
}

struct masked_head *masked_head_open(const struct bert_config *c, const struct params_list *l,
                                     size_t max_masked, struct team *team)
{
    const struct masked_head how = {.config = c, .list = l, .team = team, .max_masked = max_masked};

    return open_as(&how);
}

struct masked_head *masked_head_open_halves(const struct bert_config *c,
                                            const struct params_list *l, size_t max_masked,
                                            const struct packed *packed, struct team *team)
{
    const struct masked_head how = {.config = c,
                                    .list = l,
                                    .team = team,
                                    .max_masked = max_masked,
                                    .in_halves = true,
                                    .packed = packed};

    return open_as(&how);
}

size_t masked_head_measure(const struct bert_config *c, size_t max_masked)
{
    struct masked_head h = {.config = c, .max_masked = max_masked};

    plan(&h);
    return arena_bytes(&h.arena);
}

size_t masked_head_measure_halves(const struct bert_config *c, size_t max_masked, struct team *team)
{
    struct masked_head h = {.config = c, .max_masked = max_masked, .team = team, .in_halves = true};

    plan(&h);
    return arena_bytes(&h.arena);
}

void masked_head_profile(struct masked_head *h, struct profile *p)
{
    h->profile = p;
}

size_t masked_head_bytes(const struct masked_head *h)
{
    return arena_bytes(&h->arena);
}

static void transform(void *context, size_t lane, size_t item)
{
    struct masked_head *h = context;
    const struct params_shared *at = &h->list->shared;
    const size_t H = h->config->hidden_size;
    const float *p = h->params;
    size_t rows;
    const size_t first = linear_block(&rows, h->batch->n_masked, item);
    const size_t o = first * H;

    (void)lane;
    for (size_t i = first; i < first + rows; i++)
        memcpy(h->in + i * H, h->out + (size_t)h->batch->masked_at[i] * H, H * sizeof *h->in);
    linear_forward(h->dense + o, h->in + o, p + at->transform_w, p + at->transform_b, rows, H, H);
    gelu_forward(h->gelu + o, h->dense + o, rows * H, h->config->gelu_tanh);
    layernorm_forward(h->hidden + o, h->mean + first, h->rstd + first, h->gelu + o,
                      p + at->transform_norm_w, p + at->transform_norm_b, rows, H,
                      (float)h->config->layer_norm_eps);
}

/* The chunk's logits, a tile of the vocabulary, without bias. */
static void score(void *context, size_t lane, size_t item)
{
    const struct masked_head *h = context;
    const size_t V = h->config->vocab_size;
    const size_t H = h->config->hidden_size;
    const size_t first = item * VOCAB_TILE;
    const size_t n = V - first < VOCAB_TILE ? V - first : VOCAB_TILE;

    (void)lane;
    gemm_nt(h->logits + first, V, h->hidden + h->chunk_first * H, H,
            h->params + h->list->shared.word + first * H, H, h->chunk_rows, n, H, 1, 0);
}

static void judge(void *context, size_t lane, size_t item)
{
    const struct masked_head *h = context;
    const size_t V = h->config->vocab_size;
    const size_t row = h->chunk_first + item;

    (void)lane;
    h->losses[row] =
        cross_entropy(&h->right[row], h->logits + item * V, h->params + h->list->shared.decoder_b,
                      V, (size_t)h->batch->masked_ids[row], (float)h->scale);
}

/* The decoder is the word embedding: its gradient adds to theirs. */
static struct linear_gradient decoder_gradient(const struct masked_head *h)
{
    return (struct linear_gradient){.dw = h->grads + h->list->shared.word,
                                    .db = h->grads + h->list->shared.decoder_b,
                                    .dy = h->logits,
                                    .x = h->hidden + h->chunk_first * h->config->hidden_size,
                                    .T = h->chunk_rows,
                                    .N = h->config->vocab_size,
                                    .K = h->config->hidden_size};
}

/* The gradient of the chunk's hidden rows is cut into tiles both ways. They are larger than blocks of
 * linear.h: each reads its columns of the word embeddings, all V rows of them. */
static size_t hidden_tiles(const struct masked_head *h)
{
    const size_t down = (h->chunk_rows + HIDDEN_TILE_ROWS - 1) / HIDDEN_TILE_ROWS;

    return down * ((h->config->hidden_size + HIDDEN_TILE_COLS - 1) / HIDDEN_TILE_COLS);
}

static void hidden_gradient(const struct masked_head *h, size_t tile)
{
    const size_t V = h->config->vocab_size;
    const size_t H = h->config->hidden_size;
    const size_t across = (H + HIDDEN_TILE_COLS - 1) / HIDDEN_TILE_COLS;
    const size_t row = tile / across * HIDDEN_TILE_ROWS;
    const size_t col = tile % across * HIDDEN_TILE_COLS;
    const size_t rows = h->chunk_rows - row;
    const size_t cols = H - col;

    gemm_nn(h->d_hidden + (h->chunk_first + row) * H + col, H, h->logits + row * V, V,
            h->params + h->list->shared.word + col, H,
            rows < HIDDEN_TILE_ROWS ? rows : HIDDEN_TILE_ROWS,
            cols < HIDDEN_TILE_COLS ? cols : HIDDEN_TILE_COLS, V, 1, 0);
}

/* The tiles that take longest come first. */
static void score_backward(void *context, size_t lane, size_t item)
{
    const struct masked_head *h = context;
    const size_t tiles = hidden_tiles(h);

    (void)lane;
    if (item < tiles) {
        hidden_gradient(h, item);
    } else {
        const struct linear_gradient g = decoder_gradient(h);

        linear_weight_gradient(&g, item - tiles);
    }
}

static void transform_backward(void *context, size_t lane, size_t item)
{
    const struct masked_head *h = context;
    const struct params_shared *at = &h->list->shared;
    const size_t H = h->config->hidden_size;
    size_t rows;
    const size_t first = linear_block(&rows, h->batch->n_masked, item);
    float *d = h->d_hidden + first * H;
    float *norms = h->norms + item * 2 * H;

    (void)lane;
    memset(norms, 0, 2 * H * sizeof *norms);
    layernorm_backward(d, norms, norms + H, d, h->gelu + first * H, h->mean + first,
                       h->rstd + first, h->params + at->transform_norm_w, rows, H);
    gelu_backward(d, NULL, d, h->dense + first * H, rows * H, h->config->gelu_tanh);
    linear_input_gradient(h->d_in + first * H, d, h->params + at->transform_w, rows, H, H, false);
}

static void transform_weights(void *context, size_t lane, size_t item)
{
    const struct linear_gradient *g = context;

    (void)lane;
    linear_weight_gradient(g, item);
}

static void backward(struct masked_head *h, float *d_out)
{
    const struct params_shared *at = &h->list->shared;
    const size_t H = h->config->hidden_size;
    const size_t K = h->batch->n_masked;
    const size_t blocks = linear_blocks(K);
    struct linear_gradient g = {.dw = h->grads + at->transform_w,
                                .db = h->grads + at->transform_b,
                                .dy = h->d_hidden,
                                .x = h->in,
                                .T = K,
                                .N = H,
                                .K = H};

    profile_lanes(h->profile, "masked transform, backward", h->team, blocks, transform_backward, h);
    for (size_t i = 0; i < blocks; i++) {
        vector_add(h->grads + at->transform_norm_w, h->norms + i * 2 * H, H);
        vector_add(h->grads + at->transform_norm_b, h->norms + i * 2 * H + H, H);
    }
    profile_lanes(h->profile, "masked transform, weights", h->team, linear_tiles(&g),
                  transform_weights, &g);
    for (size_t i = 0; i < K; i++)
        vector_add(d_out + (size_t)h->batch->masked_at[i] * H, h->d_in + i * H, H);
}

/* Chunks of equal size, as few as hold all rows. */
static size_t chunk_size(size_t K)
{
    const size_t chunks = (K + CHUNK_ROWS - 1) / CHUNK_ROWS;

    return (K + chunks - 1) / chunks;
}

static void run_chunk(struct masked_head *h)
{
    const size_t V = h->config->vocab_size;

    profile_lanes(h->profile, "masked logits", h->team, (V + VOCAB_TILE - 1) / VOCAB_TILE, score,
                  h);
    profile_lanes(h->profile, "masked losses", h->team, h->chunk_rows, judge, h);
    if (h->grads) {
        const struct linear_gradient g = decoder_gradient(h);

        profile_lanes(h->profile, "masked logits, backward", h->team,
                      hidden_tiles(h) + linear_tiles(&g), score_backward, h);
    }
}

static void run_chunks(struct masked_head *h)
{
    const size_t K = h->batch->n_masked;

    for (size_t first = 0; first < K; first += chunk_size(K)) {
        h->chunk_first = first;
        h->chunk_rows = K - first < chunk_size(K) ? K - first : chunk_size(K);
        run_chunk(h);
    }
}

static void run_halves(struct masked_head *h)
{
    const struct params_shared *at = &h->list->shared;
    struct half_logits_work work = {.profile = h->profile,
                                    .hidden = h->hidden,
                                    .bias = h->params + at->decoder_b,
                                    .labels = h->batch->masked_ids,
                                    .K = h->batch->n_masked,
                                    .scale = (float)h->scale,
                                    .losses = h->losses,
                                    .right = h->right};

    if (h->grads) {
        work.d_hidden = h->d_hidden;
        work.d_word = h->grads + at->word;
        work.d_bias = h->grads + at->decoder_b;
    }
    half_logits_run(&h->half, &work);
}

double masked_head_run(size_t *n_right, struct masked_head *h, float *grads, float *d_out,
                       const float *params, const float *out, const struct batch *batch,
                       double scale)
{
    const size_t K = batch->n_masked;
    double sum = 0;

    *n_right = 0;
    if (K == 0)
        return 0;
    assert(K <= h->max_masked);
    h->params = params;
    h->grads = grads;
    h->out = out;
    h->batch = batch;
    h->scale = scale;

    profile_lanes(h->profile, "masked transform", h->team, linear_blocks(K), transform, h);
    if (h->in_halves)
        run_halves(h);
    else
        run_chunks(h);
    if (grads)
        backward(h, d_out);

    for (size_t i = 0; i < K; i++) {
        sum += h->losses[i];
        *n_right += h->right[i];
    }
    return sum;
}

static void add_bias(void *context, size_t lane, size_t item)
{
    const struct masked_head *h = context;
    const size_t V = h->config->vocab_size;

    (void)lane;
    vector_add(h->logits + item * V, h->params + h->list->shared.decoder_b, V);
}

size_t masked_head_logits(const float **logits, struct masked_head *h, const float *params,
                          const float *out, const struct batch *batch, size_t first)
{
    const size_t V = h->config->vocab_size;
    const size_t K = batch->n_masked;

    assert(first < K && K <= h->max_masked);
    h->params = params;
    h->out = out;
    h->batch = batch;
    if (first == 0)
        profile_lanes(h->profile, "masked transform", h->team, linear_blocks(K), transform, h);
    h->chunk_first = first;
    h->chunk_rows = K - first < chunk_size(K) ? K - first : chunk_size(K);
    profile_lanes(h->profile, "masked logits", h->team, (V + VOCAB_TILE - 1) / VOCAB_TILE, score,
                  h);
    profile_lanes(h->profile, "masked bias", h->team, h->chunk_rows, add_bias, h);
    *logits = h->logits;
    return h->chunk_rows;
}

void masked_head_close(struct masked_head *h)
{
    if (!h)
        return;
    arena_release(&h->arena);
    free(h->losses);
    free(h->right);
    free(h);
}
