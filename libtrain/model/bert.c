/* bert.c -- encoder and the two pretraining heads put together. */
#include "model/bert.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/encoder.h"
#include "model/masked_head.h"
#include "model/pooled_head.h"

struct bert {
    struct bert_config config;
    struct params_list list;
    struct team *team;
    bool in_halves;
    struct packed packed; /* then */
    struct encoder *encoder;
    struct masked_head *masked;
    struct pooled_head *next;
};

static struct pooled_classifier next_classifier(const struct params_list *l)
{
    return (struct pooled_classifier){
        .w = l->shared.next_w, .b = l->shared.next_b, .n_classes = 2, .dropout = false};
}

struct bert *bert_open(const struct bert_config *c, const struct bert_room *room, struct team *team)
{
    struct bert *b = mem_alloc(sizeof *b);
    struct pooled_classifier next;

    assert(c->heads == HEADS_PRETRAINING);
    b->config = *c;
    params_list_init(&b->list, &b->config);
    if (room->n_frozen > 0)
        params_freeze(&b->list, room->n_frozen);
    next = next_classifier(&b->list);
    b->team = team;
    b->in_halves = room->halves;
    if (room->halves) {
        packed_open(&b->packed, &b->config, &b->list, room->halves, team);
        b->encoder = encoder_open_halves(&b->config, &b->list, room->tokens, room->recompute,
                                         &b->packed, team);
        b->masked = masked_head_open_halves(&b->config, &b->list, room->masked, &b->packed, team);
    } else {
        b->encoder = encoder_open(&b->config, &b->list, room->tokens, room->recompute, team);
        b->masked = masked_head_open(&b->config, &b->list, room->masked, team);
    }
    b->next = pooled_head_open(&b->config, &b->list, &next, room->sequences, team);
    return b;
}

void bert_take(struct bert *b, const float *params)
{
    if (b->in_halves)
        packed_update(&b->packed, params, b->team);
}

void bert_take_part(struct bert *b, const float *params, size_t lane, size_t at, size_t n)
{
    if (b->in_halves)
        packed_update_part(&b->packed, params, lane, at, n);
}

size_t bert_measure(const struct bert_config *c, const struct bert_room *room, struct team *team)
{
    const struct pooled_classifier classifier = {.n_classes = 2};
    const size_t next = pooled_head_measure(c, &classifier, room->sequences);

    if (room->halves)
        return encoder_measure_halves(c, room->tokens, room->recompute, team) +
               masked_head_measure_halves(c, room->masked, team) + packed_measure(c, team) + next;
    return encoder_measure(c, room->tokens, room->recompute, team) +
           masked_head_measure(c, room->masked) + next;
}

void bert_profile(struct bert *b, struct profile *p)
{
    encoder_profile(b->encoder, p);
    masked_head_profile(b->masked, p);
    pooled_head_profile(b->next, p);
}

size_t bert_activation_bytes(const struct bert *b)
{
    return encoder_bytes(b->encoder) + masked_head_bytes(b->masked) + pooled_head_bytes(b->next) +
           arena_bytes(&b->packed.arena);
}

/* grads == NULL: the losses only. */
static void run(struct bert_losses *losses, float *grads, struct bert *b, const float *params,
                const struct batch *batch, double mlm_scale, double nsp_scale,
                const struct bert_pass *pass)
{
    const struct pooled_labels labels = {.classes = batch->next_labels};
    const float *out;
    float *d_out;

    memset(losses, 0, sizeof *losses);
    if (batch->n_tokens == 0)
        return;
    out = encoder_forward(b->encoder, params, batch, pass);
    d_out = encoder_output_gradient(b->encoder);
    losses->n_masked = batch->n_masked;
    losses->mlm_sum = masked_head_run(&losses->n_masked_right, b->masked, grads, d_out, params, out,
                                      batch, mlm_scale);
    losses->nsp_sum = pooled_head_run(&losses->n_next, &losses->n_next_right, b->next, grads, d_out,
                                      params, out, batch, &labels, nsp_scale, pass);
    if (grads)
        encoder_backward(grads, b->encoder);
}

void bert_evaluate(struct bert_losses *losses, struct bert *b, const float *params,
                   const struct batch *batch)
{
    const struct bert_pass pass = {.dropout = false};

    run(losses, NULL, b, params, batch, 0, 0, &pass);
}

void bert_gradient(struct bert_losses *losses, float *grads, struct bert *b, const float *params,
                   const struct batch *batch, double mlm_scale, double nsp_scale,
                   const struct bert_pass *pass)
{
    run(losses, grads, b, params, batch, mlm_scale, nsp_scale, pass);
}

void bert_operation_list(struct bert_operation list[BERT_OPERATIONS], const struct bert_config *c,
                         const struct batch *batch)
{
    const double H = (double)c->hidden_size, F = (double)c->intermediate_size;
    const double T = (double)c->n_layers * (double)batch->n_tokens, K = (double)batch->n_masked;
    const double projections = 2 * T * 3 * H * H, rest = 2 * T * (H * H + 2 * H * F);
    const double logits = 2 * K * H * (double)c->vocab_size, transform = 2 * K * H * H;
    double pairs = 0; /* of tokens that attend to each other */

    for (size_t i = 0; i < batch->n_sequences; i++) {
        const double n = (double)(batch->starts[i + 1] - batch->starts[i]);

        pairs += (double)c->n_layers * n * n;
    }
    /* The gradients of queries, keys and values are made beside those of the weights. */
    const struct bert_operation all[] = {
        {"query, key, value", projections},
        {"attention", 4 * pairs * H},
        {"dense, feed forward", rest},
        {"dense, feed forward, backward", rest},
        {"attention, backward", 8 * pairs * H},
        {"layer weights, backward", 2 * projections + rest},
        {"masked transform", transform},
        {"masked logits", logits},
        {"masked logits, backward", 2 * logits},
        {"masked transform, backward", transform},
        {"masked transform, weights", transform},
    };

    static_assert(sizeof all / sizeof *all == BERT_OPERATIONS, "as many as the header says");
    memcpy(list, all, sizeof all);
}

double bert_operations(const struct bert_config *c, const struct batch *batch)
{
    struct bert_operation list[BERT_OPERATIONS];
    double sum = 0;

    bert_operation_list(list, c, batch);
    for (size_t i = 0; i < BERT_OPERATIONS; i++)
        sum += list[i].n;
    return sum;
}

void bert_close(struct bert *b)
{
    if (!b)
        return;
    encoder_close(b->encoder);
    masked_head_close(b->masked);
    pooled_head_close(b->next);
    packed_release(&b->packed);
    params_list_release(&b->list);
    free(b);
}
