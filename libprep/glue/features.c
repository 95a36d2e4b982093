/* features.c -- a batch is lines and the number of the first; what comes of it is columns of rows:
 *
 *      struct block | ids (n, T) i32 | labels (n) i32 or f32 | mask (n, T) i8 | segments (n, T) i8 */
#include "glue/features.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/lines.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/sink.h"
#include "glue/example.h"
#include "store/h5_writer.h"
#include "text/pair.h"

enum { BATCH_SIZE = 1 << 18, MAX_LINE = 64 << 20 };

static const struct glue_features_column columns[] = {
    [GLUE_IDS] = {"input_ids", H5_INT32, true},
    [GLUE_MASK] = {"input_mask", H5_INT8, true},
    [GLUE_SEGMENTS] = {"segment_ids", H5_INT8, true},
    [GLUE_LABELS] = {"label_ids", H5_INT32, false},
};

static const struct glue_features_column score_column = {"label_ids", H5_FLOAT32, false};

struct block {
    uint64_t n_rows, n_cut, n_short, first_short, n_foreign;
    uint64_t header_is_example;
};

/* What one thread needs. */
struct worker {
    struct tokenizer_scratch *scratch;
    struct span *spans; /* (n_spans) of both texts */
    size_t n_spans, cap_spans;
    struct pair pair;
    struct buf labels, mask, segments;
};

struct run {
    const struct glue_features_options *options;
    const struct glue_form *form; /* known when the first line was read */
    const char *input;
    struct glue_features_summary *summary;
    struct lines in;
    uint64_t n_lines; /* read so far */
    struct worker *workers;
    struct sink out;
    struct h5_writer *file;
    int sets[GLUE_SETS];
    bool begun; /* the data sets are there */
};

const struct glue_features_column *glue_features_column(enum glue_features_set set, bool regression)
{
    return regression && set == GLUE_LABELS ? &score_column : &columns[set];
}

static size_t count_lines(const struct buf *b)
{
    size_t n = 0;

    for (const char *p = b->data, *end = p + b->len; p < end; n++)
        p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
    return n;
}

static int read_batch(void *context, struct buf *in, struct err *err)
{
    struct run *r = context;
    const uint64_t first = r->n_lines;
    const int rc = lines_fill(&r->in, in, BATCH_SIZE, err);

    if (in->len == 0)
        return rc;
    if (first == 0 && in->len >= 3 &&
        !memcmp(in->data, "\xef\xbb\xbf", 3)) { /* some editors' mark */
        memmove(in->data, in->data + 3, in->len - 3);
        in->len -= 3;
    }
    if (!r->form)
        r->form = glue_form_guess(r->options->task, in->data,
                                  (size_t)((char *)memchr(in->data, '\n', in->len) - in->data));
    r->n_lines += count_lines(in);
    buf_put(in, &first, sizeof first);
    return rc;
}

static size_t add_text(struct worker *w, const struct tokenizer *t, const struct column *text)
{
    const int32_t *ids;
    size_t n;

    tokenizer_encode(&ids, &n, t, w->scratch, text->text, text->len);
    if (w->n_spans + n > w->cap_spans) {
        w->cap_spans = mem_grow(w->cap_spans, w->n_spans + n);
        w->spans = mem_resize(w->spans, w->cap_spans, sizeof *w->spans);
    }
    for (size_t i = 0; i < n; i++)
        w->spans[w->n_spans++] = (struct span){.id = ids[i]};
    return n;
}

static void put_row(struct buf *out, struct block *b, struct worker *w,
                    const struct glue_features_options *o, const struct glue_example *e)
{
    const struct pair_options options = {.max_len = o->seq_length, .pad = true};
    const size_t T = o->seq_length;
    size_t n_a;
    size_t n_b;
    int32_t *ids = (int32_t *)(void *)buf_reserve(out, T * sizeof *ids);
    char *mask = buf_reserve(&w->mask, T);

    w->n_spans = 0;
    n_a = add_text(w, o->tokenizer, &e->a);
    n_b = e->b.text ? add_text(w, o->tokenizer, &e->b) : 0;
    /* A second text without a token is none, as in the originals. */
    pair_make(&w->pair, tokenizer_header(o->tokenizer), &options, w->spans, n_a,
              n_b ? w->spans + n_a : NULL, n_b);
    for (size_t i = 0; i < T; i++) {
        ids[i] = w->pair.items[i].id;
        mask[i] = i < w->pair.n_used;
    }
    out->len += T * sizeof *ids;
    w->mask.len += T;
    buf_put(&w->segments, w->pair.segments, T);
    buf_put(&w->labels, o->task->n_labels ? (const void *)&e->label : (const void *)&e->score, 4);
    b->n_rows++;
    b->n_cut += n_a + n_b + (n_b ? 3 : 2) > T;
}

static int put_line(struct buf *out, struct block *b, struct worker *w, const struct run *r,
                    const char *line, size_t n, uint64_t number, struct err *err)
{
    const struct glue_features_options *o = r->options;
    struct glue_example e;
    struct err none = {0};
    int rc;

    if (number == 1 && !r->form->no_header) {
        rc = glue_example_read(&e, o->task, r->form, o->language, line, n, &none);
        b->header_is_example = rc == GLUE_EXAMPLE && r->form->label != GLUE_NO_COLUMN;
        return 0;
    }
    rc = glue_example_read(&e, o->task, r->form, o->language, line, n, err);
    if (rc < 0)
        return err_in(err, "%s:%" PRIu64, r->input, number);
    if (rc == GLUE_EXAMPLE)
        put_row(out, b, w, o, &e);
    else if (rc == GLUE_SHORT && b->n_short++ == 0)
        b->first_short = number;
    b->n_foreign += rc == GLUE_FOREIGN;
    return 0;
}

static int make_rows(void *context, size_t worker, struct buf *out, struct buf *in, struct err *err)
{
    const struct run *r = context;
    struct worker *w = &r->workers[worker];
    struct block b = {0};
    uint64_t number;

    in->len -= sizeof number;
    memcpy(&number, in->data + in->len, sizeof number);
    buf_clear(&w->labels);
    buf_clear(&w->mask);
    buf_clear(&w->segments);
    buf_put(out, &b, sizeof b);
    for (const char *line = in->data, *end = line + in->len; line < end;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));

        if (put_line(out, &b, w, r, line, (size_t)(line_end - line), ++number, err) < 0)
            return -1;
        line = line_end + 1;
    }
    memcpy(out->data, &b, sizeof b);
    buf_put(out, w->labels.data, w->labels.len);
    buf_put(out, w->mask.data, w->mask.len);
    buf_put(out, w->segments.data, w->segments.len);
    return 0;
}

/* The labels as a text: "entailment|not_entailment". */
static int put_labels(struct h5_writer *file, const struct glue_task *t, struct err *err)
{
    struct buf text = {0};
    int rc;

    for (size_t i = 0; i < t->n_labels; i++)
        buf_printf(&text, "%s%s", i ? "|" : "", t->labels[i]);
    rc = h5_put_text(file, "labels", text.data ? text.data : "", err);
    buf_release(&text);
    return rc;
}

static int begin(struct run *r, struct err *err)
{
    const struct glue_features_options *o = r->options;
    const struct tokens_header *h = tokenizer_header(o->tokenizer);
    const struct glue_features_column *column;

    r->begun = true;
    r->summary->labelled = r->form->label != GLUE_NO_COLUMN;
    if (h5_put_text(r->file, "format", "bertline glue features", err) < 0 ||
        h5_put_int(r->file, "version", GLUE_FEATURES_VERSION, err) < 0 ||
        h5_put_text(r->file, "task", o->task->name, err) < 0 ||
        put_labels(r->file, o->task, err) < 0 ||
        h5_put_int(r->file, "vocab_size", h->vocab_size, err) < 0 ||
        h5_put_text(r->file, "vocab_sha256", h->vocab_sha256, err) < 0 ||
        (o->origin && h5_put_text(r->file, "options", o->origin, err) < 0))
        return -1;
    for (int i = 0; i < GLUE_SETS; i++) {
        if (i == GLUE_LABELS && !r->summary->labelled)
            break;
        column = glue_features_column((enum glue_features_set)i, o->task->n_labels == 0);
        r->sets[i] =
            h5_add(r->file, column->name, column->type, column->wide ? o->seq_length : 0, err);
        if (r->sets[i] < 0)
            return -1;
    }
    return 0;
}

static int write_rows(void *context, const struct buf *out, struct err *err)
{
    struct run *r = context;
    struct glue_features_summary *s = r->summary;
    const size_t T = r->options->seq_length;
    const char *at = out->data + sizeof(struct block);
    struct block b;
    size_t n;

    memcpy(&b, out->data, sizeof b);
    n = (size_t)b.n_rows;
    if (!r->begun && begin(r, err) < 0)
        return -1;
    s->n_rows += b.n_rows;
    s->n_cut += b.n_cut;
    if (s->n_short == 0)
        s->first_short = b.first_short;
    s->n_short += b.n_short;
    s->n_foreign += b.n_foreign;
    s->header_is_example |= b.header_is_example != 0;
    if (n == 0)
        return 0;
    if (h5_append(r->file, r->sets[GLUE_IDS], at, n, err) < 0)
        return -1;
    at += n * T * sizeof(int32_t);
    if (s->labelled && h5_append(r->file, r->sets[GLUE_LABELS], at, n, err) < 0)
        return -1;
    at += n * sizeof(int32_t);
    if (h5_append(r->file, r->sets[GLUE_MASK], at, n, err) < 0)
        return -1;
    return h5_append(r->file, r->sets[GLUE_SEGMENTS], at + n * T, n, err);
}

static void close_run(struct run *r, size_t n_workers)
{
    for (size_t i = 0; i < n_workers; i++) {
        struct worker *w = &r->workers[i];

        tokenizer_scratch_close(w->scratch);
        pair_release(&w->pair);
        buf_release(&w->labels);
        buf_release(&w->mask);
        buf_release(&w->segments);
        free(w->spans);
    }
    free(r->workers);
    h5_discard(r->file);
    sink_close(&r->out);
    lines_close(&r->in);
}

int glue_features_write(struct glue_features_summary *s, const char *output,
                        const struct glue_features_options *o, const char *input, struct err *err)
{
    char *path = mem_text(input);
    struct run r = {.options = o, .form = o->form, .input = input, .summary = s};
    const struct parallel work = {.context = &r,
                                  .n_threads = parallel_threads(o->n_threads),
                                  .read = read_batch,
                                  .work = make_rows,
                                  .write = write_rows};
    int rc = -1;

    *s = (struct glue_features_summary){0};
    r.workers = mem_array(work.n_threads, sizeof *r.workers);
    for (size_t i = 0; i < work.n_threads; i++)
        r.workers[i].scratch = tokenizer_scratch_open();
    if (lines_open(&r.in, &path, 1, NEWLINE_UNIVERSAL, MAX_LINE, err) < 0 ||
        sink_open_part(&r.out, output, err) < 0)
        goto out;
    r.file = h5_create(r.out.part, err);
    if (!r.file || parallel_map(&work, err) < 0)
        goto out;
    if (s->n_rows == 0) {
        err_set(err, ERR_FORMAT, "%s: no example in it", input);
        goto out;
    }
    if (h5_put_int(r.file, "rows", (int64_t)s->n_rows, err) == 0 && h5_finish(r.file, err) == 0)
        rc = sink_commit(&r.out, err);
out:
    close_run(&r, work.n_threads);
    free(path);
    return rc;
}
