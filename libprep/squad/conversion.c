/* conversion.c -- read, work and write of base/parallel; a batch of rows is written set by set. */
#include "squad/conversion.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/scratch.h"
#include "base/sink.h"
#include "base/team.h"
#include "squad/articles.h"
#include "store/formats.h"
#include "store/h5_writer.h"

enum { BATCH_BYTES = 1 << 17, VERSION = 1 };

/* Before the JSON of each paragraph in a batch. */
struct piece {
    size_t len;
    struct articles_place place;
};

/* At the start of a worked batch; behind it the ids of the skipped questions and, for predictions,
 * of every row, each with a zero byte, then n_rows rows of every set. */
struct head {
    uint64_t n_questions, n_skipped, n_without;
    size_t n_rows;
    size_t skipped_len, ids_len;
};

struct worker {
    struct tokenizer_scratch *scratch;
    struct buf sets[SQUAD_SETS];
    struct buf skipped, ids;
    struct head head;
};

struct conversion {
    const struct conversion_options *options;
    const struct tokenizer *tokenizer;
    struct unicode *unicode;
    struct articles *in;
    struct worker *workers; /* (n_workers) */
    size_t n_workers;
    struct sink sink;
    struct h5_writer *file;
    struct team *team;
    int number[SQUAD_SETS]; /* of the data set in the file */
    struct scratch ids;     /* qas_id of every row, each with a zero byte */
    struct conversion_counts *counts;
};

static const struct format *format_at(const struct conversion *c, int set)
{
    return format_of_squad((enum squad_set)set, c->options->passage.training);
}

static size_t row_size(const struct conversion *c, int set)
{
    static const size_t sizes[] = {[H5_INT8] = 1, [H5_INT32] = 4, [H5_INT64] = 8, [H5_FLOAT32] = 4};
    const struct format *f = format_at(c, set);

    return sizes[f->type] * (f->width == WIDTH_ONE ? 1 : c->options->passage.seq_length);
}

/* ---- read ---- */

static int read_batch(void *context, struct buf *in, struct err *err)
{
    struct conversion *c = context;

    while (in->len < BATCH_BYTES) {
        const size_t start = in->len;
        struct piece piece = {0};
        int rc;

        buf_put(in, &piece, sizeof piece);
        do
            rc = articles_next(c->in, in, err);
        while (rc == ARTICLES_ARTICLE);
        if (rc <= 0) {
            in->len = start;
            return rc < 0 ? -1 : start > 0;
        }
        piece.len = in->len - start - sizeof piece;
        piece.place = articles_where(c->in);
        memcpy(in->data + start, &piece, sizeof piece);
    }
    if (c->options->progress)
        c->options->progress(c->options->context, articles_taken(c->in), articles_total(c->in));
    return 1;
}

/* ---- work ---- */

/* A zeroed row of the set; NULL where this kind of file has none. */
static void *new_row(const struct conversion *c, struct worker *w, int set)
{
    const size_t size = row_size(c, set);
    char *row;

    if (!format_at(c, set)->name)
        return NULL;
    row = buf_reserve(&w->sets[set], size);
    memset(row, 0, size);
    w->sets[set].len += size;
    return row;
}

static void put_row(const struct conversion *c, struct worker *w, const struct passage *p,
                    const struct query *q, size_t window)
{
    const size_t T = c->options->passage.seq_length;
    const size_t token = q->windows[window].first; /* of the context */
    void *row[SQUAD_SETS];
    int32_t *words;
    int8_t *max_context;
    size_t n_first;
    size_t n;

    for (int i = 0; i < SQUAD_SETS; i++)
        row[i] = new_row(c, w, i);
    n = passage_ids(row[SQUAD_INPUT_IDS], &n_first, p, q, window, c->tokenizer);
    memset(row[SQUAD_INPUT_MASK], 1, n);
    memset((int8_t *)row[SQUAD_SEGMENT_IDS] + n_first, 1, n - n_first);
    *(int32_t *)row[SQUAD_EXAMPLE_INDEX] = (int32_t)w->head.n_questions;
    *(int32_t *)row[SQUAD_DOC_SPAN_INDEX] = (int32_t)window;
    w->head.n_rows++;
    if (c->options->passage.training) {
        passage_label(row[SQUAD_START_POSITIONS], row[SQUAD_END_POSITIONS], q, window);
        *(int8_t *)row[SQUAD_IS_IMPOSSIBLE] = q->impossible;
        return;
    }
    words = row[SQUAD_TOKEN_TO_ORIG_MAP];
    max_context = row[SQUAD_TOKEN_IS_MAX_CONTEXT];
    memset(words, -1, T * sizeof *words);
    memcpy(words + n_first, p->word_of + token, (n - 1 - n_first) * sizeof *words);
    if (q->n_windows == 1)
        memset(max_context + n_first, 1, n - 1 - n_first);
    else
        for (size_t i = n_first; i < n - 1; i++)
            max_context[i] = passage_max_context(q, window, token + i - n_first);
}

static void put_queries(const struct conversion *c, struct worker *w, const struct passage *p)
{
    for (size_t i = 0; i < p->paragraph.n_questions; i++) {
        const struct query *q = &p->queries[i];
        const char *id = p->paragraph.questions[i].id;

        if (q->skipped) {
            buf_put(&w->skipped, id, strlen(id) + 1);
            w->head.n_skipped++;
            continue;
        }
        for (size_t k = 0; k < q->n_windows; k++) {
            put_row(c, w, p, q, k);
            buf_put(&w->ids, id, strlen(id) + 1);
        }
        w->head.n_without += q->n_windows == 0;
        w->head.n_questions++;
    }
}

static void clear_worker(struct worker *w)
{
    for (int i = 0; i < SQUAD_SETS; i++)
        buf_clear(&w->sets[i]);
    buf_clear(&w->skipped);
    buf_clear(&w->ids);
    w->head = (struct head){0};
}

static int work(void *context, size_t worker, struct buf *out, struct buf *in, struct err *err)
{
    const struct conversion *c = context;
    struct worker *w = &c->workers[worker];

    clear_worker(w);
    for (size_t at = 0; at < in->len;) {
        struct passage passage;
        struct piece piece;

        memcpy(&piece, in->data + at, sizeof piece);
        at += sizeof piece;
        if (passage_make(&passage, in->data + at, piece.len, &c->options->passage, c->tokenizer,
                         w->scratch, c->unicode, err) < 0)
            return articles_err(c->in, &piece.place, err);
        put_queries(c, w, &passage);
        passage_release(&passage);
        at += piece.len;
    }
    w->head.skipped_len = w->skipped.len;
    w->head.ids_len = w->ids.len;
    buf_put(out, &w->head, sizeof w->head);
    buf_put(out, w->skipped.data, w->skipped.len);
    buf_put(out, w->ids.data, w->ids.len);
    for (int i = 0; i < SQUAD_SETS; i++)
        buf_put(out, w->sets[i].data, w->sets[i].len);
    return 0;
}

/* ---- write ---- */

static void say_skipped(const struct conversion *c, const char *ids, size_t len)
{
    for (const char *id = ids; c->options->skipped && id < ids + len; id += strlen(id) + 1)
        c->options->skipped(c->options->context, id);
}

/* The rows of one set, which begin at `rows`, with the numbers that only the writer knows. */
static int write_set(struct conversion *c, int set, const char *rows, size_t n, struct err *err)
{
    const size_t size = row_size(c, set);
    char *numbered = NULL;
    int rc;

    if (set == SQUAD_EXAMPLE_INDEX || set == SQUAD_UNIQUE_ID) {
        numbered = mem_array(n, size);
        memcpy(numbered, rows, n * size);
        for (size_t i = 0; i < n; i++)
            if (set == SQUAD_EXAMPLE_INDEX)
                ((int32_t *)numbered)[i] += (int32_t)c->counts->n_questions;
            else
                ((int64_t *)numbered)[i] = PASSAGE_FIRST_ID + (int64_t)(c->counts->n_windows + i);
        rows = numbered;
    }
    rc = h5_append(c->file, c->number[set], rows, n, err);
    free(numbered);
    return rc;
}

static int write_batch(void *context, const struct buf *out, struct err *err)
{
    struct conversion *c = context;
    const char *at = out->data + sizeof(struct head);
    struct head head;

    memcpy(&head, out->data, sizeof head);
    if (c->counts->n_questions + head.n_questions > INT32_MAX)
        return err_set(err, ERR_LIMIT, "over %d questions", INT32_MAX);
    say_skipped(c, at, head.skipped_len);
    at += head.skipped_len;
    if (!c->options->passage.training && scratch_put(&c->ids, at, head.ids_len, err) < 0)
        return -1;
    at += head.ids_len;
    for (int i = 0; i < SQUAD_SETS; i++) {
        if (!format_at(c, i)->name)
            continue;
        if (write_set(c, i, at, head.n_rows, err) < 0)
            return -1;
        at += head.n_rows * row_size(c, i);
    }
    c->counts->n_questions += head.n_questions;
    c->counts->n_skipped += head.n_skipped;
    c->counts->n_without += head.n_without;
    c->counts->n_windows += head.n_rows;
    return 0;
}

/* ---- all ---- */

static int put_attributes(const struct conversion *c, struct err *err)
{
    const struct tokens_header *vocab = tokenizer_header(c->tokenizer);
    const char *format = c->options->passage.training ? "bertline squad training features"
                                                      : "bertline squad prediction features";

    if (h5_put_text(c->file, "format", format, err) < 0 ||
        h5_put_int(c->file, "version", VERSION, err) < 0 ||
        h5_put_int(c->file, "vocab_size", vocab->vocab_size, err) < 0 ||
        h5_put_text(c->file, "vocab_sha256", vocab->vocab_sha256, err) < 0)
        return -1;
    return c->options->text ? h5_put_text(c->file, "options", c->options->text, err) : 0;
}

/* The folder of a path, for unnamed files beside it. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return mem_text(".");
    return slash == path ? mem_text("/") : mem_text_n(path, (size_t)(slash - path));
}

static int open_output(struct conversion *c, const char *output, struct err *err)
{
    char *folder = folder_of(output);
    int rc = -1;

    if (sink_open_part(&c->sink, output, err) < 0)
        goto out;
    c->file = h5_create(c->sink.part, err);
    if (!c->file || scratch_open(&c->ids, folder, err) < 0)
        goto out;
    h5_use_team(c->file, c->team);
    h5_use_packing(c->file, c->options->packing);
    if (put_attributes(c, err) < 0)
        goto out;
    for (int i = 0; i < SQUAD_SETS; i++) {
        const struct format *f = format_at(c, i);

        if (!f->name)
            continue;
        c->number[i] = h5_add(c->file, f->name, f->type,
                              f->width == WIDTH_ONE ? 0 : c->options->passage.seq_length, err);
        if (c->number[i] < 0)
            goto out;
    }
    rc = 0;
out:
    free(folder);
    return rc;
}

static int put_ids(struct conversion *c, struct err *err)
{
    char **ids;
    const char *id;
    int rc;

    if (scratch_map(&c->ids, err) < 0)
        return -1;
    ids = mem_array(c->counts->n_windows, sizeof *ids);
    id = c->ids.bytes;
    for (size_t i = 0; i < c->counts->n_windows; i++) {
        ids[i] = (char *)(uintptr_t)id;
        id += strlen(id) + 1;
    }
    rc = h5_put_texts(c->file, squad_qas_id, ids, c->counts->n_windows, err);
    free(ids);
    return rc;
}

static int commit(struct conversion *c, struct err *err)
{
    if (!c->options->passage.training && put_ids(c, err) < 0)
        return -1;
    if (h5_put_int(c->file, "rows", (int64_t)c->counts->n_windows, err) < 0 ||
        h5_finish(c->file, err) < 0)
        return -1;
    return sink_commit(&c->sink, err);
}

static void release(struct conversion *c)
{
    for (size_t i = 0; i < c->n_workers; i++) {
        struct worker *w = &c->workers[i];

        for (int k = 0; k < SQUAD_SETS; k++)
            buf_release(&w->sets[k]);
        buf_release(&w->skipped);
        buf_release(&w->ids);
        tokenizer_scratch_close(w->scratch);
    }
    free(c->workers);
    h5_discard(c->file);
    sink_close(&c->sink);
    scratch_close(&c->ids);
    team_close(c->team);
    articles_close(c->in);
    unicode_close(c->unicode);
}

int conversion_run(struct conversion_counts *counts, const char *output, const char *input,
                   const struct tokenizer *t, const struct conversion_options *options,
                   struct err *err)
{
    struct conversion c = {.options = options, .tokenizer = t, .counts = counts};
    const struct parallel plan = {
        .context = &c,
        .n_threads = options->n_threads,
        .read = read_batch,
        .work = work,
        .write = write_batch,
    };
    int rc = -1;

    *counts = (struct conversion_counts){0};
    c.in = articles_open(input, err);
    if (!c.in)
        goto out;
    c.unicode = unicode_open();
    c.team = team_open(options->n_threads);
    c.n_workers = parallel_threads(options->n_threads);
    c.workers = mem_array(c.n_workers, sizeof *c.workers);
    for (size_t i = 0; i < c.n_workers; i++)
        c.workers[i].scratch = tokenizer_scratch_open();
    if (open_output(&c, output, err) == 0 && parallel_map(&plan, err) == 0)
        rc = commit(&c, err);
out:
    release(&c);
    return rc;
}
