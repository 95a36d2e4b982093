/* packed.c -- one walk over the weights measures, another places; strips of 32 rows are packed alone. */
#include "model/packed.h"

#include <stdlib.h>

#include "base/mem.h"
#include "ops/half_pack.h"
#include "ops/lanes.h"

struct packed_item {
    const struct half_weight *to;
    size_t at; /* of the strip in the parameters */
    size_t row;
};

static void place(struct packed *p, struct half_weight *w, size_t at, size_t N, size_t K)
{
    w->N = N;
    w->K = K;
    w->forward = arena_take_halves(&p->arena, 1, half_packed(K, N));
    w->backward = arena_take_halves(&p->arena, 1, half_packed(N, K));
    for (size_t row = 0; row < N; row += HALF_STRIP, p->n_items++)
        if (p->items)
            p->items[p->n_items] = (struct packed_item){w, at + row * K, row};
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* With l == NULL only measures. */
static void plan(struct packed *p, const struct bert_config *c, const struct params_list *l,
                 const struct team *team)
{
    static const struct params_layer nowhere;
    const size_t H = c->hidden_size, F = c->intermediate_size;

    p->n_items = 0;
    if (c->heads == HEADS_PRETRAINING)
        place(p, &p->word, l ? l->shared.word : 0, c->vocab_size, H);
    for (size_t i = 0; i < c->n_layers; i++) {
        struct packed_layer none;
        struct packed_layer *to = p->layers ? &p->layers[i] : &none;
        const struct params_layer *at = l ? &l->layers[i] : &nowhere;

        place(p, &to->query, at->query_w, H, H);
        place(p, &to->key, at->key_w, H, H);
        place(p, &to->value, at->value_w, H, H);
        place(p, &to->attended, at->attended_w, H, H);
        place(p, &to->inner, at->inner_w, F, H);
        place(p, &to->outer, at->outer_w, H, F);
    }
    p->scratch_halves = HALF_STRIP * half_padded(larger(H, F));
    p->scratch = arena_take_halves(&p->arena, lanes_count(team), p->scratch_halves);
}

void packed_open(struct packed *p, const struct bert_config *c, const struct params_list *l,
                 const struct half_kernel *kernel, const struct team *team)
{
    *p = (struct packed){.kernel = kernel};
    plan(p, c, NULL, team);
    arena_place(&p->arena);
    p->layers = mem_array(c->n_layers, sizeof *p->layers);
    p->items = mem_array(p->n_items, sizeof *p->items);
    plan(p, c, l, team);
}

size_t packed_measure(const struct bert_config *c, const struct team *team)
{
    struct packed p = {0};

    plan(&p, c, NULL, team);
    return arena_bytes(&p.arena);
}

struct update {
    const struct packed *packed;
    const float *params;
};

static void pack(void *context, size_t lane, size_t item)
{
    const struct update *u = context;
    const struct packed *p = u->packed;
    const struct packed_item *i = &p->items[item];

    half_weight_pack(i->to, u->params + i->at - i->row * i->to->K, i->row,
                     p->scratch + lane * p->scratch_halves);
}

void packed_update(struct packed *p, const float *params, struct team *team)
{
    struct update u = {p, params};

    lanes_run(team, p->n_items, pack, &u);
}

/* The first strip that begins at `at` or behind. */
static size_t first_item(const struct packed *p, size_t at)
{
    size_t low = 0, high = p->n_items;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (p->items[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void packed_update_part(const struct packed *p, const float *params, size_t lane, size_t at,
                        size_t n)
{
    struct update u = {p, params};

    for (size_t i = first_item(p, at); i < p->n_items && p->items[i].at < at + n; i++)
        pack(&u, lane, i);
}

void packed_release(struct packed *p)
{
    free(p->layers);
    free(p->items);
    arena_release(&p->arena);
    *p = (struct packed){0};
}
