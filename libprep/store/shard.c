/* shard.c -- files of rows: made from sequences, a chunk at a time, and read back in blocks.
 *
 * rows.h shows how sequences stand in a row. */
#include "store/shard.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/sink.h"
#include "store/formats.h"
#include "store/h5.h"
#include "store/h5_writer.h"
#include "store/row_block.h"
#include "store/rows.h"
#include "store/shard_rows.h"

enum {
    SHARD_VERSION = 1,
    BLOCK_VALUES = 1 << 18 /* of input_ids read at once */
};

static const char *const format_name[] = {"bertline pretrain shard", "bertline packed shard"};

void shard_origin_release(struct shard_origin *o)
{
    free(o->options);
    *o = (struct shard_origin){0};
}

/* ---- writing ---- */

struct shard_writer {
    struct shard_shape shape;
    struct sink sink;
    struct h5_writer *file;
    int number[FORMAT_SETS]; /* of the data set in the file */
    bool tells_documents;
    int documents;          /* number of that data set */
    struct shard_rows *row; /* one, for shard_put() */
    int64_t n_rows;
};

static int put_origin(struct shard_writer *w, const struct shard_origin *origin, struct err *err)
{
    if (h5_put_text(w->file, "format", format_name[w->shape.packed], err) < 0 ||
        h5_put_int(w->file, "version", SHARD_VERSION, err) < 0)
        return -1;
    if (!origin)
        return 0;
    if (origin->vocab_size && h5_put_int(w->file, "vocab_size", origin->vocab_size, err) < 0)
        return -1;
    if (origin->vocab_sha256[0] &&
        h5_put_text(w->file, "vocab_sha256", origin->vocab_sha256, err) < 0)
        return -1;
    return origin->options ? h5_put_text(w->file, "options", origin->options, err) : 0;
}

struct shard_writer *shard_create(const char *path, const struct shard_shape *shape,
                                  const struct shard_origin *origin, struct err *err)
{
    return shard_create_as(path, shape, origin, CHUNK_GZIP, err);
}

struct shard_writer *shard_create_as(const char *path, const struct shard_shape *shape,
                                     const struct shard_origin *origin, enum chunk_packing packing,
                                     struct err *err)
{
    struct shard_writer *w = mem_alloc(sizeof *w);

    assert(shape->seq_length && shape->max_predictions && shape->max_sequences);
    w->shape = *shape;
    w->row = shard_rows_open(shape, 1);
    if (sink_open_part(&w->sink, path, err) < 0)
        goto failed;
    w->file = h5_create(w->sink.part, err);
    if (!w->file)
        goto failed;
    h5_use_packing(w->file, packing);
    if (put_origin(w, origin, err) < 0)
        goto failed;
    for (int i = 0; i < FORMAT_SETS; i++) {
        const struct format *f = format_of((enum format_set)i, shape->packed);
        const size_t width = format_columns(shape, f->width);

        if (!f->name)
            continue;
        w->number[i] = h5_add_chunked(w->file, f->name, f->type, f->width == WIDTH_ONE ? 0 : width,
                                      format_chunk_rows(shape, f), err);
        if (w->number[i] < 0)
            goto failed;
    }
    return w;
failed:
    shard_discard(w);
    return NULL;
}

void shard_use_team(struct shard_writer *w, struct team *team)
{
    h5_use_team(w->file, team);
}

int shard_tell_documents(struct shard_writer *w, struct err *err)
{
    const struct format *f = format_of_documents();

    assert(!w->shape.packed && w->n_rows == 0);
    w->documents =
        h5_add_chunked(w->file, f->name, f->type, 0, format_chunk_rows(&w->shape, f), err);
    w->tells_documents = w->documents >= 0;
    return w->tells_documents ? 0 : -1;
}

int shard_append(struct shard_writer *w, const struct shard_rows *r, size_t first, size_t n,
                 struct err *err)
{
    assert(first + n <= r->n);
    for (int i = 0; i < FORMAT_SETS; i++)
        if (r->set[i] &&
            h5_append_ints(w->file, w->number[i], shard_rows_values(r, (enum format_set)i, first),
                           n, err) < 0)
            return -1;
    if (w->tells_documents && h5_append(w->file, w->documents, r->documents + first, n, err) < 0)
        return -1;
    w->n_rows += (int64_t)n;
    return 0;
}

int shard_append_block(struct shard_writer *w, const void *block, size_t size, struct err *err)
{
    struct row_part p = {0};

    while (row_block_next(&p, block, size)) {
        const int set = p.documents ? w->documents : w->number[p.set];
        const int rc = p.packed ? h5_append_packed(w->file, set, p.bytes, p.len, p.n_rows, err)
                       : p.documents
                           ? h5_append(w->file, set, p.bytes, p.n_rows, err)
                           : h5_append_ints(w->file, set, (const int32_t *)p.bytes, p.n_rows, err);

        if (rc < 0)
            return -1;
        if (p.set == SET_NEXT_LABELS && !p.documents)
            w->n_rows += (int64_t)p.n_rows;
    }
    return 0;
}

int shard_put(struct shard_writer *w, const struct sequence *const *sequences, size_t n,
              struct err *err)
{
    shard_rows_clear(w->row);
    if (shard_rows_put(w->row, sequences, n, err) < 0)
        return err_in(err, "%s", w->sink.path);
    return shard_append(w, w->row, 0, 1, err);
}

static int end_rows(struct shard_writer *w, struct err *err)
{
    return h5_put_int(w->file, "rows", w->n_rows, err) < 0 ? -1 : h5_finish(w->file, err);
}

int shard_commit(struct shard_writer *w, struct err *err)
{
    return end_rows(w, err) < 0 ? -1 : sink_commit(&w->sink, err);
}

int shard_finish(struct shard_writer *w, struct err *err)
{
    return end_rows(w, err) < 0 ? -1 : sink_finish(&w->sink, err);
}

void shard_discard(struct shard_writer *w)
{
    if (!w)
        return;
    h5_discard(w->file);
    sink_close(&w->sink);
    shard_rows_release(w->row);
    free(w);
}

/* ---- opening ---- */

/* Rows and columns of all data sets; what disagrees is named. */
static int find_shape(struct shard *s, struct err *err)
{
    size_t *const known[] = {[WIDTH_TOKENS] = &s->shape.seq_length,
                             [WIDTH_MASKED] = &s->shape.max_predictions,
                             [WIDTH_SEQUENCES] = &s->shape.max_sequences};

    s->n_rows = -1;
    for (int i = 0; i < FORMAT_SETS; i++) {
        const struct format *f = format_of((enum format_set)i, s->shape.packed);
        int64_t n_rows;
        size_t n_cols;

        if (!f->name)
            continue;
        if (h5_extent(&n_rows, &n_cols, s->file, f->name, err) < 0)
            return -1;
        if (s->n_rows < 0)
            s->n_rows = n_rows;
        if (n_rows != s->n_rows)
            return err_set(err, ERR_FORMAT, "%s: data set '%s' has %lld rows, 'input_ids' %lld",
                           s->path, f->name, (long long)n_rows, (long long)s->n_rows);
        if (f->width == WIDTH_ONE ? n_cols > 1 : n_cols == 0)
            return err_set(err, ERR_FORMAT, "%s: data set '%s' has %s columns", s->path, f->name,
                           n_cols ? "several" : "no");
        if (f->width == WIDTH_ONE)
            continue;
        if (!*known[f->width])
            *known[f->width] = n_cols;
        if (n_cols != *known[f->width])
            return err_set(err, ERR_FORMAT, "%s: data set '%s' has %zu columns, not %zu", s->path,
                           f->name, n_cols, *known[f->width]);
    }
    if (!s->shape.packed)
        s->shape.max_sequences = 1;
    return 0;
}

static int find_documents(struct shard *s, struct err *err)
{
    const char *name = format_of_documents()->name;
    int64_t n_rows;
    size_t n_cols;

    if (s->shape.packed || !h5_has(s->file, name))
        return 0;
    if (h5_extent(&n_rows, &n_cols, s->file, name, err) < 0)
        return -1;
    if (n_rows != s->n_rows || n_cols > 1)
        return err_set(err, ERR_FORMAT,
                       "%s: data set '%s' has %lld rows of %zu values, not %lld of one", s->path,
                       name, (long long)n_rows, n_cols, (long long)s->n_rows);
    s->tells_documents = true;
    return 0;
}

/* What the file says of itself, if it is one of ours. */
static int read_origin(struct shard *s, struct err *err)
{
    const int64_t version = h5_int_or(s->file, "version", SHARD_VERSION);
    const int64_t n_rows = h5_int_or(s->file, "rows", s->n_rows);
    char *format = h5_text(s->file, "format");
    char *vocab = h5_text(s->file, "vocab_sha256");
    const bool ours =
        format && (!strcmp(format, format_name[0]) || !strcmp(format, format_name[1]));

    if (vocab && strlen(vocab) == HASH_HEX_SIZE - 1)
        memcpy(s->origin.vocab_sha256, vocab, HASH_HEX_SIZE);
    free(format);
    free(vocab);
    if (ours && version != SHARD_VERSION)
        return err_set(err, ERR_FORMAT, "%s: version %lld of the format, not %d", s->path,
                       (long long)version, SHARD_VERSION);
    if (ours && n_rows != s->n_rows)
        return err_set(err, ERR_FORMAT, "%s: has %lld rows, but was written with %lld", s->path,
                       (long long)s->n_rows, (long long)n_rows);
    s->origin.vocab_size = h5_int_or(s->file, "vocab_size", 0);
    s->origin.options = h5_text(s->file, "options");
    return 0;
}

int shard_open(struct shard *s, const char *path, struct err *err)
{
    *s = (struct shard){.path = mem_text(path)};
    s->file = h5_open(path, err);
    if (!s->file)
        goto failed;
    s->shape.packed = h5_has(s->file, format_of(SET_POSITIONS, true)->name);
    if (find_shape(s, err) < 0 || find_documents(s, err) < 0 || read_origin(s, err) < 0)
        goto failed;
    return 0;
failed:
    shard_close(s);
    return -1;
}

void shard_close(struct shard *s)
{
    h5_close(s->file);
    shard_origin_release(&s->origin);
    free(s->path);
    *s = (struct shard){0};
}

/* ---- reading ---- */

/* Sequences that grow in number. */
struct taken {
    struct sequence *sequences;
    int32_t *row_of;
    size_t n;
    size_t cap;
};

static struct sequence *taken_more(struct taken *t, const struct rows *r, size_t n_masked,
                                   int32_t row)
{
    size_t start = 0;

    if (t->cap < t->n + r->n_ends) {
        t->cap = mem_grow(t->cap, t->n + r->n_ends);
        t->sequences = mem_resize(t->sequences, t->cap, sizeof *t->sequences);
        t->row_of = mem_resize(t->row_of, t->cap, sizeof *t->row_of);
    }
    for (size_t i = 0; i < r->n_ends; i++) {
        t->sequences[t->n] = (struct sequence){0};
        sequence_init(&t->sequences[t->n], r->ends[i] - start, n_masked);
        t->row_of[t->n++] = row;
        start = r->ends[i];
    }
    return t->sequences + t->n - r->n_ends;
}

static size_t block_rows(const struct shard *s, int64_t n)
{
    const size_t rows = BLOCK_VALUES / s->shape.seq_length;

    return n < (int64_t)rows ? (size_t)n : rows ? rows : 1;
}

int shard_read(struct sequence **sequences, size_t *n_sequences, int32_t **row_of, struct shard *s,
               int64_t first, int64_t n, struct err *err)
{
    const size_t step = block_rows(s, n);
    struct taken taken = {0};
    struct rows rows;
    int rc = 0;

    assert(first >= 0 && n >= 0 && first <= s->n_rows - n && n <= INT32_MAX);
    rows_init(&rows, s->file, s->path, &s->shape, s->tells_documents, step);
    for (int64_t at = 0; at < n && rc == 0; at += (int64_t)step) {
        const int64_t left = n - at < (int64_t)step ? n - at : (int64_t)step;

        for (int i = 0; i < FORMAT_SETS && rc == 0; i++)
            rc = rows_read(&rows, (enum format_set)i, first + at, left, err);
        if (rc == 0)
            rc = rows_read_documents(&rows, first + at, left, err);
        for (size_t row = 0; row < (size_t)left && rc == 0; row++) {
            size_t n_masked = 0;

            rc = rows_find_ends(&rows, row, err);
            if (rc == 0)
                rc = rows_count_masked(&n_masked, &rows, row, err);
            if (rc == 0)
                rc = rows_take(taken_more(&taken, &rows, n_masked, (int32_t)(at + (int64_t)row)),
                               &rows, row, n_masked, err);
        }
    }
    rows_release(&rows);
    if (rc < 0 || !row_of) {
        free(taken.row_of);
        taken.row_of = NULL;
    }
    if (rc < 0) {
        sequences_free(taken.sequences, taken.n);
        taken = (struct taken){0};
    }
    *sequences = taken.sequences;
    *n_sequences = taken.n;
    if (row_of)
        *row_of = taken.row_of;
    return rc;
}

void sequences_free(struct sequence *sequences, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sequence_release(&sequences[i]);
    free(sequences);
}

/* How many masked tokens each sequence of the row at hand has. */
static void count_masked(int32_t *masked, const struct rows *r, size_t row)
{
    const size_t P = r->shape.max_predictions;
    const int32_t *positions = r->set[SET_MASKED_POSITIONS] + row * P;
    size_t i = 0;

    for (size_t k = 0; k < P && positions[k] != 0; k++) {
        while (i + 1 < r->n_ends && positions[k] >= 0 && (size_t)positions[k] >= r->ends[i])
            i++;
        masked[i]++;
    }
}

int shard_measures(int32_t *lengths, int32_t *masked, struct shard *s, int64_t first, int64_t n,
                   struct err *err)
{
    const size_t S = s->shape.max_sequences;
    const size_t step = block_rows(s, n);
    struct rows rows;
    int rc = 0;

    assert(first >= 0 && n >= 0 && first <= s->n_rows - n);
    rows_init(&rows, s->file, s->path, &s->shape, s->tells_documents, step);
    memset(lengths, 0, (size_t)n * S * sizeof *lengths);
    if (masked)
        memset(masked, 0, (size_t)n * S * sizeof *masked);
    for (int64_t at = 0; at < n && rc == 0; at += (int64_t)step) {
        const int64_t left = n - at < (int64_t)step ? n - at : (int64_t)step;

        rc = rows_read(&rows, SET_INPUT_MASK, first + at, left, err);
        if (rc == 0 && masked)
            rc = rows_read(&rows, SET_MASKED_POSITIONS, first + at, left, err);
        for (size_t row = 0; row < (size_t)left && rc == 0; row++) {
            const size_t to = ((size_t)at + row) * S;
            size_t start = 0;

            rc = rows_find_ends(&rows, row, err);
            for (size_t i = 0; rc == 0 && i < rows.n_ends; i++) {
                lengths[to + i] = (int32_t)(rows.ends[i] - start);
                start = rows.ends[i];
            }
            if (rc == 0 && masked)
                count_masked(masked + to, &rows, row);
        }
    }
    rows_release(&rows);
    return rc;
}

int shard_lengths(int32_t *lengths, struct shard *s, int64_t first, int64_t n, struct err *err)
{
    return shard_measures(lengths, NULL, s, first, n, err);
}

/* ---- folders ---- */

static bool ends_in(const char *name, const char *suffix)
{
    const size_t n = strlen(name);
    const size_t m = strlen(suffix);

    return n > m && !strcmp(name + n - m, suffix);
}

int shard_list(char ***paths, size_t *n, const char *folder, struct err *err)
{
    bool training = false;
    size_t n_names;
    char **names;

    *paths = NULL;
    *n = 0;
    if (file_list(&names, &n_names, folder, "", err) < 0)
        return -1;
    for (size_t i = 0; i < n_names; i++)
        if (ends_in(names[i], ".hdf5") || ends_in(names[i], ".h5"))
            training = training || strstr(names[i], "training");
    *paths = mem_array(n_names, sizeof **paths);
    for (size_t i = 0; i < n_names; i++)
        if ((ends_in(names[i], ".hdf5") || ends_in(names[i], ".h5")) &&
            (!training || strstr(names[i], "training")))
            (*paths)[(*n)++] = file_join(folder, names[i]);
    file_free_names(names, n_names);
    if (*n)
        return 0;
    free(*paths);
    *paths = NULL;
    return err_set(err, ERR_FORMAT, "folder '%s' holds no shards (files that end in .hdf5 or .h5)",
                   folder);
}
