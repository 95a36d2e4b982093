/* bert-predict-ask.c -- every paragraph is asked the question; the best answers of all are shown.
 *
 * A paragraph is a line, as documents have them, so an answer's place is a line number. */
#include "bert-predict-ask.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/mem.h"
#include "bert-predict-windows.h"

enum { MAX_LINE = 16 << 20, MAX_TEXT = 1 << 30, GROUP_WINDOWS = 256 };

/* A paragraph of the text. */
struct piece {
    uint64_t line;
    size_t start, len; /* in conversation.text */
};

struct found {
    char *text;
    double start, end; /* logits */
    double null_score; /* of its paragraph */
    double probability;
    uint64_t line;
};

struct conversation {
    const struct tool *tool;
    const struct ask_options *options;
    const struct passage_options *passage;
    struct windows windows;
    struct tokenizer_scratch *scratch;
    struct buf text;
    struct piece *pieces; /* (n_pieces) */
    size_t n_pieces, cap_pieces;
    struct found *found; /* (n_found), best first */
    size_t n_found;
    struct buf json; /* of a paragraph with its question */
};

static int read_text(struct conversation *c, struct err *err)
{
    char *path = mem_text(c->options->text);
    struct lines in = {0};
    int more = lines_open(&in, &path, 1, NEWLINE_UNIVERSAL, MAX_LINE, err);

    while (more >= 0 && (more = lines_next(&in, err)) > 0) {
        if (tokenizer_is_blank(c->windows.model.tokenizer, in.line.data ? in.line.data : "",
                               in.line.len))
            continue;
        if (unicode_valid(in.line.data, in.line.len) < in.line.len) {
            err_set(err, ERR_FORMAT, "not valid UTF-8");
            more = lines_err(&in, err);
            break;
        }
        if (c->n_pieces == c->cap_pieces) {
            c->cap_pieces = mem_grow(c->cap_pieces, c->n_pieces + 1);
            c->pieces = mem_resize(c->pieces, c->cap_pieces, sizeof *c->pieces);
        }
        c->pieces[c->n_pieces++] =
            (struct piece){.line = in.number, .start = c->text.len, .len = in.line.len};
        if (buf_put_max(&c->text, in.line.data, in.line.len, MAX_TEXT, err) < 0)
            more = lines_err(&in, err);
    }
    lines_close(&in);
    free(path);
    if (more < 0)
        return -1;
    return c->n_pieces ? 0 : err_set(err, ERR_FORMAT, "%s: no text in it", c->options->text);
}

/* Keeps an answer when it is among the best; of equal ones the first stays in front. */
static void keep(struct conversation *c, const struct nbest *b, const struct nbest_entry *e,
                 double null_score, uint64_t line)
{
    const size_t top = (size_t)c->options->top;
    size_t at = c->n_found;

    while (at > 0 && c->found[at - 1].start + c->found[at - 1].end < e->start + e->end)
        at--;
    if (at == top)
        return;
    if (c->n_found == top)
        free(c->found[--c->n_found].text);
    memmove(c->found + at + 1, c->found + at, (c->n_found - at) * sizeof *c->found);
    c->found[at] = (struct found){.text = mem_text_n(b->texts.data + e->text, e->len),
                                  .start = e->start,
                                  .end = e->end,
                                  .null_score = null_score,
                                  .line = line};
    c->n_found++;
}

/* Computes the paragraphs that wait, of which the first is number `first`. */
static int flush(struct conversation *c, size_t first, struct err *err)
{
    struct windows *w = &c->windows;
    size_t row = 0;

    windows_compute(w);
    if (windows_decode(w, err) < 0)
        return -1;
    for (size_t i = 0; i < w->n; i++) {
        const struct nbest *b = &w->answers[i]; /* one question a passage */
        double null_score = INFINITY;

        for (size_t k = 0; k < w->passages[i].queries[0].n_windows; k++, row++)
            null_score = fmin(null_score, (double)w->start[row * w->seq_length] +
                                              (double)w->end[row * w->seq_length]);
        for (size_t k = 0; k < b->n; k++)
            if (b->entries[k].len > 0)
                keep(c, b, &b->entries[k], null_score, c->pieces[first + i].line);
    }
    windows_clear(w);
    return 0;
}

/* {"context": ..., "qas": [{"id": "q", "question": ...}]} */
static void put_paragraph(struct conversation *c, const struct piece *piece, const char *question,
                          size_t n)
{
    buf_clear(&c->json);
    buf_put_text(&c->json, "{\"context\": ");
    json_write_text(&c->json, c->text.data + piece->start, piece->len);
    buf_put_text(&c->json, ", \"qas\": [{\"id\": \"q\", \"question\": ");
    json_write_text(&c->json, question, n);
    buf_put_text(&c->json, "}]}");
}

static int search(struct conversation *c, const char *question, size_t n, struct err *err)
{
    struct windows *w = &c->windows;
    size_t first = 0;

    for (size_t i = 0; i < c->n_pieces; i++) {
        struct passage p;

        put_paragraph(c, &c->pieces[i], question, n);
        if (passage_make(&p, c->json.data, c->json.len, c->passage, w->model.tokenizer, c->scratch,
                         w->unicode, err) < 0)
            return err_in(err, "%s: line %" PRIu64, c->options->text, c->pieces[i].line);
        windows_add(w, &p);
        if (w->n_windows >= GROUP_WINDOWS) {
            if (flush(c, first, err) < 0)
                return -1;
            first = i + 1;
        }
    }
    return flush(c, first, err);
}

static void weigh(struct conversation *c)
{
    double sum = 0;

    for (size_t i = 0; i < c->n_found; i++) {
        struct found *f = &c->found[i];

        f->probability = exp(f->start + f->end - c->found[0].start - c->found[0].end);
        sum += f->probability;
    }
    for (size_t i = 0; i < c->n_found; i++)
        c->found[i].probability /= sum;
}

/* Version 2: whether the paragraph of the best answer says that it has none. */
static bool is_null(const struct conversation *c)
{
    const struct found *best = c->found;

    return c->windows.options.version_2 &&
           (c->n_found == 0 ||
            best->null_score - best->start - best->end > c->windows.options.null_threshold);
}

static void print_text(const struct conversation *c)
{
    if (is_null(c))
        printf("  no answer\n");
    for (size_t i = 0; i < c->n_found; i++) {
        const struct found *f = &c->found[i];

        printf("  %.4f  %8.3f  %s  (line %" PRIu64 ")\n", f->probability, f->start + f->end,
               f->text, f->line);
    }
}

static void print_json(struct conversation *c, const char *question, size_t n)
{
    buf_clear(&c->json);
    buf_put_text(&c->json, "{\"question\": ");
    json_write_text(&c->json, question, n);
    if (c->windows.options.version_2)
        buf_printf(&c->json, ", \"no_answer\": %s", is_null(c) ? "true" : "false");
    buf_put_text(&c->json, ", \"answers\": [");
    for (size_t i = 0; i < c->n_found; i++) {
        const struct found *f = &c->found[i];

        buf_printf(&c->json, "%s{\"text\": ", i ? ", " : "");
        json_write_text(&c->json, f->text, strlen(f->text));
        buf_printf(&c->json,
                   ", \"probability\": %.7g, \"start_logit\": %.9g, \"end_logit\": %.9g, \"line\": "
                   "%" PRIu64 "}",
                   f->probability, f->start, f->end, f->line);
    }
    printf("%s]}\n", c->json.data);
}

static void forget(struct conversation *c)
{
    for (size_t i = 0; i < c->n_found; i++)
        free(c->found[i].text);
    c->n_found = 0;
}

static int converse(struct conversation *c, struct err *err)
{
    const bool terminal = isatty(STDIN_FILENO);
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    int rc = 0;

    while (rc == 0) {
        if (terminal)
            fprintf(stderr, "> ");
        n = getline(&line, &cap, stdin);
        if (n < 0)
            break;
        n -= n > 0 && line[n - 1] == '\n';
        if (tokenizer_is_blank(c->windows.model.tokenizer, line, (size_t)n))
            continue;
        if (unicode_valid(line, (size_t)n) < (size_t)n) {
            cli_warn(c->tool, "the question is not valid UTF-8");
            continue;
        }
        rc = search(c, line, (size_t)n, err);
        if (rc == 0) {
            weigh(c);
            if (c->options->json)
                print_json(c, line, (size_t)n);
            else
                print_text(c);
            if (fflush(stdout) != 0)
                rc = err_errno(err, "cannot write standard output");
        }
        forget(c);
    }
    if (terminal)
        fprintf(stderr, "\n");
    free(line);
    return rc;
}

int ask(const struct tool *tool, const struct ask_options *o, const struct predict_options *model,
        const struct passage_options *passage, const struct nbest_options *nbest, struct err *err)
{
    struct conversation c = {.tool = tool, .options = o, .passage = passage};
    int rc = -1;

    if (windows_open(&c.windows, tool, model, passage->seq_length, nbest, err) == 0 &&
        read_text(&c, err) == 0) {
        c.scratch = tokenizer_scratch_open();
        c.found = mem_array((size_t)o->top + 1, sizeof *c.found);
        rc = converse(&c, err);
    }
    forget(&c);
    free(c.found);
    free(c.pieces);
    tokenizer_scratch_close(c.scratch);
    buf_release(&c.text);
    buf_release(&c.json);
    windows_close(&c.windows);
    return rc;
}
