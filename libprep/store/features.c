/* features.c -- rows of any such file, in blocks; nothing is taken on trust. */
#include "store/features.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/shard.h"

enum {
    VERSION = 1,
    BLOCK_VALUES = 1 << 18, /* of input_ids read at once */
    MAX_CLASSES = 1 << 20
};

static const char FORMAT_SPANS[] = "bertline squad features";
static const char FORMAT_LABELS[] = "bertline glue features";

/* ---- opening ---- */

bool features_are(struct h5_file *file)
{
    char *format = h5_text(file, "format");
    const bool ours = format && (!strcmp(format, FORMAT_SPANS) || !strcmp(format, FORMAT_LABELS));

    free(format);
    return ours || h5_has(file, "label_ids") || h5_has(file, "start_positions") ||
           h5_has(file, "doc_span_index");
}

/* ERR_FORMAT unless the data set has the rows of input_ids, and T columns where it is a table. */
static int check_set(const struct features *f, const char *name, bool wide, struct err *err)
{
    const size_t want = wide ? f->seq_length : 0;
    int64_t n_rows;
    size_t n_cols;

    if (h5_extent(&n_rows, &n_cols, f->file, name, err) < 0)
        return -1;
    if (n_rows != f->n_rows)
        return err_set(err, ERR_FORMAT, "%s: data set '%s' has %" PRId64 " rows, not %" PRId64,
                       f->path, name, n_rows, f->n_rows);
    if (n_cols != want)
        return err_set(err, ERR_FORMAT, "%s: data set '%s' has %zu columns, not %zu", f->path, name,
                       n_cols, want);
    return 0;
}

/* Labels that cannot be read as integers are reals: scores. */
static enum features_kind kind_of_labels(const struct features *f)
{
    struct err ignored = {0};
    int32_t label;

    if (f->labels)
        return *f->labels ? FEATURES_CLASSES : FEATURES_SCORES;
    if (!f->labelled || f->n_rows == 0 ||
        h5_read_ints(&label, f->file, "label_ids", 0, 1, &ignored) == 0)
        return FEATURES_CLASSES;
    return FEATURES_SCORES;
}

static int read_kind(struct features *f, struct err *err)
{
    char *format = h5_text(f->file, "format");
    const bool labels = h5_has(f->file, "label_ids") || (format && !strcmp(format, FORMAT_LABELS));
    const bool ours = format && (!strcmp(format, FORMAT_LABELS) || !strcmp(format, FORMAT_SPANS));
    const int64_t version = h5_int_or(f->file, "version", VERSION);

    free(format);
    if (ours && version != VERSION)
        return err_set(err, ERR_FORMAT, "%s: version %" PRId64 " of the format, not %d", f->path,
                       version, VERSION);
    if (labels) {
        f->labelled = h5_has(f->file, "label_ids");
        f->kind = kind_of_labels(f);
        return f->labelled ? check_set(f, "label_ids", false, err) : 0;
    }
    f->kind = FEATURES_SPANS;
    f->labelled = h5_has(f->file, "start_positions");
    if (f->labelled && (check_set(f, "start_positions", false, err) < 0 ||
                        check_set(f, "end_positions", false, err) < 0))
        return -1;
    return 0;
}

static int read_shape(struct features *f, struct err *err)
{
    char *vocab = h5_text(f->file, "vocab_sha256");

    if (vocab && strlen(vocab) == HASH_HEX_SIZE - 1)
        memcpy(f->vocab_sha256, vocab, HASH_HEX_SIZE);
    free(vocab);
    f->vocab_size = h5_int_or(f->file, "vocab_size", 0);
    f->labels = h5_text(f->file, "labels");
    if (h5_extent(&f->n_rows, &f->seq_length, f->file, "input_ids", err) < 0)
        return -1;
    if (f->seq_length == 0)
        return err_set(err, ERR_FORMAT, "%s: data set 'input_ids' is not a table", f->path);
    if (check_set(f, "input_mask", true, err) < 0 || check_set(f, "segment_ids", true, err) < 0)
        return -1;
    return read_kind(f, err);
}

int features_open(struct features *f, const char *path, struct err *err)
{
    *f = (struct features){.path = mem_text(path)};
    f->file = h5_open(path, err);
    if (!f->file || read_shape(f, err) < 0) {
        features_close(f);
        return -1;
    }
    return 0;
}

void features_close(struct features *f)
{
    h5_close(f->file);
    free(f->labels);
    free(f->path);
    *f = (struct features){0};
}

/* ---- reading ---- */

/* A block of rows as they are in the file. */
struct block {
    int32_t *ids, *mask, *segments; /* (rows, T) */
    int32_t *start, *end, *label;   /* (rows) */
    float *score;                   /* (rows) */
    int64_t first;                  /* of its rows in the file */
};

static void block_init(struct block *b, const struct features *f, size_t n_rows)
{
    b->ids = mem_array(n_rows * f->seq_length, sizeof *b->ids);
    b->mask = mem_array(n_rows * f->seq_length, sizeof *b->mask);
    b->segments = mem_array(n_rows * f->seq_length, sizeof *b->segments);
    b->start = mem_array(n_rows, sizeof *b->start);
    b->end = mem_array(n_rows, sizeof *b->end);
    b->label = mem_array(n_rows, sizeof *b->label);
    b->score = mem_array(n_rows, sizeof *b->score);
}

static void block_release(struct block *b)
{
    free(b->ids);
    free(b->mask);
    free(b->segments);
    free(b->start);
    free(b->end);
    free(b->label);
    free(b->score);
}

static int read_targets(struct block *b, struct features *f, int64_t first, int64_t n,
                        struct err *err)
{
    for (int64_t i = 0; i < n; i++)
        b->label[i] = -1;
    if (!f->labelled)
        return 0;
    switch (f->kind) {
    case FEATURES_SPANS:
        if (h5_read_ints(b->start, f->file, "start_positions", first, n, err) < 0)
            return -1;
        return h5_read_ints(b->end, f->file, "end_positions", first, n, err);
    case FEATURES_CLASSES:
        return h5_read_ints(b->label, f->file, "label_ids", first, n, err);
    case FEATURES_SCORES:
        return h5_read_reals(b->score, f->file, "label_ids", first, n, err);
    }
    return 0;
}

static int block_read(struct block *b, struct features *f, int64_t first, int64_t n,
                      struct err *err)
{
    b->first = first;
    if (h5_read_ints(b->ids, f->file, "input_ids", first, n, err) < 0 ||
        h5_read_ints(b->mask, f->file, "input_mask", first, n, err) < 0 ||
        h5_read_ints(b->segments, f->file, "segment_ids", first, n, err) < 0)
        return -1;
    return read_targets(b, f, first, n, err);
}

/* "FILE: data set 'x': row 17: ..." */
static int bad(const struct features *f, const struct block *b, size_t row, const char *set,
               const char *what, double value, struct err *err)
{
    return err_set(err, ERR_FORMAT, "%s: data set '%s': row %" PRId64 ": %s %.9g", f->path, set,
                   b->first + (int64_t)row, what, value);
}

/* Tokens of a row: its mask is 1..1 0..0. */
static int find_length(size_t *n_ids, const struct features *f, const struct block *b, size_t row,
                       struct err *err)
{
    const int32_t *mask = b->mask + row * f->seq_length;
    size_t n = 0;

    while (n < f->seq_length && mask[n] == 1)
        n++;
    for (size_t i = n; i < f->seq_length; i++)
        if (mask[i] != 0)
            return bad(f, b, row, "input_mask", "is not 1..1 0..0: has", mask[i], err);
    if (n == 0)
        return bad(f, b, row, "input_mask", "no tokens:", 0, err);
    *n_ids = n;
    return 0;
}

/* Tokens of segment 0: segments are 0..0 1..1. */
static int find_first(size_t *n_first, size_t n_ids, const struct features *f,
                      const struct block *b, size_t row, struct err *err)
{
    const int32_t *segments = b->segments + row * f->seq_length;
    size_t n = 0;

    while (n < n_ids && segments[n] == 0)
        n++;
    for (size_t i = n; i < n_ids; i++)
        if (segments[i] != 1)
            return bad(f, b, row, "segment_ids", "is not 0..0 1..1: has", segments[i], err);
    *n_first = n;
    return 0;
}

static int take_target(struct features_target *t, size_t n_ids, const struct features *f,
                       const struct block *b, size_t row, struct err *err)
{
    *t = (struct features_target){b->start[row], b->end[row], b->label[row], b->score[row]};
    if (t->start < 0 || (size_t)t->start >= n_ids)
        return bad(f, b, row, "start_positions", "no token of the row:", t->start, err);
    if (t->end < t->start || (size_t)t->end >= n_ids)
        return bad(f, b, row, "end_positions", "no token from the start on:", t->end, err);
    if (f->labelled && f->kind == FEATURES_CLASSES && (t->label < 0 || t->label >= MAX_CLASSES))
        return bad(f, b, row, "label_ids", "no class:", t->label, err);
    if (!isfinite(t->score))
        return bad(f, b, row, "label_ids", "no score:", (double)t->score, err);
    return 0;
}

static int take_row(struct sequence *s, struct features_target *t, const struct features *f,
                    const struct block *b, size_t row, struct err *err)
{
    size_t n_ids = 0, n_first = 0;

    if (find_length(&n_ids, f, b, row, err) < 0 ||
        find_first(&n_first, n_ids, f, b, row, err) < 0 ||
        take_target(t, n_ids, f, b, row, err) < 0)
        return -1;
    sequence_init(s, n_ids, 0);
    memcpy(s->ids, b->ids + row * f->seq_length, n_ids * sizeof *s->ids);
    s->n_ids = n_ids;
    s->n_first = n_first;
    s->next_label = -1;
    return 0;
}

static int64_t block_rows(const struct features *f, int64_t n)
{
    const int64_t rows = (int64_t)(BLOCK_VALUES / f->seq_length);

    return n < rows ? n : rows ? rows : 1;
}

int features_read(struct sequence **sequences, struct features_target **targets, struct features *f,
                  int64_t first, int64_t n, struct err *err)
{
    const int64_t step = block_rows(f, n);
    struct sequence *s = mem_array((size_t)n, sizeof *s);
    struct features_target *t = mem_array((size_t)n, sizeof *t);
    struct block b;
    int rc = 0;

    assert(first >= 0 && n >= 0 && first <= f->n_rows - n);
    block_init(&b, f, (size_t)step);
    for (int64_t at = 0; at < n && rc == 0; at += step) {
        const int64_t here = n - at < step ? n - at : step;

        rc = block_read(&b, f, first + at, here, err);
        for (int64_t row = 0; row < here && rc == 0; row++)
            rc = take_row(&s[at + row], &t[at + row], f, &b, (size_t)row, err);
    }
    block_release(&b);
    if (rc < 0) {
        sequences_free(s, (size_t)n);
        free(t);
        s = NULL;
        t = NULL;
    }
    *sequences = s;
    *targets = t;
    return rc;
}

int features_lengths(int32_t *lengths, struct features *f, int64_t first, int64_t n,
                     struct err *err)
{
    const int64_t step = block_rows(f, n);
    struct block b;
    int rc = 0;

    assert(first >= 0 && n >= 0 && first <= f->n_rows - n);
    block_init(&b, f, (size_t)step);
    for (int64_t at = 0; at < n && rc == 0; at += step) {
        const int64_t here = n - at < step ? n - at : step;

        b.first = first + at;
        rc = h5_read_ints(b.mask, f->file, "input_mask", b.first, here, err);
        for (int64_t row = 0; row < here && rc == 0; row++) {
            size_t n_ids = 0;

            rc = find_length(&n_ids, f, &b, (size_t)row, err);
            lengths[at + row] = (int32_t)n_ids;
        }
    }
    block_release(&b);
    return rc;
}

int features_count_classes(size_t *n, struct features *f, struct err *err)
{
    int32_t *labels;
    int rc = 0;

    assert(f->kind == FEATURES_CLASSES);
    *n = 0;
    if (f->labels) {
        *n = 1;
        for (const char *at = f->labels; *at; at++)
            *n += *at == '|';
        return 0;
    }
    if (!f->labelled)
        return err_set(err, ERR_FORMAT, "%s: has no labels", f->path);
    labels = mem_array(BLOCK_VALUES, sizeof *labels);
    for (int64_t at = 0; at < f->n_rows && rc == 0; at += BLOCK_VALUES) {
        const int64_t here = f->n_rows - at < BLOCK_VALUES ? f->n_rows - at : BLOCK_VALUES;

        rc = h5_read_ints(labels, f->file, "label_ids", at, here, err);
        for (int64_t i = 0; i < here && rc == 0; i++)
            if (labels[i] >= 0 && labels[i] < MAX_CLASSES && (size_t)labels[i] >= *n)
                *n = (size_t)labels[i] + 1;
    }
    free(labels);
    return rc;
}
