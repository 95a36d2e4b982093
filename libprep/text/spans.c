/* spans.c -- basic.c's steps on code points that know their source. */
#include "text/spans.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What a run needs to know of itself besides its memory. */
struct pass {
    struct spans *s;
    const struct unicode *u;
    const struct basic_rules *rules;
    const struct wordpiece *w;
    bool cased;
    size_t n_token;
};

static void reserve(struct spans *s, size_t n)
{
    if (n <= s->cap_points)
        return;
    s->cap_points = mem_grow(s->cap_points, n);
    s->points = mem_resize(s->points, s->cap_points, sizeof *s->points);
    s->starts = mem_resize(s->starts, s->cap_points, sizeof *s->starts);
}

static void reserve_fold(struct spans *s, size_t n)
{
    if (n <= s->cap_nfd)
        return;
    s->cap_nfd = mem_grow(s->cap_nfd, n);
    s->lower = mem_resize(s->lower, s->cap_nfd, sizeof *s->lower);
    s->lower_from = mem_resize(s->lower_from, s->cap_nfd, sizeof *s->lower_from);
    s->nfd = mem_resize(s->nfd, s->cap_nfd, sizeof *s->nfd);
    s->nfd_from = mem_resize(s->nfd_from, s->cap_nfd, sizeof *s->nfd_from);
}

static void add_to_token(struct pass *p, int32_t point, size_t source)
{
    struct spans *s = p->s;

    if (p->n_token == s->cap_token) {
        s->cap_token = mem_grow(s->cap_token, p->n_token + 1);
        s->token = mem_resize(s->token, s->cap_token, sizeof *s->token);
    }
    s->token[p->n_token++] = (struct spans_point){point, source};
}

static size_t length_of(int32_t point)
{
    char bytes[4];

    return unicode_encode(bytes, point);
}

static void add_item(struct spans *s, int32_t id, const struct spans_point *points, size_t n)
{
    struct span item = {.id = id, .start = SIZE_MAX};

    for (size_t i = 0; i < n; i++) {
        const size_t start = s->starts[points[i].source];
        const size_t end = start + length_of(s->points[points[i].source]);

        item.start = start < item.start ? start : item.start;
        item.end = end > item.end ? end : item.end;
    }
    if (s->n == s->cap) {
        s->cap = mem_grow(s->cap, s->n + 1);
        s->items = mem_resize(s->items, s->cap, sizeof *s->items);
    }
    s->items[s->n++] = item;
}

/* The pieces of one word of n >= 1 code points. */
static void put_word(struct pass *p, const struct spans_point *word, size_t n)
{
    char *text = mem_alloc(4 * n + 1);
    size_t *lengths = mem_array(4 * n, sizeof *lengths); /* of the pieces, in bytes */
    int32_t *ids = mem_array(4 * n, sizeof *ids);
    size_t len = 0;
    size_t n_ids;
    size_t at = 0;

    for (size_t i = 0; i < n; i++)
        len += unicode_encode(text + len, word[i].point);
    n_ids = wordpiece_encode_lengths(ids, lengths, p->w, text, len, n);
    for (size_t i = 0; i < n_ids; i++) {
        const size_t first = at;

        for (size_t bytes = 0; bytes < lengths[i]; at++)
            bytes += length_of(word[at].point);
        add_item(p->s, ids[i], word + first, at - first);
    }
    free(text);
    free(lengths);
    free(ids);
}

/* Lower-casing of the token into s->lower; a code point may become two. */
static size_t lower(struct pass *p, int32_t *points, size_t n)
{
    struct spans *s = p->s;
    const size_t n_lower = unicode_lower(s->lower, p->u, points, n);
    size_t at = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t j = unicode_lower_max(points + i, 1); j > 0; j--)
            s->lower_from[at++] = i;
    return n_lower;
}

/* Replaces the token by its folded form. */
static void fold(struct pass *p)
{
    struct spans *s = p->s;
    const size_t n = p->n_token;
    struct spans_point *from = mem_array(n, sizeof *from);
    int32_t *points = mem_array(n, sizeof *points);
    size_t n_lower = n;
    size_t n_nfd;

    memcpy(from, s->token, n * sizeof *from);
    for (size_t i = 0; i < n; i++)
        points[i] = from[i].point;
    reserve_fold(s, unicode_lower_max(points, n));
    if (!p->rules->lower_last) {
        n_lower = lower(p, points, n);
    } else {
        memcpy(s->lower, points, n * sizeof *points);
        for (size_t i = 0; i < n; i++)
            s->lower_from[i] = i;
    }
    reserve_fold(s, unicode_nfd_max(p->u, s->lower, n_lower));
    n_nfd = unicode_nfd_from(s->nfd, s->nfd_from, p->u, s->lower, n_lower);
    p->n_token = 0;
    for (size_t i = 0; i < n_nfd; i++) {
        const struct unicode_point *entry = unicode_at(p->u, s->nfd[i]);

        if (!(entry->flags & p->rules->mark))
            add_to_token(p, s->nfd[i] + (p->rules->lower_last ? entry->to_lower : 0),
                         from[s->lower_from[s->nfd_from[i]]].source);
    }
    free(from);
    free(points);
}

static bool is_special_alone(const struct pass *p)
{
    int32_t points[6];

    if (p->rules->specials != BASIC_SPECIALS_ALONE || p->n_token > 6)
        return false;
    for (size_t i = 0; i < p->n_token; i++)
        points[i] = p->s->token[i].point;
    return p->n_token > 0 && basic_special(points, p->n_token) == p->n_token;
}

/* The token that was collected, if any: its words. */
static void end_token(struct pass *p)
{
    struct spans *s = p->s;
    size_t word = 0;

    if (p->n_token == 0)
        return;
    if (is_special_alone(p)) {
        put_word(p, s->token, p->n_token);
        p->n_token = 0;
        return;
    }
    if (!p->cased)
        fold(p);
    for (size_t i = 0; i < p->n_token; i++) {
        if (!(unicode_at(p->u, s->token[i].point)->flags & p->rules->punctuation))
            continue;
        if (i > word)
            put_word(p, s->token + word, i - word);
        put_word(p, s->token + i, 1);
        word = i + 1;
    }
    if (p->n_token > word)
        put_word(p, s->token + word, p->n_token - word);
    p->n_token = 0;
}

void spans_run(struct spans *s, const struct unicode *u, const struct basic_rules *rules,
               const struct wordpiece *w, bool cased, const char *text, size_t n)
{
    struct pass p = {.s = s, .u = u, .rules = rules, .w = w, .cased = cased};
    size_t n_points;

    s->n = 0;
    reserve(s, n + 1);
    n_points = unicode_decode_starts(s->points, s->starts, text, n);
    for (size_t i = 0; i < n_points; i++) {
        const unsigned flags = unicode_at(u, s->points[i])->flags;
        const size_t special = rules->specials == BASIC_SPECIALS_ANYWHERE
                                   ? basic_special(s->points + i, n_points - i)
                                   : 0;

        if (flags & rules->drop)
            continue;
        if (special || flags & (UNICODE_SPACE | rules->cjk))
            end_token(&p);
        if (special) {
            for (size_t j = 0; j < special; j++)
                add_to_token(&p, s->points[i + j], i + j);
            put_word(&p, s->token, special);
            p.n_token = 0;
            i += special - 1;
        } else if (!(flags & UNICODE_SPACE)) {
            add_to_token(&p, s->points[i], i);
            if (flags & rules->cjk)
                end_token(&p);
        }
    }
    end_token(&p);
}

void spans_release(struct spans *s)
{
    free(s->items);
    free(s->points);
    free(s->starts);
    free(s->token);
    free(s->lower);
    free(s->lower_from);
    free(s->nfd);
    free(s->nfd_from);
    *s = (struct spans){0};
}
