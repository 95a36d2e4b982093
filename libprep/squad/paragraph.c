/* paragraph.c -- members by name, words by white space. */
#include "squad/paragraph.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "squad/find.h"

static int wrong(struct err *err, const char *name, const char *kind)
{
    return err_set(err, ERR_FORMAT, "'%s' is missing or is not %s", name, kind);
}

static int need_text(const char **text, size_t *len, const struct json_node *map, const char *name,
                     struct err *err)
{
    const struct json_node *value = json_node_member(map, name);

    if (!value || value->kind != JSON_KIND_TEXT)
        return wrong(err, name, "a text");
    *text = value->text;
    *len = value->count;
    return 0;
}

static int need_list(const struct json_node **list, const struct json_node *map, const char *name,
                     struct err *err)
{
    *list = json_node_member(map, name);
    if (!*list || (*list)->kind != JSON_KIND_LIST)
        return wrong(err, name, "a list");
    return 0;
}

static int read_answer(struct answer *a, const struct json_node *map, bool starts, struct err *err)
{
    const struct json_node *start = json_node_member(map, "answer_start");

    if (need_text(&a->text, &a->len, map, "text", err) < 0)
        return -1;
    if (starts && (!start || start->kind != JSON_KIND_INT))
        return wrong(err, "answer_start", "an integer");
    if (starts)
        a->start = start->value;
    return 0;
}

static int read_answers(struct question *q, const struct json_node *map, bool starts,
                        struct err *err)
{
    const struct json_node *list;
    const struct json_node *item;

    if (need_list(&list, map, "answers", err) < 0)
        return -1;
    q->n_answers = list->count;
    q->answers = mem_array(q->n_answers, sizeof *q->answers);
    item = list + 1;
    for (size_t i = 0; i < q->n_answers; i++, item = json_node_next(item)) {
        if (item->kind != JSON_KIND_MAP)
            return err_set(err, ERR_FORMAT, "answer %zu is not an object", i + 1);
        if (read_answer(&q->answers[i], item, starts, err) < 0)
            return -1;
    }
    return 0;
}

static int read_question(struct question *q, const struct json_node *map, unsigned need,
                         struct err *err)
{
    const struct json_node *impossible;
    size_t len = 0;

    if (map->kind != JSON_KIND_MAP)
        return err_set(err, ERR_FORMAT, "it is not an object");
    if (need_text(&q->id, &len, map, "id", err) < 0)
        return -1;
    if (memchr(q->id, '\0', len))
        return err_set(err, ERR_FORMAT, "a zero byte in 'id'");
    if ((need & PARAGRAPH_TEXTS) && need_text(&q->text, &q->len, map, "question", err) < 0)
        return -1;
    impossible = json_node_member(map, "is_impossible");
    if (impossible && impossible->kind != JSON_KIND_BOOL)
        return wrong(err, "is_impossible", "true or false");
    q->has_impossible = impossible != NULL;
    q->impossible = impossible && impossible->value;
    if (need & (PARAGRAPH_ANSWERS | PARAGRAPH_STARTS))
        return read_answers(q, map, need & PARAGRAPH_STARTS, err);
    return 0;
}

static int read_questions(struct paragraph *p, unsigned need, struct err *err)
{
    const struct json_node *list;
    const struct json_node *item;

    if (need_list(&list, p->view.nodes, "qas", err) < 0)
        return -1;
    p->n_questions = list->count;
    p->questions = mem_array(p->n_questions, sizeof *p->questions);
    item = list + 1;
    for (size_t i = 0; i < p->n_questions; i++, item = json_node_next(item)) {
        struct question *q = &p->questions[i];

        if (read_question(q, item, need, err) == 0)
            continue;
        return q->id ? err_in(err, "question '%s'", q->id) : err_in(err, "question %zu", i + 1);
    }
    return 0;
}

/* Bytes of the white space that stands here, 0 for anything else. */
static size_t space_at(const char *text, const char *end)
{
    if (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n')
        return 1;
    return end - text >= 3 && !memcmp(text, "\xe2\x80\xaf", 3) ? 3 : 0;
}

static void cut_words(struct paragraph *p)
{
    const char *const end = p->context + p->len;
    size_t cap = 0;
    bool in_word = false;

    p->word_of = mem_array(p->len, sizeof *p->word_of);
    for (const char *at = p->context; at < end;) {
        const size_t space = space_at(at, end);
        size_t n = space ? space : 1;

        if (!space && !in_word) {
            if (p->n_words == cap) {
                cap = mem_grow(cap, p->n_words + 1);
                p->words = mem_resize(p->words, cap, sizeof *p->words);
            }
            p->words[p->n_words++].start = (size_t)(at - p->context);
        }
        in_word = !space;
        while (!space && at + n < end && ((unsigned char)at[n] & 0xc0) == 0x80)
            n++; /* the rest of the character */
        at += n;
        if (in_word)
            p->words[p->n_words - 1].end = (size_t)(at - p->context);
        p->word_of[p->n_points++] = (int32_t)p->n_words - 1;
    }
}

int paragraph_parse(struct paragraph *p, const char *json, size_t n, unsigned need, struct err *err)
{
    *p = (struct paragraph){0};
    if (json_view_parse(&p->view, json, n, err) < 0)
        return -1;
    if (p->view.nodes->kind != JSON_KIND_MAP) {
        err_set(err, ERR_FORMAT, "it is not an object");
        goto failed;
    }
    if (need & PARAGRAPH_TEXTS) {
        if (need_text(&p->context, &p->len, p->view.nodes, "context", err) < 0)
            goto failed;
        cut_words(p);
    }
    if (read_questions(p, need, err) < 0)
        goto failed;
    return 0;
failed:
    paragraph_release(p);
    return -1;
}

/* The code points [from, to) of one piece of the answer between white space, after a space. */
static void put_piece(struct buf *b, const char *text, size_t from, size_t to)
{
    if (from == to)
        return;
    if (b->len > 0)
        buf_put_byte(b, ' ');
    buf_put(b, text + from, to - from);
}

/* " ".join(text.split()) of Python. */
static void put_clean(struct buf *b, const struct answer *answer, const struct unicode *u)
{
    int32_t *points = mem_array(answer->len, sizeof *points);
    size_t *starts = mem_array(answer->len, sizeof *starts);
    const size_t n = unicode_decode_starts(points, starts, answer->text, answer->len);
    size_t from = 0;

    for (size_t i = 0; i < n; i++)
        if (unicode_at(u, points[i])->flags & UNICODE_SPACE) {
            put_piece(b, answer->text, from, starts[i]);
            from = i + 1 < n ? starts[i + 1] : answer->len;
        }
    put_piece(b, answer->text, from, answer->len);
    free(points);
    free(starts);
}

static size_t count_points(const char *text, size_t len)
{
    size_t n = 0;

    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

int paragraph_find_answer(int32_t *first, int32_t *last, const struct paragraph *p,
                          const struct answer *answer, const struct unicode *u, struct err *err)
{
    const int64_t n_points = (int64_t)p->n_points;
    const int64_t len = (int64_t)count_points(answer->text, answer->len);
    struct buf words = {0};
    struct buf clean = {0};
    int64_t end;
    int found = 0;

    if (answer->start < 0 || answer->start >= n_points || len > n_points - answer->start)
        return err_set(err, ERR_FORMAT,
                       "the answer of %lld characters at %lld is outside of the context, which has "
                       "%lld",
                       (long long)len, (long long)answer->start, (long long)n_points);
    end = answer->start + len - 1;
    if (end < 0)
        end = n_points - 1; /* Python's index -1: an empty answer at the very beginning */
    *first = p->word_of[answer->start];
    *last = p->word_of[end];
    if (p->n_words == 0)
        return 0;
    for (int64_t i = *first < 0 ? (int64_t)p->n_words - 1 : *first; i <= *last; i++)
        put_piece(&words, p->context, p->words[i].start, p->words[i].end);
    put_clean(&clean, answer, u);
    found = find_bytes(words.data, words.len, clean.data, clean.len) >= 0;
    buf_release(&words);
    buf_release(&clean);
    return found;
}

void paragraph_release(struct paragraph *p)
{
    for (size_t i = 0; i < p->n_questions; i++)
        free(p->questions[i].answers);
    free(p->questions);
    free(p->words);
    free(p->word_of);
    json_view_release(&p->view);
    *p = (struct paragraph){0};
}
