/* passage.c -- tokens once a paragraph, windows once a question. */
#include "squad/passage.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { SPECIALS = 3 }; /* [CLS] and two [SEP] */

/* Each word of the context on its own, as the original does it. */
static void encode_context(struct passage *p, const struct tokenizer *t,
                           struct tokenizer_scratch *s)
{
    const struct paragraph *text = &p->paragraph;
    size_t cap = 0;

    p->first_of = mem_array(text->n_words, sizeof *p->first_of);
    for (size_t i = 0; i < text->n_words; i++) {
        const struct paragraph_word *word = &text->words[i];
        const int32_t *ids;
        size_t n;

        p->first_of[i] = p->n_ids;
        tokenizer_encode(&ids, &n, t, s, text->context + word->start, word->end - word->start);
        if (p->n_ids + n > cap) {
            cap = mem_grow(cap, p->n_ids + n);
            p->ids = mem_resize(p->ids, cap, sizeof *p->ids);
            p->word_of = mem_resize(p->word_of, cap, sizeof *p->word_of);
        }
        for (size_t k = 0; k < n; k++) {
            p->ids[p->n_ids] = ids[k];
            p->word_of[p->n_ids++] = (int32_t)i;
        }
    }
}

/* Narrows the tokens [*start, *end] to those that are the answer's own, where there are such: "(1895
 * - 1943)." becomes "1895". The first place wins. */
static void improve(int64_t *start, int64_t *end, const struct passage *p, const int32_t *answer,
                    size_t n)
{
    if (n == 0)
        return;
    for (int64_t at = *start; at + (int64_t)n - 1 <= *end; at++)
        if (!memcmp(p->ids + at, answer, n * sizeof *answer)) {
            *start = at;
            *end = at + (int64_t)n - 1;
            return;
        }
}

/* 1 with the tokens of the answer, 0 when it is not there, -1 with err. */
static int label(struct query *q, const struct passage *p, const struct answer *answer,
                 const struct tokenizer *t, struct tokenizer_scratch *s, const struct unicode *u,
                 struct err *err)
{
    const size_t n_words = p->paragraph.n_words;
    const int32_t *ids;
    int32_t first;
    int32_t last;
    size_t n;
    const int rc = paragraph_find_answer(&first, &last, &p->paragraph, answer, u, err);

    if (rc <= 0)
        return rc;
    q->start = (int64_t)p->first_of[first < 0 ? n_words - 1 : (size_t)first];
    q->end = (int64_t)((size_t)(last + 1) < n_words ? p->first_of[last + 1] : p->n_ids) - 1;
    tokenizer_encode(&ids, &n, t, s, answer->text, answer->len);
    improve(&q->start, &q->end, p, ids, n);
    return 1;
}

static int read_answer(struct query *q, const struct passage *p, const struct question *question,
                       const struct passage_options *o, const struct tokenizer *t,
                       struct tokenizer_scratch *s, const struct unicode *u, struct err *err)
{
    int rc;

    if (o->version_2 && !question->has_impossible)
        return err_set(err, ERR_FORMAT, "'is_impossible' is missing");
    q->impossible = o->version_2 && question->impossible;
    if (q->impossible)
        return 0;
    if (question->n_answers == 0)
        return err_set(err, ERR_FORMAT, "no answer%s",
                       o->version_2 ? "" : ": is this a file of version 2?");
    if (question->n_answers > 1 && !o->first_answer)
        return err_set(err, ERR_FORMAT, "%zu answers, where training takes one",
                       question->n_answers);
    rc = label(q, p, &question->answers[0], t, s, u, err);
    q->skipped = rc == 0;
    return rc < 0 ? -1 : 0;
}

/* At most `max` windows. */
static int cut_windows(struct query *q, size_t n_ids, size_t capacity, size_t stride, size_t max,
                       struct err *err)
{
    size_t cap = 0;

    for (size_t first = 0; first < n_ids;) {
        const size_t left = n_ids - first;
        const size_t n = left < capacity ? left : capacity;

        if (q->n_windows == max)
            return err_set(err, ERR_LIMIT, "over %d windows in one paragraph", PASSAGE_MAX_WINDOWS);
        if (q->n_windows == cap) {
            cap = mem_grow(cap, q->n_windows + 1);
            q->windows = mem_resize(q->windows, cap, sizeof *q->windows);
        }
        q->windows[q->n_windows++] = (struct window){.first = first, .n = n};
        if (n == left)
            break;
        first += n < stride ? n : stride;
    }
    return 0;
}

/* With at most *left windows, which are taken from it. */
static int make_query(struct query *q, size_t *left, const struct passage *p,
                      const struct question *question, const struct passage_options *o,
                      const struct tokenizer *t, struct tokenizer_scratch *s,
                      const struct unicode *u, struct err *err)
{
    const int32_t *ids;
    size_t n;

    if (o->training && read_answer(q, p, question, o, t, s, u, err) < 0)
        return -1;
    if (q->skipped)
        return 0;
    tokenizer_encode(&ids, &n, t, s, question->text, question->len);
    q->n_ids = n < o->max_query_length ? n : o->max_query_length;
    if (q->n_ids + SPECIALS >= o->seq_length)
        return err_set(err, ERR_LIMIT,
                       "its %zu tokens leave no room for the context in %zu; more of them or "
                       "fewer for the question",
                       q->n_ids, o->seq_length);
    q->ids = mem_array(q->n_ids, sizeof *q->ids);
    if (q->n_ids > 0)
        memcpy(q->ids, ids, q->n_ids * sizeof *ids);
    if (cut_windows(q, p->n_ids, o->seq_length - q->n_ids - SPECIALS, o->doc_stride, *left, err) <
        0)
        return -1;
    *left -= q->n_windows;
    return 0;
}

int passage_make(struct passage *p, const char *json, size_t n,
                 const struct passage_options *options, const struct tokenizer *t,
                 struct tokenizer_scratch *s, const struct unicode *u, struct err *err)
{
    const unsigned need = PARAGRAPH_TEXTS | (options->training ? PARAGRAPH_STARTS : 0);
    size_t left = PASSAGE_MAX_WINDOWS;

    *p = (struct passage){0};
    if (paragraph_parse(&p->paragraph, json, n, need, err) < 0)
        return -1;
    encode_context(p, t, s);
    p->queries = mem_array(p->paragraph.n_questions, sizeof *p->queries);
    for (size_t i = 0; i < p->paragraph.n_questions; i++) {
        const struct question *question = &p->paragraph.questions[i];

        if (make_query(&p->queries[i], &left, p, question, options, t, s, u, err) < 0) {
            err_in(err, "question '%s'", question->id);
            passage_release(p);
            return -1;
        }
    }
    return 0;
}

void passage_release(struct passage *p)
{
    for (size_t i = 0; p->queries && i < p->paragraph.n_questions; i++) {
        free(p->queries[i].ids);
        free(p->queries[i].windows);
    }
    free(p->queries);
    free(p->ids);
    free(p->word_of);
    free(p->first_of);
    paragraph_release(&p->paragraph);
    *p = (struct passage){0};
}

size_t passage_ids(int32_t *ids, size_t *n_first, const struct passage *p, const struct query *q,
                   size_t w, const struct tokenizer *t)
{
    const struct tokens_header *vocab = tokenizer_header(t);
    const struct window *window = &q->windows[w];
    int32_t *at = ids;

    *at++ = vocab->cls;
    memcpy(at, q->ids, q->n_ids * sizeof *at);
    at += q->n_ids;
    *at++ = vocab->sep;
    *n_first = (size_t)(at - ids);
    memcpy(at, p->ids + window->first, window->n * sizeof *at);
    at += window->n;
    *at++ = vocab->sep;
    return (size_t)(at - ids);
}

static bool holds(const struct window *w, size_t at)
{
    return at >= w->first && at < w->first + w->n;
}

static double score(const struct window *w, size_t at)
{
    const size_t left = at - w->first;
    const size_t right = w->first + w->n - 1 - at;

    return (double)(left < right ? left : right) + 0.01 * (double)w->n;
}

bool passage_max_context(const struct query *q, size_t w, size_t at)
{
    const double own = score(&q->windows[w], at);

    /* Windows begin and end in order: those that hold the token stand side by side. Among equals the
     * first one has it. */
    for (size_t i = w; i-- > 0 && holds(&q->windows[i], at);)
        if (score(&q->windows[i], at) >= own)
            return false;
    for (size_t i = w + 1; i < q->n_windows && holds(&q->windows[i], at); i++)
        if (score(&q->windows[i], at) > own)
            return false;
    return true;
}

void passage_label(int32_t *start, int32_t *end, const struct query *q, size_t w)
{
    const struct window *window = &q->windows[w];
    const int64_t first = (int64_t)window->first;
    const int64_t column = (int64_t)q->n_ids + 2 - first;
    const bool inside = !q->impossible && q->start >= first && q->end < first + (int64_t)window->n;

    *start = inside ? (int32_t)(q->start + column) : 0;
    *end = inside ? (int32_t)(q->end + column) : 0;
}
