/* memory.c -- sizes of the arenas are exact; decoded rows are an upper estimate. */
#include "run/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/params.h"
#include "tasks/task.h"

enum {
    MODEL_ARENAS = 4,
    BATCH_SETS = 2,
    BYTES_PER_TOKEN = 12,     /* id, position, segment in a batch */
    BYTES_PER_MASKED = 8,     /* place and id */
    BYTES_PER_SEQUENCE = 128, /* of a decoded one, besides its tokens */
    DECODED_TOKENS = 1 << 24, /* what a loader's window holds */
    MAX_CGROUP_DIGITS = 32
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t batch_bytes(const struct training *t)
{
    const struct training_options *o = &t->options;
    const uint64_t row = (uint64_t)t->stream->shape.seq_length * BYTES_PER_TOKEN +
                         (uint64_t)stream_most_masked(t->stream) * BYTES_PER_MASKED;

    return row * o->micro_rows * o->accumulation * BATCH_SETS;
}

static uint64_t decoded_bytes(const struct stream *s)
{
    const uint64_t row = (uint64_t)s->shape.seq_length * sizeof(int32_t) +
                         (uint64_t)s->shape.max_predictions * BYTES_PER_MASKED +
                         (uint64_t)s->shape.max_sequences * BYTES_PER_SEQUENCE;
    const uint64_t window = DECODED_TOKENS / s->shape.seq_length * s->n;

    return row * smaller(s->n_rows, window);
}

struct memory memory_of(const struct training *t)
{
    const struct bert_room room = training_room(t);
    struct params_list list;
    struct memory m;

    params_list_init(&list, &t->config);
    m.model = (uint64_t)list.n_floats * sizeof(float) * MODEL_ARENAS;
    m.activations = task_measure(&t->config, &room, t->team);
    m.data = batch_bytes(t) + decoded_bytes(t->stream);
    params_list_release(&list);
    return m;
}

uint64_t memory_total(const struct memory *m)
{
    return m->model + m->activations + m->data;
}

/* The limit of a container; 0 when there is none. */
static uint64_t container_limit(void)
{
    FILE *file = fopen("/sys/fs/cgroup/memory.max", "r");
    char text[MAX_CGROUP_DIGITS];
    uint64_t limit = 0;

    if (!file)
        return 0;
    if (fgets(text, sizeof text, file)) /* "max" is no number */
        limit = strtoull(text, NULL, 10);
    fclose(file);
    return limit;
}

uint64_t memory_available(void)
{
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long size = sysconf(_SC_PAGESIZE);
    const uint64_t machine = pages > 0 && size > 0 ? (uint64_t)pages * (uint64_t)size : 0;
    const uint64_t container = container_limit();

    if (machine == 0 || container == 0)
        return machine ? machine : container;
    return smaller(machine, container);
}

static double gib(uint64_t bytes)
{
    return (double)bytes / (1 << 30);
}

int memory_check(const struct memory *m, int n_ranks, uint64_t available, struct err *err)
{
    const double need = (double)memory_total(m) * n_ranks;

    if (available == 0 || need <= (double)available)
        return 0;
    return err_set(err, ERR_LIMIT,
                   "%d x %.2f GiB of memory are needed (model %.2f, activations %.2f, data %.2f), "
                   "there are %.2f: smaller micro batches (--gradient_accumulation_steps) or "
                   "--checkpoint_activations need less",
                   n_ranks, gib(memory_total(m)), gib(m->model), gib(m->activations), gib(m->data),
                   gib(available));
}
