/* half_logits.c -- three runs a chunk of rows: tiles of words, rows, tiles of the two gradients. */
#include "model/half_logits.h"

#include <math.h>
#include <string.h>

#include "ops/elementary.h"
#include "ops/half_linear.h"
#include "ops/half_pack.h"
#include "ops/halves.h"
#include "ops/lanes.h"
#include "ops/reduce.h"
#include "ops/vector.h"

enum {
    CHUNK_ROWS = 512,
    VOCAB_TILE = 512,
    SCORE_ROWS = 128, /* by VOCAB_TILE floats: a quarter of a second cache of 1 MB */
    HIDDEN_ROWS = 64, /* of a tile of the gradient of hidden */
    HIDDEN_COLS = 256,
    HIDDEN_DEPTH = 2048 /* words at once */
};

/* What 512 words say about a row. */
struct part_of_row {
    float max;
    float unused;
    double sum; /* of exp(logit - max) */
};

/* What the tile that has the right word says about a row. */
struct right_word {
    float logit;
    bool first; /* no word before it in the tile has as much */
};

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t n_tiles(const struct bert_config *c)
{
    return (c->vocab_size + VOCAB_TILE - 1) / VOCAB_TILE;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

void half_logits_plan(struct half_logits *h, struct arena *a, const struct bert_config *c,
                      size_t max_masked, const struct packed *packed, struct team *team)
{
    const size_t chunk = min_size(max_masked, CHUNK_ROWS);
    const size_t part_floats = sizeof *h->row / sizeof(float);

    h->config = c;
    h->packed = packed;
    h->team = team;
    h->hidden = arena_take_halves(a, max_masked, c->hidden_size);
    h->logits = arena_take_halves(a, chunk, half_padded(c->vocab_size));
    h->row = (struct part_of_row *)(void *)arena_take(a, chunk, n_tiles(c) * part_floats);
    h->words = (struct right_word *)(void *)arena_take(a, chunk, sizeof *h->words / sizeof(float));
    h->lane_floats = (larger(SCORE_ROWS * VOCAB_TILE, half_gradient_scratch() / 2) + 15) / 16 * 16;
    h->lanes = arena_take(a, lanes_count(team), h->lane_floats);
}

/* A chunk at work. */
struct chunk {
    struct half_logits *h;
    const struct half_logits_work *work;
    size_t first, rows;
};

static const uint16_t *hidden_of(const struct chunk *c)
{
    return c->h->hidden + c->first * c->h->config->hidden_size;
}

static size_t logits_ld(const struct chunk *c)
{
    return half_padded(c->h->config->vocab_size);
}

/* Written so that what is not a number is never first. */
static struct right_word look_at_word(const float *logits, size_t label)
{
    struct right_word word = {.logit = logits[label], .first = true};

    for (size_t i = 0; i < label; i++)
        word.first = word.first && logits[i] < word.logit;
    return word;
}

/* The logits become exp(logit - max). */
static struct part_of_row look(float *logits, size_t n)
{
    struct part_of_row part = {.max = reduce_max(logits, n)};

    vector_shift(logits, logits, -part.max, n);
    elementary_exp(logits, logits, n);
    part.sum = reduce_sum(logits, n);
    return part;
}

/* All rows of the chunk times a tile of words. */
static void score(void *context, size_t lane, size_t item)
{
    const struct chunk *c = context;
    struct half_logits *h = c->h;
    const struct half_weight *word = &h->packed->word;
    const size_t H = word->K;
    const size_t first = item * VOCAB_TILE;
    const size_t n = min_size(word->N - first, VOCAB_TILE);
    float *logits = h->lanes + lane * h->lane_floats;
    struct half_floats to = {logits, VOCAB_TILE};
    struct half_product p = {.kernel = h->packed->kernel,
                             .lda = H,
                             .b = word->forward + first / HALF_COLS * half_panel(H),
                             .panel_stride = half_panel(H),
                             .bias = c->work->bias + first,
                             .N = n,
                             .K = H,
                             .finish = half_store_floats,
                             .finish_context = &to};

    for (size_t row = 0; row < c->rows; row += SCORE_ROWS) {
        p.a = hidden_of(c) + row * H;
        p.M = min_size(c->rows - row, SCORE_ROWS);
        half_gemm(&p);
        for (size_t i = 0; i < p.M; i++) {
            const size_t at = row + i;
            const size_t label = (size_t)c->work->labels[c->first + at];
            float *x = logits + i * VOCAB_TILE;

            if (label >= first && label < first + n)
                h->words[at] = look_at_word(x, label - first);
            h->row[at * n_tiles(h->config) + item] = look(x, n);
            halves_round(h->logits + at * logits_ld(c) + first, x, n);
        }
    }
}

/* The largest logit of all parts, and log(sum(exp(logit))). */
static float total(double *log_sum, const struct part_of_row *parts, size_t n)
{
    float max = parts[0].max;
    double sum = 0;

    for (size_t i = 1; i < n; i++)
        max = parts[i].max > max ? parts[i].max : max;
    for (size_t i = 0; i < n; i++)
        sum += parts[i].sum * exp((double)parts[i].max - (double)max);
    *log_sum = log(sum) + (double)max;
    return max;
}

/* Whether the label's logit is the largest, and the first that is so large. */
static bool is_right(const struct right_word *word, const struct part_of_row *parts, size_t label,
                     float max)
{
    if (!word->first || !(word->logit >= max))
        return false;
    for (size_t i = 0; i < label / VOCAB_TILE; i++)
        if (!(parts[i].max < word->logit))
            return false;
    return true;
}

/* Exponentials become (softmax - [label]) * scale; the columns of no word are zero. */
static void turn_into_gradient(uint16_t *row, const struct part_of_row *parts, double log_sum,
                               size_t label, float scale, size_t V)
{
    float x[VOCAB_TILE];

    for (size_t at = 0; at < V; at += VOCAB_TILE, parts++) {
        const size_t n = min_size(V - at, VOCAB_TILE);

        halves_float(x, row + at, n);
        vector_scale(x, x, (float)(exp((double)parts->max - log_sum) * (double)scale), n);
        if (label >= at && label < at + n)
            x[label - at] -= scale;
        halves_round(row + at, x, n);
    }
    memset(row + V, 0, (half_padded(V) - V) * sizeof *row);
}

static void judge(void *context, size_t lane, size_t item)
{
    const struct chunk *c = context;
    const struct half_logits_work *w = c->work;
    const struct half_logits *h = c->h;
    const size_t row = c->first + item;
    const size_t label = (size_t)w->labels[row];
    const struct part_of_row *parts = h->row + item * n_tiles(h->config);
    double log_sum;
    const float max = total(&log_sum, parts, n_tiles(h->config));

    (void)lane;
    w->losses[row] = log_sum - (double)h->words[item].logit;
    w->right[row] = is_right(&h->words[item], parts, label, max);
    if (w->d_hidden)
        turn_into_gradient(h->logits + item * logits_ld(c), parts, log_sum, label, w->scale,
                           h->config->vocab_size);
}

static size_t hidden_tiles(const struct chunk *c)
{
    const size_t H = c->h->config->hidden_size;

    return (c->rows + HIDDEN_ROWS - 1) / HIDDEN_ROWS * ((H + HIDDEN_COLS - 1) / HIDDEN_COLS);
}

/* Logits' gradient times words, so many words at a time that they stay in the second cache. */
static void hidden_gradient(const struct chunk *c, size_t tile)
{
    const struct half_weight *word = &c->h->packed->word;
    const size_t V = word->N, H = word->K;
    const size_t across = (H + HIDDEN_COLS - 1) / HIDDEN_COLS;
    const size_t row = tile / across * HIDDEN_ROWS;
    const size_t col = tile % across * HIDDEN_COLS;
    float *d = c->work->d_hidden + (c->first + row) * H + col;
    struct half_floats to = {d, H};
    struct half_product p = {.kernel = c->h->packed->kernel,
                             .lda = logits_ld(c),
                             .panel_stride = half_panel(V),
                             .M = min_size(c->rows - row, HIDDEN_ROWS),
                             .N = min_size(H - col, HIDDEN_COLS),
                             .finish = half_add_floats,
                             .finish_context = &to};

    for (size_t i = 0; i < p.M; i++)
        memset(d + i * H, 0, p.N * sizeof *d);
    for (size_t k = 0; k < V; k += HIDDEN_DEPTH) {
        p.a = c->h->logits + row * logits_ld(c) + k;
        p.b = word->backward + col / HALF_COLS * half_panel(V) + k * HALF_COLS;
        p.K = min_size(V - k, HIDDEN_DEPTH);
        half_gemm(&p);
    }
}

/* The decoder is the word embedding: its gradient adds to theirs. */
static struct half_gradient decoder_gradient(const struct chunk *c)
{
    return (struct half_gradient){.kernel = c->h->packed->kernel,
                                  .dw = c->work->d_word,
                                  .db = c->work->d_bias,
                                  .dy = c->h->logits,
                                  .dy_ld = logits_ld(c),
                                  .x = hidden_of(c),
                                  .T = c->rows,
                                  .N = c->h->config->vocab_size,
                                  .K = c->h->config->hidden_size};
}

/* The tiles that take longest come first. */
static void score_backward(void *context, size_t lane, size_t item)
{
    const struct chunk *c = context;
    const size_t tiles = hidden_tiles(c);

    if (item < tiles) {
        hidden_gradient(c, item);
    } else {
        const struct half_gradient g = decoder_gradient(c);

        half_weight_gradient(&g, item - tiles,
                             (uint16_t *)(void *)(c->h->lanes + lane * c->h->lane_floats));
    }
}

static void run_chunk(struct chunk *c)
{
    struct team *team = c->h->team;
    struct profile *profile = c->work->profile;

    profile_lanes(profile, "masked logits", team, n_tiles(c->h->config), score, c);
    profile_lanes(profile, "masked losses", team, c->rows, judge, c);
    if (c->work->d_hidden) {
        const struct half_gradient g = decoder_gradient(c);

        profile_lanes(profile, "masked logits, backward", team,
                      hidden_tiles(c) + half_gradient_tiles(&g), score_backward, c);
    }
}

void half_logits_run(struct half_logits *h, const struct half_logits_work *work)
{
    /* Chunks of equal size, as few as hold all rows. */
    const size_t n_chunks = (work->K + CHUNK_ROWS - 1) / CHUNK_ROWS;
    const size_t size = (work->K + n_chunks - 1) / n_chunks;

    halves_round(h->hidden, work->hidden, work->K * h->config->hidden_size);
    for (size_t first = 0; first < work->K; first += size) {
        struct chunk c = {h, work, first, min_size(work->K - first, size)};

        run_chunk(&c);
    }
}
