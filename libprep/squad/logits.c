/* logits.c -- rows of two tables, numbered from PASSAGE_FIRST_ID. */
#include "squad/logits.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/sink.h"
#include "squad/passage.h"
#include "store/formats.h"
#include "store/h5.h"
#include "store/h5_writer.h"

enum { VERSION = 1 };
static const char format_name[] = "bertline squad logits";

struct logits_writer {
    struct sink sink;
    struct h5_writer *file;
    int number[LOGITS_SETS];
    int64_t n_rows;
};

struct logits_writer *logits_create(const char *path, size_t seq_length, struct err *err)
{
    struct logits_writer *w = mem_alloc(sizeof *w);

    if (sink_open_part(&w->sink, path, err) < 0)
        goto failed;
    w->file = h5_create(w->sink.part, err);
    if (!w->file || h5_put_text(w->file, "format", format_name, err) < 0 ||
        h5_put_int(w->file, "version", VERSION, err) < 0)
        goto failed;
    for (int i = 0; i < LOGITS_SETS; i++) {
        const struct format *f = format_of_logits((enum logits_set)i);

        w->number[i] =
            h5_add(w->file, f->name, f->type, f->width == WIDTH_ONE ? 0 : seq_length, err);
        if (w->number[i] < 0)
            goto failed;
    }
    return w;
failed:
    logits_discard(w);
    return NULL;
}

int logits_put(struct logits_writer *w, const float *start, const float *end, size_t n,
               struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        const int64_t id = PASSAGE_FIRST_ID + w->n_rows++;

        if (h5_append(w->file, w->number[LOGITS_UNIQUE_ID], &id, 1, err) < 0)
            return -1;
    }
    if (h5_append(w->file, w->number[LOGITS_START], start, n, err) < 0)
        return -1;
    return h5_append(w->file, w->number[LOGITS_END], end, n, err);
}

int logits_commit(struct logits_writer *w, struct err *err)
{
    if (h5_put_int(w->file, "rows", w->n_rows, err) < 0 || h5_finish(w->file, err) < 0)
        return -1;
    return sink_commit(&w->sink, err);
}

void logits_discard(struct logits_writer *w)
{
    if (!w)
        return;
    h5_discard(w->file);
    sink_close(&w->sink);
    free(w);
}

static int find_shape(struct logits *l, struct err *err)
{
    for (int i = 0; i < LOGITS_SETS; i++) {
        const struct format *f = format_of_logits((enum logits_set)i);
        int64_t n_rows;
        size_t n_cols;

        if (h5_extent(&n_rows, &n_cols, l->file, f->name, err) < 0)
            return -1;
        if (i == 0)
            l->n_rows = n_rows;
        if (n_rows != l->n_rows)
            return err_set(err, ERR_FORMAT, "%s: data set '%s' has %lld rows, 'unique_id' %lld",
                           l->path, f->name, (long long)n_rows, (long long)l->n_rows);
        if (f->width == WIDTH_ONE ? n_cols > 1 : n_cols == 0)
            return err_set(err, ERR_FORMAT, "%s: data set '%s' has %s columns", l->path, f->name,
                           n_cols ? "several" : "no");
        if (f->width == WIDTH_ONE)
            continue;
        if (l->seq_length && n_cols != l->seq_length)
            return err_set(err, ERR_FORMAT, "%s: data set '%s' has %zu columns, not %zu", l->path,
                           f->name, n_cols, l->seq_length);
        l->seq_length = n_cols;
    }
    return 0;
}

/* What the file says of itself, if it is one of ours. */
static int check_origin(struct logits *l, struct err *err)
{
    const int64_t version = h5_int_or(l->file, "version", VERSION);
    const int64_t n_rows = h5_int_or(l->file, "rows", l->n_rows);
    char *format = h5_text(l->file, "format");
    const bool ours = format && !strcmp(format, format_name);

    free(format);
    if (ours && version != VERSION)
        return err_set(err, ERR_FORMAT, "%s: version %lld of the format, not %d", l->path,
                       (long long)version, VERSION);
    if (ours && n_rows != l->n_rows)
        return err_set(err, ERR_FORMAT, "%s: has %lld rows, but was written with %lld", l->path,
                       (long long)l->n_rows, (long long)n_rows);
    return 0;
}

int logits_open(struct logits *l, const char *path, struct err *err)
{
    *l = (struct logits){.path = mem_text(path)};
    l->file = h5_open(path, err);
    if (l->file && find_shape(l, err) == 0 && check_origin(l, err) == 0)
        return 0;
    logits_close(l);
    return -1;
}

int logits_read(float *start, float *end, struct logits *l, int64_t first, size_t n,
                struct err *err)
{
    const int64_t count = (int64_t)n;
    int64_t *ids;
    int rc;

    if (n == 0)
        return 0;
    if (first + count > l->n_rows)
        return err_set(err, ERR_FORMAT, "%s: has %lld rows, but there are more windows", l->path,
                       (long long)l->n_rows);
    ids = mem_array(n, sizeof *ids);
    rc = h5_read_longs(ids, l->file, format_of_logits(LOGITS_UNIQUE_ID)->name, first, count, err);
    for (size_t i = 0; i < n && rc == 0; i++)
        if (ids[i] != PASSAGE_FIRST_ID + first + (int64_t)i)
            rc = err_set(err, ERR_FORMAT, "%s: row %lld: unique_id %lld, not %lld", l->path,
                         (long long)first + (long long)i, (long long)ids[i],
                         (long long)(PASSAGE_FIRST_ID + first) + (long long)i);
    free(ids);
    if (rc < 0 ||
        h5_read_reals(start, l->file, format_of_logits(LOGITS_START)->name, first, count, err) < 0)
        return -1;
    return h5_read_reals(end, l->file, format_of_logits(LOGITS_END)->name, first, count, err);
}

void logits_close(struct logits *l)
{
    h5_close(l->file);
    free(l->path);
    *l = (struct logits){0};
}
