/* punkt.c -- NLTK's regular expressions as one scan from stop to stop.
 *
 * A stop counts when punctuation, or white space and another word, follows it. NLTK then looks at
 * a context only, which may hold several stops:
 *
 *      ... were weak!?) They ...
 *               ^--context-^          the word before, the stops, what follows
 *
 * The context is cut into tokens, and when one of them, but the last, ends a sentence, the sentence
 * ends after the context's last stop. Afterwards closing quotes and brackets at the beginning of a
 * sentence go to the end of the one before. */
#include "text/punkt.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/punkt_parameters.h"
#include "text/unicode.h"
#include "text/utf8.h"

/* A token longer than this is in no table, whatever its case: lower-casing leaves at least a byte
 * of each character, which had four at the most. */
enum { MAX_TOKEN = 4 * PUNKT_MAX_WORD, MAX_LOWER = 3 * MAX_TOKEN };

/* Classes of ASCII bytes. */
enum {
    SPACE = 1,    /* \s */
    NON_WORD = 2, /* ends a word, and makes a stop before it count */
    NO_START = 4, /* begins no word */
    STOP = 8
};

static const unsigned char class_of[256] = {
    ['\t'] = SPACE,
    ['\n'] = SPACE,
    ['\v'] = SPACE,
    ['\f'] = SPACE,
    ['\r'] = SPACE,
    [0x1c] = SPACE,
    [0x1d] = SPACE,
    [0x1e] = SPACE,
    [0x1f] = SPACE,
    [' '] = SPACE,
    ['('] = NON_WORD | NO_START,
    [')'] = NON_WORD | NO_START,
    ['"'] = NON_WORD | NO_START,
    ['`'] = NO_START,
    ['{'] = NON_WORD | NO_START,
    ['}'] = NON_WORD | NO_START,
    ['['] = NON_WORD | NO_START,
    [']'] = NON_WORD | NO_START,
    [':'] = NON_WORD | NO_START,
    [';'] = NON_WORD | NO_START,
    ['&'] = NO_START,
    ['#'] = NO_START,
    ['*'] = NON_WORD | NO_START,
    ['@'] = NON_WORD | NO_START,
    ['-'] = NO_START,
    [','] = NO_START,
    ['\''] = NON_WORD,
    ['?'] = NON_WORD | STOP,
    ['!'] = NON_WORD | STOP,
    ['.'] = STOP,
};

struct punkt {
    struct punkt_parameters parameters;
    struct unicode *unicode;
};

struct span {
    size_t start, end;
};

struct scan {
    const struct punkt *p;
    const char *text;
    size_t n;
    struct sentences *out;
    size_t last_break; /* where the next sentence starts */
    bool held;         /* a sentence waits for what the next one begins with */
    struct span sentence;
    size_t realign; /* bytes at its start that went to the sentence before */
};

struct punkt *punkt_open(const char *path, struct err *err)
{
    struct punkt *p = mem_alloc(sizeof *p);

    if (punkt_parameters_load(&p->parameters, path, err) < 0) {
        punkt_close(p);
        return NULL;
    }
    p->unicode = unicode_open();
    return p;
}

void punkt_close(struct punkt *p)
{
    if (!p)
        return;
    punkt_parameters_release(&p->parameters);
    unicode_close(p->unicode);
    free(p);
}

/* ---- characters ---- */

/* The bytes of the white space at `at` < n, 0 when there is none. */
static size_t space_at(const struct scan *s, size_t at, size_t n)
{
    size_t len;
    uint32_t c;

    if ((unsigned char)s->text[at] < 0x80)
        return class_of[(unsigned char)s->text[at]] & SPACE;
    c = utf8_at(&len, s->text, n, at);
    return unicode_at(s->p->unicode, (int32_t)c)->flags & UNICODE_SPACE ? len : 0;
}

static bool has_class(const struct scan *s, size_t at, size_t n, unsigned classes)
{
    return at < n && class_of[(unsigned char)s->text[at]] & classes;
}

static size_t char_len(const struct scan *s, size_t at, size_t n)
{
    size_t len = 1;

    if ((unsigned char)s->text[at] >= 0x80)
        utf8_at(&len, s->text, n, at);
    return len;
}

static bool in(uint32_t c, const uint32_t (*ranges)[2], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    }
    return false;
}

/* str.isupper() of a character: Lu and Other_Uppercase (PropList.txt). */
static bool is_upper(const struct unicode *u, uint32_t c)
{
    static const uint32_t other[][2] = {{0x2160, 0x216f},
                                        {0x24b6, 0x24cf},
                                        {0x1f130, 0x1f149},
                                        {0x1f150, 0x1f169},
                                        {0x1f170, 0x1f189}};

    return unicode_at(u, (int32_t)c)->category == UNICODE_LU ||
           (c >= 0x2160 && in(c, other, sizeof other / sizeof other[0]));
}

/* str.islower() of a character: Ll and Other_Lowercase. */
static bool is_lower(const struct unicode *u, uint32_t c)
{
    static const uint32_t other[][2] = {
        {0xaa, 0xaa},       {0xba, 0xba},       {0x2b0, 0x2b8},     {0x2c0, 0x2c1},
        {0x2e0, 0x2e4},     {0x345, 0x345},     {0x37a, 0x37a},     {0x1d2c, 0x1d6a},
        {0x1d78, 0x1d78},   {0x1d9b, 0x1dbf},   {0x2071, 0x2071},   {0x207f, 0x207f},
        {0x2090, 0x209c},   {0x2170, 0x217f},   {0x24d0, 0x24e9},   {0x2c7c, 0x2c7d},
        {0xa69c, 0xa69d},   {0xa770, 0xa770},   {0xa7f8, 0xa7f9},   {0xab5c, 0xab5f},
        {0x10780, 0x10780}, {0x10783, 0x10785}, {0x10787, 0x107b0}, {0x107b2, 0x107ba}};

    return unicode_at(u, (int32_t)c)->category == UNICODE_LL ||
           (c >= 0x80 && in(c, other, sizeof other / sizeof other[0]));
}

/* [^\W\d]: letters, numbers that are no decimal digits, and the underscore. */
static bool is_word_letter(const struct unicode *u, uint32_t c)
{
    const unsigned category = unicode_at(u, (int32_t)c)->category;

    return c == '_' || (category >= UNICODE_LU && category <= UNICODE_LO) ||
           category == UNICODE_NL || category == UNICODE_NO;
}

/* ---- tokens ---- */

/* The end of "--", "...", or ". . ." at `at`; `at` itself when there is none. */
static size_t multi_end(const struct scan *s, size_t at, size_t n)
{
    const char sign = s->text[at];
    size_t end = at, dot = at, len;

    if (sign != '.' && sign != '-')
        return at;
    while (end < n && s->text[end] == sign)
        end++;
    if (end - at >= 2)
        return end;
    if (sign == '-')
        return at;
    for (size_t i = 0;; i++) {
        if (dot + 1 >= n || s->text[dot + 1] == '\n' || (len = space_at(s, dot + 1, n)) == 0 ||
            dot + 1 + len >= n || s->text[dot + 1 + len] != '.')
            return i >= 2 ? dot + 1 : at;
        dot += 1 + len;
    }
}

/* Whether ". . .", "..", "--" starts there: in constant time. */
static bool is_multi(const struct scan *s, size_t at, size_t n)
{
    size_t dot = at, len;

    if (at + 1 >= n || (s->text[at] != '.' && s->text[at] != '-'))
        return false;
    if (s->text[at + 1] == s->text[at])
        return true;
    for (size_t i = 0; i < 2; i++) {
        if (s->text[dot] != '.' || dot + 1 >= n || s->text[dot + 1] == '\n' ||
            (len = space_at(s, dot + 1, n)) == 0 || dot + 1 + len >= n)
            return false;
        dot += 1 + len;
    }
    return s->text[dot] == '.';
}

static bool ends_word(const struct scan *s, size_t at, size_t n)
{
    return at >= n || has_class(s, at, n, NON_WORD) || space_at(s, at, n) || is_multi(s, at, n);
}

static size_t word_end(const struct scan *s, size_t at, size_t n)
{
    do {
        at += char_len(s, at, n);
    } while (!ends_word(s, at, n) && !(s->text[at] == ',' && ends_word(s, at + 1, n)));
    return at;
}

struct token {
    const char *text;
    size_t n;    /* 0 = there is none */
    bool breaks; /* ends a sentence, as far as the token itself tells */
    bool abbreviation, ellipsis;
};

/* The next token in [*at, end). */
static struct token next_token(const struct scan *s, size_t *at, size_t end)
{
    size_t from = *at, len;

    while (from < end && (len = space_at(s, from, end)) > 0)
        from += len;
    *at = from;
    if (from == end)
        return (struct token){0};
    *at = multi_end(s, from, end);
    if (*at == from)
        *at = has_class(s, from, end, NO_START) ? from + 1 : word_end(s, from, end);
    return (struct token){.text = s->text + from, .n = *at - from};
}

static bool ends_with_dot(const struct token *t)
{
    return t->n > 0 && t->text[t->n - 1] == '.';
}

/* ---- words as the tables have them ---- */

struct word {
    char text[4 * MAX_LOWER];
    size_t n; /* 0 = in no table */
};

static void lower_wide(struct word *w, const struct unicode *u, const char *text, size_t n)
{
    int32_t points[MAX_TOKEN], lower[MAX_LOWER];
    size_t n_points = 0, len;

    for (size_t at = 0; at < n; at += len)
        points[n_points++] = (int32_t)utf8_at(&len, text, n, at);
    n_points = unicode_lower(lower, u, points, n_points);
    w->n = 0;
    for (size_t i = 0; i < n_points; i++)
        w->n += unicode_encode(w->text + w->n, lower[i]);
}

/* str.lower() */
static void lower(struct word *w, const struct unicode *u, const char *text, size_t n)
{
    w->n = 0;
    if (n > MAX_TOKEN)
        return;
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c >= 0x80) {
            lower_wide(w, u, text, n);
            return;
        }
        w->text[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    w->n = n;
}

static size_t digit_at(const struct unicode *u, const char *text, size_t n, size_t at)
{
    size_t len = 1;
    const uint32_t c = at < n ? utf8_at(&len, text, n, at) : 0;

    if (c < 0x80)
        return c >= '0' && c <= '9';
    return unicode_at(u, (int32_t)c)->category == UNICODE_ND ? len : 0;
}

/* ^-?[.,]?\d[\d,.-]*\.?$ */
static bool is_number(const struct unicode *u, const char *text, size_t n)
{
    size_t at = n > 0 && text[0] == '-', len;

    at += at < n && (text[at] == '.' || text[at] == ',');
    len = digit_at(u, text, n, at);
    if (len == 0)
        return false;
    for (at += len; at < n; at += len) {
        len = text[at] == '.' || text[at] == ',' || text[at] == '-' ? 1 : digit_at(u, text, n, at);
        if (len == 0)
            return false;
    }
    return true;
}

static const char number_type[] = "##number##";

/* The type of a token; without its last dot when `no_dot`. */
static void type_of(struct word *w, const struct unicode *u, const struct token *t, bool no_dot)
{
    if (is_number(u, t->text, t->n)) {
        w->n = sizeof number_type - 1;
        memcpy(w->text, number_type, w->n);
        return;
    }
    lower(w, u, t->text, t->n);
    if (no_dot && w->n > 1 && w->text[w->n - 1] == '.')
        w->n--;
}

static unsigned marks_of(const struct scan *s, const struct word *w)
{
    return punkt_parameters_marks(&s->p->parameters, w->text, w->n);
}

/* A single letter and a dot. */
static bool is_initial(const struct unicode *u, const struct token *t)
{
    size_t len;

    return t->n >= 2 && ends_with_dot(t) && is_word_letter(u, utf8_at(&len, t->text, t->n, 0)) &&
           len + 1 == t->n;
}

/* ---- decisions ---- */

static bool is_abbreviation(const struct scan *s, const struct token *t)
{
    struct word w;
    size_t last;

    lower(&w, s->p->unicode, t->text, t->n - 1);
    if (marks_of(s, &w) & PUNKT_ABBREVIATION)
        return true;
    for (last = w.n; last > 0 && w.text[last - 1] != '-'; last--)
        ;
    return last > 0 && punkt_parameters_marks(&s->p->parameters, w.text + last, w.n - last) &
                           PUNKT_ABBREVIATION;
}

/* What a token tells by itself. */
static void first_pass(const struct scan *s, struct token *t)
{
    size_t dots = 0;

    if (t->n == 1 && has_class(s, (size_t)(t->text - s->text), s->n, STOP)) {
        t->breaks = true;
        return;
    }
    if (!ends_with_dot(t))
        return;
    while (dots < t->n && t->text[dots] == '.')
        dots++;
    if (dots == t->n)
        t->ellipsis = true;
    else if (t->text[t->n - 2] != '.') {
        t->abbreviation = is_abbreviation(s, t);
        t->breaks = !t->abbreviation;
    }
}

enum starts { STARTS_NOT, STARTS_UNKNOWN, STARTS_SURELY };

/* Whether the token starts a sentence, judged by the case it was seen in. */
static enum starts starts_sentence(const struct token *t, unsigned contexts, bool upper, bool low)
{
    if (t->n == 1 && strchr(";:,.!?", t->text[0]))
        return STARTS_NOT;
    if (upper && contexts & PUNKT_LOWER && !(contexts & PUNKT_MID_UPPER))
        return STARTS_SURELY;
    if (low && (contexts & PUNKT_UPPER || !(contexts & PUNKT_BEGIN_LOWER)))
        return STARTS_NOT;
    return STARTS_UNKNOWN;
}

static bool is_collocation(const struct scan *s, struct word *first, const struct word *second)
{
    if (first->n + 1 + second->n > PUNKT_MAX_WORD)
        return false;
    first->text[first->n] = ',';
    memcpy(first->text + first->n + 1, second->text, second->n);
    return punkt_parameters_marks(&s->p->parameters, first->text, first->n + 1 + second->n) &
           PUNKT_COLLOCATION;
}

/* Whether a token that ends with a dot ends a sentence before the next one. */
static bool dot_breaks(const struct scan *s, const struct token *t, const struct token *next)
{
    const struct unicode *u = s->p->unicode;
    const bool initial = is_initial(u, t);
    struct word word, next_word;
    bool upper, number, breaks = t->breaks;
    enum starts starts;
    unsigned marks;
    uint32_t c;

    type_of(&word, u, t, true);
    number = word.n == sizeof number_type - 1 && memcmp(word.text, number_type, word.n) == 0;
    marks = marks_of(s, &word);
    if (!initial && !number && !t->abbreviation && !t->ellipsis && !(marks & PUNKT_FIRST))
        return breaks; /* nothing below can change it */
    type_of(&next_word, u, next, next->breaks);
    if (marks & PUNKT_FIRST && is_collocation(s, &word, &next_word))
        return false;
    marks = marks_of(s, &next_word);
    c = utf8_at(&(size_t){0}, next->text, next->n, 0);
    upper = is_upper(u, c);
    starts = starts_sentence(next, marks, upper, is_lower(u, c));
    if ((t->abbreviation || t->ellipsis) && !initial &&
        (starts == STARTS_SURELY || (upper && marks & PUNKT_STARTER)))
        return true;
    if (!initial && !number)
        return breaks;
    if (starts == STARTS_NOT ||
        (starts == STARTS_UNKNOWN && initial && upper && !(marks & PUNKT_LOWER)))
        return false;
    return breaks;
}

static bool context_breaks(const struct scan *s, size_t at, size_t end)
{
    struct token t = next_token(s, &at, end);

    first_pass(s, &t);
    while (t.n) {
        struct token next = next_token(s, &at, end);

        if (next.n == 0)
            return false;
        first_pass(s, &next);
        if (ends_with_dot(&t) ? dot_breaks(s, &t, &next) : t.breaks)
            return true;
        t = next;
    }
    return false;
}

/* ---- sentences ---- */

/* The closing signs at the start of a sentence that belong to the one before: how many bytes of
 * them, and how many with the white space after them. */
static size_t closers(const struct scan *s, struct span sentence, size_t *with_space)
{
    size_t at = sentence.start, end, len;

    while (at < sentence.end && s->text[at] && strchr("\"')]}", s->text[at])) {
        at++;
        end = at;
        while (end < sentence.end && (len = space_at(s, end, sentence.end)) > 0)
            end += len;
        if (end > at || at == sentence.end ||
            (sentence.end - at >= 2 && s->text[at] == '-' && s->text[at + 1] == '-')) {
            *with_space = end - sentence.start;
            return at - sentence.start;
        }
    }
    return 0;
}

static void put_held(struct scan *s, size_t end)
{
    const size_t start = s->sentence.start + s->realign;

    if (s->held && start < end)
        sentences_add(s->out, start, end);
}

/* A sentence before closing signs were moved. */
static void take_sentence(struct scan *s, struct span sentence)
{
    size_t with_space = 0;
    const size_t moved = s->held ? closers(s, sentence, &with_space) : 0;

    put_held(s, moved ? sentence.start + moved : s->sentence.end);
    s->held = true;
    s->sentence = sentence;
    s->realign = with_space;
}

/* A stop that counts, with its context. */
struct stop {
    struct span word; /* from the word's first byte to the stop */
    size_t context_end;
    size_t next; /* where the next word starts; 0 = punctuation follows the stop */
};

static void take_stop(struct scan *s, const struct stop *stop)
{
    if (!context_breaks(s, stop->word.start, stop->context_end))
        return;
    take_sentence(s, (struct span){s->last_break, stop->word.end + 1});
    s->last_break = stop->next ? stop->next : stop->word.end + 1;
}

/* What follows the stop at `at`; false when the stop does not count. */
static bool look_ahead(const struct scan *s, size_t at, struct stop *stop)
{
    size_t end = at + 1, len;

    *stop = (struct stop){.word.end = at};
    if (has_class(s, end, s->n, NON_WORD)) {
        stop->context_end = end + 1;
        return true;
    }
    while (end < s->n && (len = space_at(s, end, s->n)) > 0)
        end += len;
    if (end == at + 1 || end >= s->n)
        return false;
    stop->next = end;
    while (end < s->n && !space_at(s, end, s->n))
        end += char_len(s, end, s->n);
    stop->context_end = end;
    return true;
}

/* Where the word before byte `at` starts, not before byte `from`; `otherwise` when nothing
 * separates it from there. A blank right at `from` is no separation: NLTK takes its index 0 for
 * "none". */
static size_t word_start(const struct scan *s, size_t from, size_t at, size_t otherwise)
{
    while (at > from + 1) {
        const char c = s->text[--at];

        if (c == ' ' || (c >= '\t' && c <= '\r'))
            return at + 1;
    }
    return otherwise;
}

static size_t trimmed(const struct scan *s)
{
    size_t end = s->n, len;

    while (end > 0) {
        const uint32_t c = utf8_before(&len, s->text, end);
        if (!(unicode_at(s->p->unicode, (int32_t)c)->flags & UNICODE_SPACE))
            break;
        end -= len;
    }
    return end;
}

void punkt_split(struct sentences *out, const struct punkt *p, const char *text, size_t n)
{
    struct scan s = {.p = p, .text = text, .n = n, .out = out};
    struct stop before = {0}, stop;
    bool any = false;

    out->n = 0;
    for (size_t at = 0; at < n; at++) {
        if (!(class_of[(unsigned char)text[at]] & STOP) || !look_ahead(&s, at, &stop))
            continue;
        stop.word.start = word_start(&s, before.word.end, at, before.word.start);
        /* Stops of one word share a context: the last one's. */
        if (any && before.word.end <= stop.word.start)
            take_stop(&s, &before);
        before = stop;
        any = true;
    }
    if (any)
        take_stop(&s, &before);
    take_sentence(&s, (struct span){s.last_break, trimmed(&s)});
    put_held(&s, s.sentence.end);
}
