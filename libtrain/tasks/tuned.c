/* tuned.c -- one encoder, one of two heads. */
#include "tasks/tuned.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"
#include "model/encoder.h"
#include "model/packed.h"
#include "model/params.h"
#include "model/pooled_head.h"
#include "model/span_head.h"

struct tuned {
    struct bert_config config;
    struct params_list list;
    struct team *team;
    bool in_halves;
    struct packed packed; /* then */
    struct encoder *encoder;
    struct span_head *spans; /* one of the two */
    struct pooled_head *classes;
};

static struct pooled_classifier classifier_of(const struct bert_config *c,
                                              const struct params_list *l)
{
    return (struct pooled_classifier){
        .w = l->shared.class_w, .b = l->shared.class_b, .n_classes = c->n_labels, .dropout = true};
}

/* All but the encoder. */
static struct tuned *open_around(const struct bert_config *c, size_t max_tokens,
                                 size_t max_sequences, const struct half_kernel *halves,
                                 struct team *team)
{
    struct tuned *t = mem_alloc(sizeof *t);

    assert(c->heads != HEADS_PRETRAINING);
    t->config = *c;
    params_list_init(&t->list, &t->config);
    t->team = team;
    t->in_halves = halves != NULL;
    if (halves)
        packed_open(&t->packed, &t->config, &t->list, halves, team);
    if (c->heads == HEADS_SPANS) {
        t->spans = span_head_open(&t->config, &t->list, max_tokens, max_sequences, team);
    } else {
        const struct pooled_classifier classifier = classifier_of(&t->config, &t->list);

        t->classes = pooled_head_open(&t->config, &t->list, &classifier, max_sequences, team);
    }
    return t;
}

struct tuned *tuned_open(const struct bert_config *c, const struct bert_room *room,
                         struct team *team)
{
    struct tuned *t = open_around(c, room->tokens, room->sequences, room->halves, team);

    if (room->n_frozen > 0)
        params_freeze(&t->list, room->n_frozen);
    t->encoder = t->in_halves
                     ? encoder_open_halves(&t->config, &t->list, room->tokens, room->recompute,
                                           &t->packed, team)
                     : encoder_open(&t->config, &t->list, room->tokens, room->recompute, team);
    return t;
}

struct tuned *tuned_open_forward(const struct bert_config *c, size_t max_tokens,
                                 size_t max_sequences, const struct half_kernel *halves,
                                 struct team *team)
{
    struct tuned *t = open_around(c, max_tokens, max_sequences, halves, team);

    t->encoder =
        encoder_open_forward(&t->config, &t->list, max_tokens, halves ? &t->packed : NULL, team);
    return t;
}

size_t tuned_measure(const struct bert_config *c, const struct bert_room *room, struct team *team)
{
    const struct params_list none = {0};
    const struct pooled_classifier classifier = classifier_of(c, &none);

    const size_t head = c->heads == HEADS_SPANS
                            ? span_head_measure(room->tokens)
                            : pooled_head_measure(c, &classifier, room->sequences);

    if (room->halves)
        return encoder_measure_halves(c, room->tokens, room->recompute, team) +
               packed_measure(c, team) + head;
    return encoder_measure(c, room->tokens, room->recompute, team) + head;
}

void tuned_take(struct tuned *t, const float *params)
{
    if (t->in_halves)
        packed_update(&t->packed, params, t->team);
}

void tuned_take_part(struct tuned *t, const float *params, size_t lane, size_t at, size_t n)
{
    if (t->in_halves)
        packed_update_part(&t->packed, params, lane, at, n);
}

void tuned_profile(struct tuned *t, struct profile *p)
{
    encoder_profile(t->encoder, p);
    if (t->spans)
        span_head_profile(t->spans, p);
    else
        pooled_head_profile(t->classes, p);
}

static const float *encode(struct tuned *t, const float *params, const struct batch *batch)
{
    const struct bert_pass pass = {.dropout = false};

    return encoder_forward(t->encoder, params, batch, &pass);
}

void tuned_spans(float *start, float *end, struct tuned *t, const float *params,
                 const struct batch *batch)
{
    assert(t->spans);
    if (batch->n_tokens > 0)
        span_head_logits(start, end, t->spans, params, encode(t, params, batch), batch);
}

void tuned_classes(float *logits, struct tuned *t, const float *params, const struct batch *batch)
{
    assert(t->classes);
    if (batch->n_tokens > 0)
        pooled_head_logits(logits, t->classes, params, encode(t, params, batch), batch);
}

static void run_spans(struct tuned_sums *sums, float *grads, float *d_out, struct tuned *t,
                      const float *params, const float *out, const struct batch *batch,
                      const double scales[TUNED_PARTS])
{
    struct span_sums s;

    span_head_run(&s, t->spans, grads, d_out, params, out, batch, scales[0], scales[1]);
    *sums = (struct tuned_sums){.loss = {s.start, s.end},
                                .n = batch->n_sequences,
                                .n_right = {s.n_start_right, s.n_end_right},
                                .n_whole = s.n_right};
}

static void run_classes(struct tuned_sums *sums, float *grads, float *d_out, struct tuned *t,
                        const float *params, const float *out, const struct batch *batch,
                        const double scales[TUNED_PARTS], const struct bert_pass *pass)
{
    struct pooled_labels labels = {0};

    if (t->config.n_labels == 1)
        labels.scores = batch->scores;
    else
        labels.classes = batch->classes;
    sums->loss[0] = pooled_head_run(&sums->n, &sums->n_right[0], t->classes, grads, d_out, params,
                                    out, batch, &labels, scales[0], pass);
}

void tuned_run(struct tuned_sums *sums, float *grads, struct tuned *t, const float *params,
               const struct batch *batch, const double scales[TUNED_PARTS],
               const struct bert_pass *pass)
{
    const float *out;
    float *d_out;

    *sums = (struct tuned_sums){0};
    if (batch->n_tokens == 0)
        return;
    out = encoder_forward(t->encoder, params, batch, pass);
    d_out = encoder_output_gradient(t->encoder);
    if (t->spans)
        run_spans(sums, grads, d_out, t, params, out, batch, scales);
    else
        run_classes(sums, grads, d_out, t, params, out, batch, scales, pass);
    if (grads)
        encoder_backward(grads, t->encoder);
}

void tuned_answers(float *answers, const struct tuned *t)
{
    assert(t->classes);
    pooled_head_answers(answers, t->classes);
}

void tuned_close(struct tuned *t)
{
    if (!t)
        return;
    encoder_close(t->encoder);
    span_head_close(t->spans);
    pooled_head_close(t->classes);
    packed_release(&t->packed);
    params_list_release(&t->list);
    free(t);
}
