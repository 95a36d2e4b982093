/* random_bert.h -- a small BERT of odd sizes with random weights, and random batches for it. */
#ifndef TESTS_MODEL_RANDOM_BERT_H
#define TESTS_MODEL_RANDOM_BERT_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "model/bert.h"
#include "store/shard.h"

static inline void append(struct batch *b, const struct sequence *s)
{
    const size_t first = b->n_tokens;

    for (size_t i = 0; i < s->n_ids; i++) {
        b->ids[first + i] = s->ids[i];
        b->positions[first + i] = (int32_t)i;
        b->segments[first + i] = i >= s->n_first;
    }
    for (size_t i = 0; i < s->n_masked; i++) {
        b->masked_at[b->n_masked] = (int32_t)first + s->masked_at[i];
        b->masked_ids[b->n_masked++] = s->masked_ids[i];
    }
    b->starts[b->n_sequences] = first;
    b->next_labels[b->n_sequences++] = s->next_label;
    b->n_tokens += s->n_ids;
    b->starts[b->n_sequences] = b->n_tokens;
}

/* Sequences of the lengths given, random ids, every fifth token masked, labels 0, 1, -1 in turn. */
static inline struct batch random_batch(const struct bert_config *c, const size_t *lens, size_t n,
                                        uint64_t seed)
{
    struct batch b;
    struct rng rng;
    size_t T = 0;

    for (size_t i = 0; i < n; i++)
        T += lens[i];
    batch_init(&b, T, n, T);
    for (size_t i = 0; i < n; i++) {
        struct sequence s;

        rng_at(&rng, seed, 0, i);
        sequence_init(&s, lens[i], lens[i]);
        s.n_ids = lens[i];
        s.n_first = lens[i] / 2;
        s.next_label = (int32_t)(i % 3) - 1;
        for (size_t j = 0; j < lens[i]; j++) {
            s.ids[j] = (int32_t)rng_below(&rng, c->vocab_size);
            if (j % 5 == 1) {
                s.masked_at[s.n_masked] = (int32_t)j;
                s.masked_ids[s.n_masked++] = (int32_t)rng_below(&rng, c->vocab_size);
            }
        }
        append(&b, &s);
        sequence_release(&s);
    }
    return b;
}

/* fp32 with halves == NULL. */
static inline struct bert_room room_for(const struct batch *b, const struct half_kernel *halves)
{
    return (struct bert_room){.tokens = b->n_tokens,
                              .sequences = b->n_sequences,
                              .masked = b->n_masked,
                              .halves = halves};
}

static const struct bert_config small = {
    .vocab_size = 700, /* not a multiple of any tile */
    .hidden_size = 48,
    .n_layers = 2,
    .n_heads = 3,
    .intermediate_size = 112,
    .max_positions = 150,
    .n_types = 2,
    .hidden_dropout = 0.2,
    .attention_dropout = 0.3,
    .initializer_range = 0.1,
    .layer_norm_eps = 1e-12,
};

static const size_t lens[] = {1, 130, 17, 64, 65, 3, 150, 40, 97};
enum { N_LENS = sizeof lens / sizeof *lens };

/* Losses and gradients of a batch by a kernel for halves; the caller frees the gradients. */
static inline float *gradient_by(struct bert_losses *losses, const struct half_kernel *halves,
                                 const struct bert_config *c, const float *params,
                                 const struct batch *b, const struct bert_pass *pass,
                                 struct team *team)
{
    const struct bert_room room = room_for(b, halves);
    struct params_list l;
    struct bert *bert = bert_open(c, &room, team);
    float *grads;

    params_list_init(&l, c);
    grads = mem_array(l.n_floats, sizeof *grads);
    bert_take(bert, params);
    bert_gradient(losses, grads, bert, params, b, 0.01, 0.1, pass);
    bert_close(bert);
    params_list_release(&l);
    return grads;
}

static inline float *gradient(struct bert_losses *losses, const struct bert_config *c,
                              const float *params, const struct batch *b,
                              const struct bert_pass *pass, struct team *team)
{
    return gradient_by(losses, NULL, c, params, b, pass, team);
}

/* Weights that are not at their start: biases and LayerNorms count too. */
static inline float *random_params(const struct params_list *l, const struct bert_config *c)
{
    float *params = mem_array(l->n_floats, sizeof *params);
    struct rng rng;

    params_init(params, l, c, 7);
    rng_at(&rng, 7, 1, 0);
    for (size_t i = 0; i < l->n; i++) {
        for (size_t j = 0; l->tensors[i].is_vector && j < l->tensors[i].cols; j++)
            params[l->tensors[i].at + j] += (float)(0.4 * rng_real(&rng) - 0.2);
    }
    return params;
}

#endif
