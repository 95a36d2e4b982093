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

static int need_text(const char **text, size_t *len, const struct json *map, const char *name,
                     struct err *err)
{
    const struct json *value = json_member(map, name);

    *text = value ? json_text_or(value, NULL) : NULL;
    if (!*text)
        return wrong(err, name, "a text");
    *len = json_text_len(value);
    return 0;
}

static int need_list(struct json **list, const struct json *map, const char *name, struct err *err)
{
    *list = json_member(map, name);
    if (!*list || json_kind_of(*list) != JSON_KIND_LIST)
        return wrong(err, name, "a list");
    return 0;
}

static bool is_map(const struct json *v)
{
    return json_kind_of(v) == JSON_KIND_MAP;
}

static int read_answers(struct question *q, const struct json *map, bool starts, struct err *err)
{
    struct json *list;

    if (need_list(&list, map, "answers", err) < 0)
        return -1;
    q->n_answers = json_count(list);
    q->answers = mem_array(q->n_answers, sizeof *q->answers);
    for (size_t i = 0; i < q->n_answers; i++) {
        struct answer *a = &q->answers[i];
        const struct json *item = json_item(list, i);
        const struct json *start;

        if (!is_map(item))
            return err_set(err, ERR_FORMAT, "answer %zu is not an object", i + 1);
        start = json_member(item, "answer_start");
        if (need_text(&a->text, &a->len, item, "text", err) < 0)
            return -1;
        if (starts && (!start || json_kind_of(start) != JSON_KIND_INT))
            return wrong(err, "answer_start", "an integer");
        if (starts)
            a->start = json_int_or(start, 0);
    }
    return 0;
}

static int read_question(struct question *q, const struct json *map, unsigned need, struct err *err)
{
    const struct json *impossible;
    size_t len = 0;

    if (!is_map(map))
        return err_set(err, ERR_FORMAT, "it is not an object");
    if (need_text(&q->id, &len, map, "id", err) < 0)
        return -1;
    if (strlen(q->id) != len)
        return err_set(err, ERR_FORMAT, "a zero byte in 'id'");
    if ((need & PARAGRAPH_TEXTS) && need_text(&q->text, &q->len, map, "question", err) < 0)
        return -1;
    impossible = json_member(map, "is_impossible");
    if (impossible && json_kind_of(impossible) != JSON_KIND_BOOL)
        return wrong(err, "is_impossible", "true or false");
    q->has_impossible = impossible != NULL;
    q->impossible = impossible && json_bool_or(impossible, false);
    if (need & (PARAGRAPH_ANSWERS | PARAGRAPH_STARTS))
        return read_answers(q, map, need & PARAGRAPH_STARTS, err);
    return 0;
}

static int read_questions(struct paragraph *p, unsigned need, struct err *err)
{
    struct json *list;

    if (need_list(&list, p->tree, "qas", err) < 0)
        return -1;
    p->n_questions = json_count(list);
    p->questions = mem_array(p->n_questions, sizeof *p->questions);
    for (size_t i = 0; i < p->n_questions; i++) {
        struct question *q = &p->questions[i];

        if (read_question(q, json_item(list, i), need, err) == 0)
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
    *p = (struct paragraph){.tree = json_parse(json, n, err)};
    if (!p->tree)
        return -1;
    if (!is_map(p->tree)) {
        err_set(err, ERR_FORMAT, "it is not an object");
        goto failed;
    }
    if (need & PARAGRAPH_TEXTS) {
        if (need_text(&p->context, &p->len, p->tree, "context", err) < 0)
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
    json_release(p->tree);
    *p = (struct paragraph){0};
}
