/* training.c -- the memory of a training, and views of it. */
#include "run/training.h"

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

struct bert_room training_room(const struct training *t)
{
    const struct training_options *o = &t->options;
    const struct shard_shape none = {0};
    const struct shard_shape *train = &t->stream->shape;
    const struct shard_shape *test = o->evaluate ? &t->test_loader->shape : &none;

    return (struct bert_room){
        .tokens = larger(o->micro_rows * train->seq_length, o->evaluate_rows * test->seq_length),
        .sequences =
            larger(o->micro_rows * train->max_sequences, o->evaluate_rows * test->max_sequences),
        .masked = larger(o->micro_rows * stream_most_masked(t->stream),
                         o->evaluate_rows * test->max_predictions),
        .recompute = o->recompute,
        .halves = o->halves,
        .n_frozen = o->n_frozen,
    };
}

static void take_weights(struct training *t)
{
    t->params = arena_take(&t->memory, 1, t->list.n_floats);
    t->grads = arena_take(&t->memory, 1, t->list.n_floats);
}

void training_init(struct training *t)
{
    params_list_init(&t->list, &t->config);
    if (t->options.n_frozen > 0)
        params_freeze(&t->list, t->options.n_frozen);
    take_weights(t);
    arena_place(&t->memory);
    take_weights(t);
    optimizer_init(&t->optimizer, &t->options.optimizer, &t->list, t->team);
}

struct checkpoint training_checkpoint(const struct training *t)
{
    return (struct checkpoint){
        .config = &t->config,
        .list = &t->list,
        .params = t->params,
        .m = t->optimizer.m,
        .v = t->optimizer.v,
        .state = t->state,
        .vocab = t->options.vocab,
        .cased = t->options.cased,
    };
}

void training_release(struct training *t)
{
    batch_release(&t->test_batch);
    task_close(t->task);
    optimizer_release(&t->optimizer);
    arena_release(&t->memory);
    params_list_release(&t->list);
}
