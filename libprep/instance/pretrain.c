/* pretrain.c -- counts, names and single files of a set of pretraining shards. */
#include "instance/pretrain.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

static const char SUFFIX[] = ".hdf5";
static const char *const KINDS[] = {"_training_", "_test_"};

void pretrain_count(struct pretrain_counts *c, const struct sequence *s)
{
    c->instances++;
    c->tokens += s->n_ids;
    c->masked += s->n_masked;
    c->random_next += s->next_label == 1;
}

void pretrain_add_counts(struct pretrain_counts *c, const struct pretrain_counts *more)
{
    c->instances += more->instances;
    c->tokens += more->tokens;
    c->masked += more->masked;
    c->random_next += more->random_next;
}

void pretrain_progress(const struct pretrain_options *o, const char *phase, uint64_t done,
                       uint64_t total)
{
    if (o->progress)
        o->progress(o->progress_context, phase, done, total);
}

char *pretrain_name(const struct pretrain_options *o, bool test, size_t i)
{
    struct buf name = {0};

    if (o->file_name)
        return mem_text(o->file_name);
    buf_printf(&name, "%s%s%zu%s", o->prefix, KINDS[test], i, SUFFIX);
    return name.data;
}

bool pretrain_name_is(const char *prefix, const char *name)
{
    const size_t n = strlen(prefix);

    if (strncmp(name, prefix, n) != 0)
        return false;
    for (size_t k = 0; k < 2; k++) {
        const char *number = name + n + strlen(KINDS[k]);
        size_t digits;

        if (strncmp(name + n, KINDS[k], strlen(KINDS[k])) != 0)
            continue;
        digits = strspn(number, "0123456789");
        return digits > 0 && strcmp(number + digits, SUFFIX) == 0;
    }
    return false;
}

int pretrain_file_open(struct pretrain_file *f, const struct stage *stage,
                       const struct pretrain_options *o, bool test, size_t i, struct err *err)
{
    const struct shard_shape shape = {.seq_length = o->rules.seq_length,
                                      .max_predictions = o->rules.max_predictions,
                                      .max_sequences = 1};

    *f = (struct pretrain_file){.options = o, .name = pretrain_name(o, test, i)};
    f->path = stage_path(stage, f->name);
    sequence_init(&f->sequence, shape.seq_length, shape.max_predictions);
    f->writer = shard_create(f->path, &shape, o->origin, err);
    return f->writer ? 0 : -1;
}

int pretrain_file_put(struct pretrain_file *f, const void *bytes, size_t n, struct err *err)
{
    const struct pairs_rules *r = &f->options->rules;
    const struct sequence *row = &f->sequence;

    if (sequence_decode(&f->sequence, bytes, n, r->seq_length, r->max_predictions, err) < 0)
        return -1;
    f->n_rows++;
    return shard_put(f->writer, &row, 1, err);
}

int pretrain_file_commit(struct pretrain_file *f, char sha256[HASH_HEX_SIZE], struct err *err)
{
    if (shard_commit(f->writer, err) < 0)
        return -1;
    return sha256_of_file(sha256, NULL, f->path, err);
}

void pretrain_file_close(struct pretrain_file *f)
{
    shard_discard(f->writer);
    sequence_release(&f->sequence);
    free(f->name);
    free(f->path);
    *f = (struct pretrain_file){0};
}
