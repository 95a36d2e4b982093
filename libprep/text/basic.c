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
        .cjk = UNICODE_CJK,
        .mark = UNICODE_MARK,
        .punctuation = UNICODE_PUNCTUATION,
        .specials = BASIC_SPECIALS_ALONE,
        .max_points = 100,
    },
    {
        .name = "google",
        .drop = UNICODE_CONTROL | UNICODE_REPLACEMENT,
        .cjk = UNICODE_CJK,
        .mark = UNICODE_MARK,
        .punctuation = UNICODE_PUNCTUATION,
        .specials = BASIC_SPECIALS_NOWHERE,
        .max_points = 200,
    },
    {
        .name = "hf-fast",
        .drop = UNICODE_CONTROL_8 | UNICODE_REPLACEMENT,
        .cjk = UNICODE_CJK_RUST,
        .mark = UNICODE_MARK_8,
        .punctuation = UNICODE_PUNCTUATION_8,
        .specials = BASIC_SPECIALS_ANYWHERE,
        .lower_last = true,
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

size_t basic_special(const int32_t *points, size_t n)
{
    static const char *const names[] = {"[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]"};

    if (n < 5 || points[0] != '[')
        return 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t at = 0;

        while (at < n && names[i][at] && points[at] == names[i][at])
            at++;
        if (!names[i][at])
            return at;
    }
    return 0;
}

static void put_special(struct basic *b, const int32_t *points, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put_point(b, points[i]);
    b->words[b->n_words].special = true;
    end_word(b);
}

static size_t without_marks(int32_t *points, size_t n, const struct unicode *u, unsigned mark)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!(unicode_at(u, points[i])->flags & mark))
            points[n_kept++] = points[i];
    return n_kept;
}

/* The token in lower case without marks, in an array of ours; its new length is returned. */
static size_t fold(struct basic *b, const struct unicode *u, const struct basic_rules *rules,
                   const int32_t **token, size_t n)
{
    int32_t *nfd;

    if (!rules->lower_last) {
        int32_t *lower = room(b, LOWER, unicode_lower_max(*token, n));

        n = unicode_lower(lower, u, *token, n);
        *token = lower;
    }
    nfd = room(b, NFD, unicode_nfd_max(u, *token, n));
    n = unicode_nfd(nfd, u, *token, n);
    n = without_marks(nfd, n, u, rules->mark);
    if (rules->lower_last)
        for (size_t i = 0; i < n; i++)
            nfd[i] += unicode_at(u, nfd[i])->to_lower;
    *token = nfd;
    return n;
}

/* A token between white space: its words. `flags` are those of all its code points together. */
static void split_token(struct basic *b, const struct unicode *u, const struct basic_rules *rules,
                        bool cased, const int32_t *token, size_t n, unsigned flags)
{
    if (rules->specials == BASIC_SPECIALS_ALONE && n <= 6 && basic_special(token, n) == n) {
        put_special(b, token, n);
        return;
    }
    if (!cased && (flags & UNICODE_FOLDS))
        n = fold(b, u, rules, &token, n);
    for (size_t i = 0; i < n; i++) {
        if (unicode_at(u, token[i])->flags & rules->punctuation) {
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
        const size_t special = rules->specials == BASIC_SPECIALS_ANYWHERE
                                   ? basic_special(points + i, n_points - i)
                                   : 0;

        if (p->flags & rules->drop)
            continue;
        if ((special || (p->flags & (UNICODE_SPACE | rules->cjk))) && len > 0) {
            split_token(b, u, rules, cased, token, len, flags);
            len = 0;
            flags = 0;
        }
        if (special) {
            put_special(b, points + i, special);
            i += special - 1;
        } else if (p->flags & rules->cjk) {
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
