/* predictions.c -- three JSON objects that grow side by side. */
#include "squad/predictions.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/scratch.h"
#include "base/sink.h"
#include "squad/python_json.h"

enum { ANSWERS, NBEST, NULL_ODDS, FILES };
static const char *const file_names[FILES] = {
    [ANSWERS] = "predictions.json",
    [NBEST] = "nbest_predictions.json",
    [NULL_ODDS] = "null_odds.json",
};

struct predictions {
    struct nbest_options options;
    struct sink sinks[FILES]; /* the last only for version 2 */
    size_t n_files;
    struct json *ids; /* of the questions so far */
    uint64_t n_written;
    struct buf text;
    bool waits; /* for the last question's null logits */
    struct scratch waiting;
    double null_start, null_end; /* of the last question with windows */
};

/* What waits: this, the id, the entries, the texts. */
struct record {
    size_t id_len, n, texts_len;
    double null_score;
};

struct predictions *predictions_open(const char *folder, const struct nbest_options *options,
                                     struct err *err)
{
    struct predictions *p = mem_alloc(sizeof *p);
    int rc = file_make_folder(folder, err);

    p->options = *options;
    p->n_files = options->version_2 ? FILES : NULL_ODDS;
    p->waits = options->version_2 && options->pytorch;
    p->ids = json_new_map();
    for (size_t i = 0; i < p->n_files && rc == 0; i++) {
        char *path = file_join(folder, file_names[i]);

        rc = sink_open(&p->sinks[i], path, err);
        if (rc == 0)
            rc = sink_write(&p->sinks[i], "{", 1, err);
        free(path);
    }
    if (rc == 0 && p->waits)
        rc = scratch_open(&p->waiting, folder, err);
    if (rc == 0)
        return p;
    predictions_close(p);
    return NULL;
}

/* A member `id` of one of the objects; its value is put after this. */
static void begin_member(struct predictions *p, const char *id)
{
    buf_clear(&p->text);
    buf_put_text(&p->text, p->n_written ? ",\n    " : "\n    ");
    python_json_text(&p->text, id, strlen(id));
    buf_put_text(&p->text, ": ");
}

static int end_member(struct predictions *p, int file, struct err *err)
{
    return sink_write(&p->sinks[file], p->text.data, p->text.len, err);
}

static void put_entry(struct buf *to, const struct nbest *b, const struct nbest_entry *e)
{
    buf_put_text(to, "        {\n            \"text\": ");
    python_json_text(to, b->texts.data + e->text, e->len);
    buf_put_text(to, ",\n            \"probability\": ");
    json_write_real(to, e->probability);
    buf_put_text(to, ",\n            \"start_logit\": ");
    json_write_real(to, e->start);
    buf_put_text(to, ",\n            \"end_logit\": ");
    json_write_real(to, e->end);
    buf_put_text(to, "\n        }");
}

/* A finished question into all files. */
static int write_question(struct predictions *p, const char *id, const struct nbest *b,
                          struct err *err)
{
    begin_member(p, id);
    if (b->answer)
        python_json_text(&p->text, b->texts.data + b->answer->text, b->answer->len);
    else
        buf_put_text(&p->text, "\"\"");
    if (end_member(p, ANSWERS, err) < 0)
        return -1;
    begin_member(p, id);
    buf_put_text(&p->text, "[\n");
    for (size_t i = 0; i < b->n; i++) {
        put_entry(&p->text, b, &b->entries[i]);
        buf_put_text(&p->text, i + 1 < b->n ? ",\n" : "\n    ]");
    }
    if (end_member(p, NBEST, err) < 0)
        return -1;
    if (p->options.version_2) {
        begin_member(p, id);
        json_write_real(&p->text, b->null_odds);
        if (end_member(p, NULL_ODDS, err) < 0)
            return -1;
    }
    p->n_written++;
    return 0;
}

static int keep(struct predictions *p, const char *id, const struct nbest *b, struct err *err)
{
    const struct record r = {.id_len = strlen(id) + 1,
                             .n = b->n,
                             .texts_len = b->texts.len,
                             .null_score = b->null_score};

    if (scratch_put(&p->waiting, &r, sizeof r, err) < 0 ||
        scratch_put(&p->waiting, id, r.id_len, err) < 0)
        return -1;
    if (r.n > 0 && scratch_put(&p->waiting, b->entries, r.n * sizeof *b->entries, err) < 0)
        return -1;
    return r.texts_len > 0 ? scratch_put(&p->waiting, b->texts.data, r.texts_len, err) : 0;
}

int predictions_put(struct predictions *p, const char *id, bool has_windows, struct nbest *b,
                    struct err *err)
{
    if (json_member(p->ids, id))
        return err_set(err, ERR_FORMAT, "question '%s' is there twice", id);
    json_put_null(p->ids, id);
    if (p->options.pytorch && !has_windows)
        return 0;
    p->null_start = b->null_start;
    p->null_end = b->null_end;
    if (p->waits)
        return keep(p, id, b, err);
    nbest_finish(b, b->null_start, b->null_end, &p->options);
    return write_question(p, id, b, err);
}

static void take(void *to, const char **from, size_t n)
{
    if (n > 0)
        memcpy(to, *from, n);
    *from += n;
}

/* All that waited. */
static int write_kept(struct predictions *p, struct err *err)
{
    struct nbest b = {0};
    const char *at;
    const char *end;
    int rc = 0;

    if (scratch_map(&p->waiting, err) < 0)
        return -1;
    at = p->waiting.bytes;
    end = at + p->waiting.len;
    while (rc == 0 && at < end) {
        const char *id;
        struct record r;

        take(&r, &at, sizeof r);
        id = at;
        at += r.id_len;
        if (b.cap < r.n) {
            b.cap = mem_grow(b.cap, r.n);
            b.entries = mem_resize(b.entries, b.cap, sizeof *b.entries);
        }
        b.n = r.n;
        take(b.entries, &at, r.n * sizeof *b.entries);
        buf_clear(&b.texts);
        buf_put(&b.texts, at, r.texts_len);
        at += r.texts_len;
        b.null_score = r.null_score;
        nbest_finish(&b, p->null_start, p->null_end, &p->options);
        rc = write_question(p, id, &b, err);
    }
    nbest_release(&b);
    return rc;
}

int predictions_commit(struct predictions *p, struct err *err)
{
    const char *end;

    if (p->waits && write_kept(p, err) < 0)
        return -1;
    end = p->n_written ? "\n}\n" : "}\n";
    for (size_t i = 0; i < p->n_files; i++)
        if (sink_write(&p->sinks[i], end, strlen(end), err) < 0)
            return -1;
    for (size_t i = 0; i < p->n_files; i++)
        if (sink_commit(&p->sinks[i], err) < 0)
            return -1;
    return 0;
}

void predictions_close(struct predictions *p)
{
    if (!p)
        return;
    for (size_t i = 0; i < p->n_files; i++)
        sink_close(&p->sinks[i]);
    scratch_close(&p->waiting);
    json_release(p->ids);
    buf_release(&p->text);
    free(p);
}
