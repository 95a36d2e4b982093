/* pretrain.c -- counts, names and single files of a set of pretraining shards. */
#include "instance/pretrain.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* By pretrain_format. */
static const char *const SUFFIXES[] = {".hdf5", ".tfrecord"};
static const char *const PARTS[] = {"training", "test"};

void pretrain_counts_init(struct pretrain_counts *c, size_t seq_length)
{
    *c = (struct pretrain_counts){.n_lengths = seq_length + 1};
    c->lengths = mem_array(c->n_lengths, sizeof *c->lengths);
}

void pretrain_counts_release(struct pretrain_counts *c)
{
    free(c->lengths);
    *c = (struct pretrain_counts){0};
}

void pretrain_count(struct pretrain_counts *c, const struct sequence *s)
{
    c->instances++;
    c->tokens += s->n_ids;
    c->masked += s->n_masked;
    c->random_next += s->next_label == 1;
    c->lengths[s->n_ids]++;
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
    if (o->format == PRETRAIN_TFRECORD)
        buf_printf(&name, "%s/", PARTS[test]);
    buf_printf(&name, "%s_%s_%zu%s", o->prefix, PARTS[test], i, SUFFIXES[o->format]);
    return name.data;
}

bool pretrain_name_ends(const char *prefix, const char *name, const char *part, const char *suffix)
{
    const size_t n_prefix = strlen(prefix);
    const size_t n_part = strlen(part);
    const char *rest = name + n_prefix;
    size_t digits;

    if (strncmp(name, prefix, n_prefix) != 0 || rest[0] != '_' ||
        strncmp(rest + 1, part, n_part) != 0 || rest[1 + n_part] != '_')
        return false;
    rest += n_part + 2;
    digits = strspn(rest, "0123456789");
    return digits > 0 && strcmp(rest + digits, suffix) == 0;
}

bool pretrain_name_is(const char *prefix, const char *name)
{
    for (size_t part = 0; part < 2; part++) {
        const size_t n = strlen(PARTS[part]);

        if (pretrain_name_ends(prefix, name, PARTS[part], SUFFIXES[PRETRAIN_HDF5]))
            return true;
        if (strncmp(name, PARTS[part], n) == 0 && name[n] == '/' &&
            pretrain_name_ends(prefix, name + n + 1, PARTS[part], SUFFIXES[PRETRAIN_TFRECORD]))
            return true;
    }
    return false;
}

int64_t pretrain_document(const struct pretrain_options *o, const struct corpus *c, size_t d)
{
    int64_t number;

    if (!o->document_ids)
        return 0;
    number = (int64_t)(corpus_hash(c, d, 0) >> 1);
    return number ? number : 1;
}

static struct shard_shape shape_of(const struct pretrain_options *o, uint64_t n_rows)
{
    return (struct shard_shape){.seq_length = o->rules.seq_length,
                                .max_predictions = o->rules.masking.max_predictions,
                                .max_sequences = 1,
                                .n_rows = n_rows};
}

static char *path_of(const struct stage *stage, const struct pretrain_options *o, bool test,
                     size_t i, struct err *err)
{
    char *name = pretrain_name(o, test, i);
    char *path = stage_path(stage, name, err);

    free(name);
    return path;
}

int pretrain_file_open(struct pretrain_file *f, struct pretrain_counts *counts,
                       const struct stage *stage, const struct pretrain_options *o, bool test,
                       size_t i, uint64_t n_rows, struct err *err)
{
    const struct shard_shape shape = shape_of(o, n_rows);

    *f = (struct pretrain_file){.options = o, .counts = counts, .stage = stage};
    sequence_init(&f->sequence, shape.seq_length, shape.max_predictions);
    f->path = path_of(stage, o, test, i, err);
    if (!f->path)
        return -1;
    if (o->format == PRETRAIN_TFRECORD)
        f->records = tfrecord_create(f->path, shape.seq_length, shape.max_predictions, err);
    else
        f->writer = shard_create_as(f->path, &shape, o->origin, o->packing, err);
    if (f->writer && o->document_ids && shard_tell_documents(f->writer, err) < 0)
        return -1;
    return f->writer || f->records ? 0 : -1;
}

int pretrain_file_put(struct pretrain_file *f, const void *bytes, size_t n, struct err *err)
{
    const struct pairs_rules *r = &f->options->rules;
    const struct sequence *row = &f->sequence;

    if (sequence_decode(&f->sequence, bytes, n, r->seq_length, r->masking.max_predictions, err) < 0)
        return -1;
    f->n_rows++;
    pretrain_count(f->counts, row);
    return f->records ? tfrecord_put(f->records, row, err) : shard_put(f->writer, &row, 1, err);
}

/* A TFRecord is quickly made: it is left to the thread that writes. */
static int append_records(struct pretrain_file *f, const char *block, size_t size, struct err *err)
{
    const struct pairs_rules *r = &f->options->rules;
    int rc = 0;

    for (size_t at = 0; at < size && rc == 0;) {
        size_t n;

        memcpy(&n, block + at, sizeof n);
        at += sizeof n;
        rc = sequence_decode(&f->sequence, block + at, n, r->seq_length, r->masking.max_predictions,
                             err);
        if (rc == 0)
            rc = tfrecord_put(f->records, &f->sequence, err);
        at += n;
    }
    return rc;
}

int pretrain_file_append(struct pretrain_file *f, const void *block, size_t size, struct err *err)
{
    return f->records ? append_records(f, block, size, err)
                      : shard_append_block(f->writer, block, size, err);
}

int pretrain_file_finish(struct pretrain_file *f, struct err *err)
{
    if ((f->records ? tfrecord_finish(f->records, err) : shard_finish(f->writer, err)) < 0)
        return -1;
    stage_flush(f->stage, f->path);
    return 0;
}

int pretrain_sum(char sha256[HASH_HEX_SIZE], const struct stage *stage,
                 const struct pretrain_options *o, bool test, size_t i, struct err *err)
{
    char *path = path_of(stage, o, test, i, err);
    const int rc = path ? sha256_of_file(sha256, NULL, path, err) : -1;

    free(path);
    return rc;
}

void pretrain_file_close(struct pretrain_file *f)
{
    shard_discard(f->writer);
    tfrecord_discard(f->records);
    sequence_release(&f->sequence);
    free(f->path);
    *f = (struct pretrain_file){0};
}

size_t pretrain_block_size(const struct pretrain_options *o, uint64_t n_rows)
{
    const struct shard_shape shape = shape_of(o, n_rows);

    return row_block_size(&shape);
}

struct pretrain_block *pretrain_block_open(const struct pretrain_options *o, uint64_t n_rows)
{
    const struct shard_shape shape = shape_of(o, n_rows);
    struct pretrain_block *b = mem_alloc(sizeof *b);

    b->options = o;
    if (o->format == PRETRAIN_HDF5)
        b->rows = row_block_open(&shape, o->packing, o->document_ids);
    sequence_init(&b->sequence, shape.seq_length, shape.max_predictions);
    pretrain_counts_init(&b->counts, shape.seq_length);
    return b;
}

int pretrain_block_put(struct pretrain_block *b, const void *bytes, size_t n, struct err *err)
{
    const struct pairs_rules *r = &b->options->rules;
    const struct sequence *row = &b->sequence;

    if (sequence_decode(&b->sequence, bytes, n, r->seq_length, r->masking.max_predictions, err) < 0)
        return -1;
    pretrain_count(&b->counts, row);
    if (b->rows)
        return row_block_put(b->rows, &row, 1, err);
    buf_put(&b->records, &n, sizeof n);
    buf_put(&b->records, bytes, n);
    return 0;
}

void pretrain_block_end(struct pretrain_block *b, struct buf *to)
{
    if (b->rows)
        row_block_end(b->rows, to);
    else
        buf_put(to, b->records.data, b->records.len);
    buf_clear(&b->records);
}

void pretrain_block_close(struct pretrain_block *b, struct pretrain_counts *counts)
{
    counts->instances += b->counts.instances;
    counts->tokens += b->counts.tokens;
    counts->masked += b->counts.masked;
    counts->random_next += b->counts.random_next;
    for (size_t i = 0; i < counts->n_lengths; i++)
        counts->lengths[i] += b->counts.lengths[i];
    pretrain_counts_release(&b->counts);
    sequence_release(&b->sequence);
    buf_release(&b->records);
    row_block_close(b->rows);
    free(b);
}
