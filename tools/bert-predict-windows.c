/* bert-predict-windows.c -- windows of all questions fill batches one after the other, unpadded. */
#include "bert-predict-windows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ops/lanes.h"
#include "ops/profile.h"

int windows_open(struct windows *w, const struct tool *tool, const struct predict_options *o,
                 size_t seq_length, const struct nbest_options *options, struct err *err)
{
    struct predict_model *m = &w->model;

    w->seq_length = seq_length;
    w->options = *options;
    if (predict_open(m, o, err) < 0 || predict_open_tokenizer(m, o, tool, err) < 0)
        return -1;
    if (seq_length > m->config.max_positions)
        return err_set(err, ERR_USAGE, "--seq-length %zu: the model knows %zu positions",
                       seq_length, m->config.max_positions);
    if (predict_load(m, o, HEADS_SPANS, err) < 0 ||
        predict_needs(m, "qa_outputs.", "head for questions", err) < 0)
        return -1;
    w->tuned = tuned_open_forward(&m->config, m->max_tokens, m->max_tokens, m->halves, m->team);
    tuned_take(w->tuned, m->params);
    w->unicode = unicode_open();
    w->scratch = mem_array(lanes_count(m->team), sizeof(struct nbest_scratch *));
    for (size_t i = 0; i < lanes_count(m->team); i++)
        w->scratch[i] = nbest_scratch_open(m->tokenizer, w->unicode);
    return 0;
}

void windows_close(struct windows *w)
{
    windows_clear(w);
    for (size_t i = 0; w->scratch && i < lanes_count(w->model.team); i++)
        nbest_scratch_close(w->scratch[i]);
    free(w->scratch);
    free(w->passages);
    unicode_close(w->unicode);
    tuned_close(w->tuned);
    predict_close(&w->model);
    *w = (struct windows){0};
}

void windows_add(struct windows *w, struct passage *p)
{
    if (w->n == w->cap) {
        w->cap = mem_grow(w->cap, w->n + 1);
        w->passages = mem_resize(w->passages, w->cap, sizeof *w->passages);
    }
    w->passages[w->n++] = *p;
    w->n_questions += p->paragraph.n_questions;
    for (size_t i = 0; i < p->paragraph.n_questions; i++)
        w->n_windows += p->queries[i].n_windows;
    *p = (struct passage){0};
}

void windows_clear(struct windows *w)
{
    for (size_t i = 0; i < w->n; i++)
        passage_release(&w->passages[i]);
    for (size_t i = 0; w->answers && i < w->n_questions; i++)
        nbest_release(&w->answers[i]);
    free(w->answers);
    free(w->start);
    free(w->end);
    w->answers = NULL;
    w->start = w->end = NULL;
    w->n = w->n_windows = w->n_questions = 0;
}

/* The batch's logits, to the rows from `row` on. */
static void flush(struct windows *w, size_t row, float *start, float *end)
{
    struct batch *b = &w->model.batch;
    const double from = profile_now();

    tuned_spans(start, end, w->tuned, w->model.params, b);
    w->seconds += profile_now() - from;
    for (size_t i = 0; i < b->n_sequences; i++, row++) {
        const size_t first = b->starts[i];
        const size_t n = b->starts[i + 1] - first;

        memcpy(w->start + row * w->seq_length, start + first, n * sizeof *start);
        memcpy(w->end + row * w->seq_length, end + first, n * sizeof *end);
    }
    batch_clear(b);
}

void windows_compute(struct windows *w)
{
    const size_t T = w->seq_length;
    float *start = mem_array(w->model.max_tokens, sizeof *start);
    float *end = mem_array(w->model.max_tokens, sizeof *end);
    int32_t *ids = mem_array(T, sizeof *ids);
    size_t row = 0;  /* of the window */
    size_t done = 0; /* rows that have logits */

    w->start = mem_array(w->n_windows, T * sizeof *w->start);
    w->end = mem_array(w->n_windows, T * sizeof *w->end);
    for (size_t i = 0; i < w->n_windows * T; i++)
        w->start[i] = w->end[i] = WINDOWS_PADDING;
    for (size_t i = 0; i < w->n; i++) {
        const struct passage *p = &w->passages[i];

        for (size_t q = 0; q < p->paragraph.n_questions; q++)
            for (size_t k = 0; k < p->queries[q].n_windows; k++, row++) {
                size_t n_first;
                const size_t n =
                    passage_ids(ids, &n_first, p, &p->queries[q], k, w->model.tokenizer);

                if (!predict_has_room(&w->model, n)) {
                    flush(w, done, start, end);
                    done = row;
                }
                predict_put(&w->model, ids, n, n_first);
            }
    }
    flush(w, done, start, end);
    free(start);
    free(end);
    free(ids);
}

/* A question and its logits. */
struct decoding_item {
    const struct passage *passage;
    size_t which; /* question of the passage */
    size_t row;   /* of its first window */
    struct err err;
};

struct decode {
    struct windows *windows;
    struct decoding_item *items; /* (n_questions) */
};

static void decode(void *context, size_t lane, size_t item)
{
    const struct decode *d = context;
    const struct windows *w = d->windows;
    struct decoding_item *i = &d->items[item];

    nbest_decode(&w->answers[item], w->scratch[lane], i->passage, i->which,
                 w->start + i->row * w->seq_length, w->end + i->row * w->seq_length, w->seq_length,
                 &w->options, &i->err);
}

int windows_decode(struct windows *w, struct err *err)
{
    struct decode d = {.windows = w,
                       .items = mem_array(w->n_questions, sizeof(struct decoding_item))};
    size_t item = 0;
    size_t row = 0;
    int rc = 0;

    w->answers = mem_array(w->n_questions, sizeof *w->answers);
    for (size_t i = 0; i < w->n; i++)
        for (size_t q = 0; q < w->passages[i].paragraph.n_questions; q++) {
            d.items[item++] =
                (struct decoding_item){.passage = &w->passages[i], .which = q, .row = row};
            row += w->passages[i].queries[q].n_windows;
        }
    assert(row == w->n_windows);
    lanes_run(w->model.team, w->n_questions, decode, &d);
    for (size_t i = 0; i < w->n_questions && rc == 0; i++)
        if (d.items[i].err.kind) {
            *err = d.items[i].err;
            rc = -1;
        }
    free(d.items);
    return rc;
}
