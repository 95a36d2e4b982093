/* basic.c -- one pass over the code points finds the tokens between white space; each of them is
 * folded and split at punctuation on its own, so that the final sigma sees what Python's lower() sees.
 *
 * Lower-casing comes before NFD, as in the original. NFD is complete, marks in canonical order, before
 * marks of class Mn are taken away: what stays (Mc) may have been reordered. */
#include "text/basic.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { TEXT, TOKEN, LOWER, NFD };

static const struct basic_rules all_rules[] = {
    {
        .name = "hf",
        .drop = UNICODE_CONTROL | UNICODE_NOTHING | UNICODE_REPLACEMENT,
        .keep_specials = true,
        .max_points = 100,
    },
};

const struct basic_rules *basic_rules_named(const char *name)
{
    for (size_t i = 0; i < sizeof all_rules / sizeof *all_rules; i++)
        if (strcmp(all_rules[i].name, name) == 0)
            return &all_rules[i];
    return NULL;
}

/* Array `which` with room for n code points; what it held is lost. */
static int32_t *room(struct basic *b, int which, size_t n)
{
    if (n > b->cap_points[which]) {
        free(b->points[which]);
        b->cap_points[which] = mem_grow(b->cap_points[which], n);
        b->points[which] = mem_resize(NULL, b->cap_points[which], sizeof **b->points);
    }
    return b->points[which];
}

/* Between the calls of begin and end, text is put at the end of b->text. */
static void begin_word(struct basic *b)
{
    if (b->n_words == b->cap_words) {
        b->cap_words = mem_grow(b->cap_words, b->n_words + 1);
        b->words = mem_resize(b->words, b->cap_words, sizeof *b->words);
    }
    b->words[b->n_words] = (struct basic_word){.at = b->text.len};
}

static void put_point(struct basic *b, int32_t point)
{
    b->text.len += unicode_encode(buf_reserve(&b->text, 4), point);
    b->words[b->n_words].n_points++;
}

static void end_word(struct basic *b)
{
    struct basic_word *w = &b->words[b->n_words];

    w->len = b->text.len - w->at;
    if (w->len > 0) {
        b->n_words++;
        begin_word(b);
    }
}

static bool is_special(const int32_t *token, size_t n)
{
    static const char *const names[] = {"[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"};

    if (n < 5 || n > 6 || token[0] != '[')
        return false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t at = 0;

        while (at < n && token[at] == names[i][at])
            at++;
        if (at == n && names[i][n] == '\0')
            return true;
    }
    return false;
}

/* The token in lower case without marks, in an array of ours; its new length is returned. */
static size_t fold(struct basic *b, const struct unicode *u, const int32_t **token, size_t n)
{
    int32_t *lower = room(b, LOWER, unicode_lower_max(*token, n));
    int32_t *nfd;
    size_t n_kept = 0;

    n = unicode_lower(lower, u, *token, n);
    nfd = room(b, NFD, unicode_nfd_max(u, lower, n));
    n = unicode_nfd(nfd, u, lower, n);
    for (size_t i = 0; i < n; i++)
        if (!(unicode_at(u, nfd[i])->flags & UNICODE_MARK))
            nfd[n_kept++] = nfd[i];
    *token = nfd;
    return n_kept;
}

/* A token between white space: its words. `flags` are those of all its code points together. */
static void split_token(struct basic *b, const struct unicode *u, const struct basic_rules *rules,
                        bool cased, const int32_t *token, size_t n, unsigned flags)
{
    if (rules->keep_specials && is_special(token, n)) {
        for (size_t i = 0; i < n; i++)
            put_point(b, token[i]);
        b->words[b->n_words].special = true;
        end_word(b);
        return;
    }
    if (!cased && (flags & UNICODE_FOLDS))
        n = fold(b, u, &token, n);
    for (size_t i = 0; i < n; i++) {
        if (unicode_at(u, token[i])->flags & UNICODE_PUNCTUATION) {
            end_word(b);
            put_point(b, token[i]);
            end_word(b);
        } else {
            put_point(b, token[i]);
        }
    }
    end_word(b);
}

void basic_split(struct basic *b, const struct unicode *u, const struct basic_rules *rules,
                 bool cased, const char *text, size_t n)
{
    int32_t *points = room(b, TEXT, n);
    int32_t *token = room(b, TOKEN, n);
    const size_t n_points = unicode_decode(points, text, n);
    unsigned flags = 0;
    size_t len = 0;

    buf_clear(&b->text);
    b->n_words = 0;
    begin_word(b);
    for (size_t i = 0; i < n_points; i++) {
        const struct unicode_point *p = unicode_at(u, points[i]);

        if (p->flags & rules->drop)
            continue;
        if ((p->flags & (UNICODE_SPACE | UNICODE_CJK)) && len > 0) {
            split_token(b, u, rules, cased, token, len, flags);
            len = 0;
            flags = 0;
        }
        if (p->flags & UNICODE_CJK) {
            split_token(b, u, rules, cased, &points[i], 1, p->flags);
        } else if (!(p->flags & UNICODE_SPACE)) {
            token[len++] = points[i];
            flags |= p->flags;
        }
    }
    if (len > 0)
        split_token(b, u, rules, cased, token, len, flags);
}

void basic_release(struct basic *b)
{
    buf_release(&b->text);
    free(b->words);
    for (size_t i = 0; i < sizeof b->points / sizeof *b->points; i++)
        free(b->points[i]);
    *b = (struct basic){0};
}
