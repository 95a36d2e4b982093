/* nbest.c -- spans of windows, ranked as the originals' stable sorts rank them. */
#include "squad/nbest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A span of a window's columns; 0 to 0 is the null answer. */
struct span_of_window {
    size_t window;
    size_t from, to;
    double start, end; /* logits */
    size_t order;      /* in which it was found: the sort is stable */
};

struct nbest_scratch {
    const struct tokenizer *tokenizer;
    struct alignment alignment;
    struct span_of_window *spans; /* (n_spans) */
    size_t n_spans, cap_spans;
    size_t *starts, *ends; /* (n_best) columns */
    struct buf answer, words;
};

struct nbest_scratch *nbest_scratch_open(const struct tokenizer *t, const struct unicode *u)
{
    struct nbest_scratch *s = mem_alloc(sizeof *s);

    s->tokenizer = t;
    alignment_init(&s->alignment, t, u);
    return s;
}

void nbest_scratch_close(struct nbest_scratch *s)
{
    if (!s)
        return;
    alignment_release(&s->alignment);
    free(s->spans);
    free(s->starts);
    free(s->ends);
    buf_release(&s->answer);
    buf_release(&s->words);
    free(s);
}

/* The columns of the `most` highest logits, highest first, of equal ones the first. */
static size_t best_columns(size_t *columns, const float *logits, size_t T, size_t most)
{
    size_t n = 0;

    for (size_t i = 0; i < T; i++) {
        size_t at = n;

        if (n == most && logits[i] <= logits[columns[n - 1]])
            continue;
        if (n == most)
            at--;
        else
            n++;
        for (; at > 0 && logits[i] > logits[columns[at - 1]]; at--)
            columns[at] = columns[at - 1];
        columns[at] = i;
    }
    return n;
}

static void put_span(struct nbest_scratch *s, size_t window, size_t from, size_t to, double start,
                     double end)
{
    if (s->n_spans == s->cap_spans) {
        s->cap_spans = mem_grow(s->cap_spans, s->n_spans + 1);
        s->spans = mem_resize(s->spans, s->cap_spans, sizeof *s->spans);
    }
    s->spans[s->n_spans] = (struct span_of_window){
        .window = window, .from = from, .to = to, .start = start, .end = end, .order = s->n_spans};
    s->n_spans++;
}

/* All pairs of good starts and ends that can be an answer. */
static void put_spans(struct nbest_scratch *s, const struct query *q, size_t window,
                      const float *start_logits, const float *end_logits, size_t T,
                      const struct nbest_options *o)
{
    const struct window *w = &q->windows[window];
    const size_t first = q->n_ids + 2; /* column of the window's first token */
    const size_t n_starts = best_columns(s->starts, start_logits, T, o->n_best);
    const size_t n_ends = best_columns(s->ends, end_logits, T, o->n_best);

    for (size_t i = 0; i < n_starts; i++) {
        const size_t from = s->starts[i];

        if (from < first || from >= first + w->n ||
            !passage_max_context(q, window, w->first + from - first))
            continue;
        for (size_t k = 0; k < n_ends; k++) {
            const size_t to = s->ends[k];

            if (to >= from && to < first + w->n && to - from < o->max_answer_length)
                put_span(s, window, from, to, start_logits[from], end_logits[to]);
        }
    }
}

static int by_score(const void *a, const void *b)
{
    const struct span_of_window *x = a;
    const struct span_of_window *y = b;
    const double score_x = x->start + x->end;
    const double score_y = y->start + y->end;

    if (score_x != score_y)
        return score_x > score_y ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* Takes every `what` out. */
static void remove_all(struct buf *text, const char *what)
{
    const size_t n = strlen(what);
    size_t kept = 0;

    for (size_t i = 0; i < text->len;) {
        if (text->len - i >= n && !memcmp(text->data + i, what, n))
            i += n;
        else
            text->data[kept++] = text->data[i++];
    }
    text->len = kept;
}

/* One space between words, none around them. */
static void squeeze(struct buf *text)
{
    size_t kept = 0;

    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] != ' ' || (kept > 0 && text->data[kept - 1] != ' '))
            text->data[kept++] = text->data[i];
    if (kept > 0 && text->data[kept - 1] == ' ')
        kept--;
    text->len = kept;
}

/* The text of a span; it lives in s->words. */
static const char *text_of(size_t *len, struct nbest_scratch *s, const struct passage *p,
                           const struct query *q, const struct span_of_window *span)
{
    const struct paragraph *text = &p->paragraph;
    const size_t shift = q->windows[span->window].first;
    const size_t first = shift + span->from - q->n_ids - 2;
    const size_t last = shift + span->to - q->n_ids - 2;

    buf_clear(&s->answer);
    buf_clear(&s->words);
    for (size_t i = first; i <= last; i++) {
        if (i > first)
            buf_put_byte(&s->answer, ' ');
        buf_put_text(&s->answer, tokenizer_token(s->tokenizer, p->ids[i]));
    }
    remove_all(&s->answer, " ##");
    remove_all(&s->answer, "##");
    squeeze(&s->answer);
    for (int32_t i = p->word_of[first]; i <= p->word_of[last]; i++) {
        if (i > p->word_of[first])
            buf_put_byte(&s->words, ' ');
        buf_put(&s->words, text->context + text->words[i].start,
                text->words[i].end - text->words[i].start);
    }
    return alignment_find(len, &s->alignment, s->words.data, s->words.len, s->answer.data,
                          s->answer.len);
}

static void put_entry(struct nbest *b, const char *text, size_t len, double start, double end)
{
    if (b->n == b->cap) {
        b->cap = mem_grow(b->cap, b->n + 1);
        b->entries = mem_resize(b->entries, b->cap, sizeof *b->entries);
    }
    b->entries[b->n] = (struct nbest_entry){
        .text = b->texts.len, .len = len, .start = start, .end = end, .order = b->n};
    b->n++;
    buf_put(&b->texts, text, len);
}

/* Whether an entry from number `from` on has that text. */
static bool is_known(const struct nbest *b, size_t from, const char *text, size_t len)
{
    for (size_t i = from; i < b->n; i++)
        if (b->entries[i].len == len &&
            (len == 0 || !memcmp(b->texts.data + b->entries[i].text, text, len)))
            return true;
    return false;
}

/* The best spans become entries, no text twice among them. */
static void rank(struct nbest *b, struct nbest_scratch *s, const struct passage *p,
                 const struct query *q, size_t n_best)
{
    const size_t before = b->n;

    if (s->n_spans > 0)
        qsort(s->spans, s->n_spans, sizeof *s->spans, by_score);
    for (size_t i = 0; i < s->n_spans && b->n - before < n_best; i++) {
        const struct span_of_window *span = &s->spans[i];
        const char *text = "";
        size_t len = 0;

        if (span->from > 0) {
            text = text_of(&len, s, p, q, span);
            if (is_known(b, before, text, len))
                continue;
        }
        put_entry(b, text, len, span->start, span->end);
    }
    s->n_spans = 0;
}

static bool all_finite(const float *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

int nbest_decode(struct nbest *b, struct nbest_scratch *s, const struct passage *p, size_t which,
                 const float *start_logits, const float *end_logits, size_t T,
                 const struct nbest_options *o, struct err *err)
{
    const struct query *q = &p->queries[which];

    b->n = 0;
    buf_clear(&b->texts);
    b->null_score = o->pytorch ? INFINITY : 1000000; /* the original's "large and positive" */
    b->null_start = b->null_end = 0;
    s->starts = mem_resize(s->starts, o->n_best, sizeof *s->starts);
    s->ends = mem_resize(s->ends, o->n_best, sizeof *s->ends);
    for (size_t w = 0; w < q->n_windows; w++) {
        const float *starts = start_logits + w * T;
        const float *ends = end_logits + w * T;
        const double null_score = (double)starts[0] + (double)ends[0];

        if (!all_finite(starts, T) || !all_finite(ends, T))
            return err_set(err, ERR_FORMAT, "question '%s', window %zu: a logit is not finite",
                           p->paragraph.questions[which].id, w);
        if (null_score < b->null_score) {
            b->null_score = null_score;
            b->null_start = starts[0];
            b->null_end = ends[0];
        }
        put_spans(s, q, w, starts, ends, T, o);
        if (o->pytorch)
            rank(b, s, p, q, o->n_best);
    }
    if (o->version_2 && !o->pytorch)
        put_span(s, 0, 0, 0, b->null_start, b->null_end);
    rank(b, s, p, q, o->n_best);
    return 0;
}

static int by_entry_score(const void *a, const void *b)
{
    const struct nbest_entry *x = a;
    const struct nbest_entry *y = b;
    const double score_x = x->start + x->end;
    const double score_y = y->start + y->end;

    if (score_x != score_y)
        return score_x > score_y ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static void put_probabilities(struct nbest *b)
{
    double highest = b->entries[0].start + b->entries[0].end;
    double sum = 0;

    for (size_t i = 1; i < b->n; i++) {
        const double score = b->entries[i].start + b->entries[i].end;

        highest = score > highest ? score : highest;
    }
    for (size_t i = 0; i < b->n; i++) {
        b->entries[i].probability = exp(b->entries[i].start + b->entries[i].end - highest);
        sum += b->entries[i].probability;
    }
    for (size_t i = 0; i < b->n; i++)
        b->entries[i].probability /= sum;
}

static const struct nbest_entry *best_text(const struct nbest *b)
{
    for (size_t i = 0; i < b->n; i++)
        if (b->entries[i].len > 0)
            return &b->entries[i];
    return NULL;
}

void nbest_finish(struct nbest *b, double null_start, double null_end,
                  const struct nbest_options *o)
{
    const struct nbest_entry *best;

    if (o->version_2 && (o->pytorch || !is_known(b, 0, "", 0)))
        put_entry(b, "", 0, null_start, null_end);
    if (o->pytorch) {
        if (b->n > 0)
            qsort(b->entries, b->n, sizeof *b->entries, by_entry_score);
        b->n = b->n < o->n_best ? b->n : o->n_best;
    }
    if (b->n == 0)
        put_entry(b, "empty", 5, 0, 0); /* the original's answer where no span can be one */
    put_probabilities(b);
    if (!o->version_2) {
        b->answer = b->entries;
        return;
    }
    best = best_text(b);
    b->null_odds = best ? b->null_score - best->start - best->end : b->null_score;
    b->answer = b->null_odds > o->null_threshold ? NULL : best;
}

void nbest_release(struct nbest *b)
{
    free(b->entries);
    buf_release(&b->texts);
    *b = (struct nbest){0};
}
