/* plain_answer.c -- code points through four steps, words by sorting. */
#include "squad/plain_answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int32_t *room(int32_t **points, size_t *cap, size_t n)
{
    if (n > *cap) {
        *cap = mem_grow(*cap, n);
        *points = mem_resize(*points, *cap, sizeof **points);
    }
    return *points;
}

/* string.punctuation */
static bool is_punctuation(int32_t point)
{
    return (point >= 33 && point <= 47) || (point >= 58 && point <= 64) ||
           (point >= 91 && point <= 96) || (point >= 123 && point <= 126);
}

/* \w of Python's re without the underscore, which is punctuation and gone: str.isalnum(), which for
 * all of Unicode 14 is the categories L* and N*. */
static bool is_word(const struct unicode *u, int32_t point)
{
    switch (unicode_at(u, point)->category) {
    case UNICODE_LU:
    case UNICODE_LL:
    case UNICODE_LT:
    case UNICODE_LM:
    case UNICODE_LO:
    case UNICODE_ND:
    case UNICODE_NL:
    case UNICODE_NO:
        return true;
    default:
        return false;
    }
}

static bool is_article(const int32_t *word, size_t n)
{
    return word[0] == 'a' ? n == 1 || (n == 2 && word[1] == 'n')
                          : n == 3 && word[0] == 't' && word[1] == 'h' && word[2] == 'e';
}

/* Spaces where the articles are. */
static void blank_articles(const struct unicode *u, int32_t *points, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t end = i;

        while (end < n && is_word(u, points[end]))
            end++;
        if (end == i)
            continue;
        if (is_article(points + i, end - i))
            for (size_t k = i; k < end; k++)
                points[k] = ' ';
        i = end - 1;
    }
}

void plain_answer_set(struct plain_answer *a, const char *text, size_t n)
{
    const struct unicode *u = a->unicode;
    int32_t *points = room(&a->points, &a->cap_points, n + 1);
    const size_t n_points = unicode_decode(points, text, n);
    int32_t *lower = room(&a->lower, &a->cap_lower, unicode_lower_max(points, n_points) + 1);
    const size_t n_lower = unicode_lower(lower, u, points, n_points);
    size_t n_kept = 0;
    bool gap = false;

    for (size_t i = 0; i < n_lower; i++)
        if (!is_punctuation(lower[i]))
            lower[n_kept++] = lower[i];
    blank_articles(u, lower, n_kept);
    buf_clear(&a->text);
    for (size_t i = 0; i < n_kept; i++) {
        if (unicode_at(u, lower[i])->flags & UNICODE_SPACE) {
            gap = true;
            continue;
        }
        if (gap && a->text.len > 0)
            buf_put_byte(&a->text, ' ');
        gap = false;
        a->text.len += unicode_encode(buf_reserve(&a->text, 4), lower[i]);
    }
}

bool plain_answer_same(const struct plain_answer *a, const struct plain_answer *b)
{
    const size_t n = a->text.len;

    return n == b->text.len && (n == 0 || !memcmp(a->text.data, b->text.data, n));
}

struct word {
    const char *at;
    size_t len;
};

static int by_word(const void *a, const void *b)
{
    const struct word *x = a;
    const struct word *y = b;
    const int order = memcmp(x->at, y->at, x->len < y->len ? x->len : y->len);

    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* The words in order; free() them. */
static struct word *sorted_words(size_t *n, const struct buf *text)
{
    const char *at = text->data;
    const char *const end = at + text->len;
    struct word *words = mem_array(text->len / 2 + 1, sizeof *words);

    *n = 0;
    while (at < end) {
        const char *space = memchr(at, ' ', (size_t)(end - at));
        const size_t len = (size_t)((space ? space : end) - at);

        words[(*n)++] = (struct word){.at = at, .len = len};
        at += len + 1;
    }
    qsort(words, *n, sizeof *words, by_word);
    return words;
}

struct plain_overlap plain_answer_overlap(const struct plain_answer *a,
                                          const struct plain_answer *b)
{
    struct plain_overlap o = {0};
    struct word *x = sorted_words(&o.n_a, &a->text);
    struct word *y = sorted_words(&o.n_b, &b->text);

    for (size_t i = 0, k = 0; i < o.n_a && k < o.n_b;) {
        const int order = by_word(&x[i], &y[k]);

        o.n_same += order == 0;
        i += order <= 0;
        k += order >= 0;
    }
    free(x);
    free(y);
    return o;
}

void plain_answer_release(struct plain_answer *a)
{
    buf_release(&a->text);
    free(a->points);
    free(a->lower);
}
