/* sentences.c -- a paragraph -> sentences.
 *
 * One scan looks for stops. What decides at a stop is the word before it (an abbreviation, an
 * initial, a number), what stands right after it (closing quotes, note numbers) and how the next
 * word begins. Marks of a list ("1. ... 2. ...") also begin sentences, when they count up. */
#include "text/sentences.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/abbreviations.h"
#include "text/line_ends.h"
#include "text/list_mark.h"
#include "text/utf8.h"

enum { LOOK_BACK = 64, QUOTE_REACH = 2000 };

struct scan {
    struct sentences *out;
    const char *text;
    size_t n;
    size_t start;          /* of the sentence being read */
    struct list_mark mark; /* the last one at the start of a sentence */
    size_t mark_end;       /* the byte after it */
    uint32_t bullet;       /* the sentence starts with it; 0 = none */
    bool lower;            /* the sentence starts with a small letter */
    unsigned quotes;       /* open CJK quotes and brackets */
    size_t quote_at;       /* where the outermost was opened */
    size_t link_end;       /* of the last "http://..." */
    enum language language;
};

static bool is_blank(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == 0xa0 || c == 0x3000 ||
           c == 0x2009 || c == 0x202f;
}

static bool is_digit(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 0x660 && c <= 0x669) || (c >= 0x966 && c <= 0x96f);
}

/* Lower case in Latin, Greek and Cyrillic. */
static bool is_lower(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 0xdf && c <= 0xff && c != 0xf7) ||
           (c >= 0x100 && c <= 0x137 && c % 2) || (c >= 0x139 && c <= 0x148 && c % 2 == 0) ||
           (c >= 0x14a && c <= 0x177 && c % 2) || (c >= 0x3ac && c <= 0x3ce) ||
           (c >= 0x430 && c <= 0x45f) || (c >= 0x461 && c <= 0x4bf && c % 2);
}

static bool is_upper(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
           (c >= 0x100 && c <= 0x137 && c % 2 == 0) || (c >= 0x386 && c <= 0x3ab) ||
           (c >= 0x400 && c <= 0x42f) || (c >= 0x460 && c <= 0x4bf && c % 2 == 0);
}

static bool is_letter(uint32_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= 0xc0 && !(c >= 0x2000 && c <= 0x2bff) && !(c >= 0x3000 && c <= 0x303f) &&
            !(c >= 0xff00 && c <= 0xff20) && c != 0xd7 && c != 0xf7);
}

/* Stops that need no blank after them: CJK, Devanagari, Armenian, Ethiopic, Burmese, Khmer, Tibetan. */
static bool is_strong_stop(uint32_t c)
{
    return c == 0x3002 || c == 0xff01 || c == 0xff1f || c == 0xff61 || c == 0xff0e || c == 0x964 ||
           c == 0x965 || c == 0x589 || c == 0x1362 || c == 0x1367 || c == 0x104b || c == 0x17d4 ||
           c == 0xf0d;
}

/* Stops after which a blank or the end must come. */
static bool is_weak_stop(uint32_t c)
{
    return c == '.' || c == '!' || c == '?' || c == 0x2026 || c == 0x61f || c == 0x6d4 ||
           c == 0x203c || (c >= 0x2047 && c <= 0x2049) || c == 0x203d || c == 0x37e;
}

static bool is_closer(uint32_t c)
{
    return c == ')' || c == ']' || c == '}' || c == '"' || c == '\'' || c == 0x201d ||
           c == 0x2019 || c == 0xbb || c == 0x203a || c == 0x300d || c == 0x300f || c == 0xff09 ||
           c == 0x3011 || c == 0x3009 || c == 0x300b || c == 0x201c;
}

static bool is_opener(uint32_t c)
{
    return c == '(' || c == '[' || c == '{' || c == '"' || c == '\'' || c == 0x201c ||
           c == 0x2018 || c == 0xab || c == 0x2039 || c == 0x201e || c == 0x201a || c == 0xbf ||
           c == 0xa1 || c == 0x2014 || c == 0x2013 || c == '-' || c == '*' || c == '_' ||
           c == 0x300c || c == 0x300e || c == 0xff08 || c == '#' || c == '$' || c == 0xa3 ||
           c == 0x20ac || c == 0xbb;
}

void sentences_add(struct sentences *s, size_t start, size_t end)
{
    if (s->n == s->max) {
        s->max = mem_grow(s->max, s->n + 1);
        s->spans = mem_resize(s->spans, s->max, sizeof *s->spans);
    }
    s->spans[s->n++] = (struct sentence){.start = start, .end = end};
}

static void end_sentence(struct scan *s, size_t end, size_t next)
{
    size_t start = s->start, len;

    while (start < end && is_blank(utf8_at(&len, s->text, s->n, start)))
        start += len;
    while (end > start && is_blank(utf8_before(&len, s->text, end)))
        end -= len;
    if (end > start) {
        sentences_add(s->out, start, end);
    }
    s->start = next;
    s->quotes = 0;
}

/* How the text goes on after a stop. */
struct ahead {
    size_t at;        /* the first byte that is no blank */
    bool blank;       /* there was a blank */
    uint32_t first;   /* the first character that is no opening sign; 0 at the end */
    bool opened;      /* opening signs stood before it */
    size_t word, len; /* the word that starts there */
};

static struct ahead look_ahead(const struct scan *s, size_t at)
{
    struct ahead a = {.at = at};
    size_t len;

    while (a.at < s->n && is_blank(utf8_at(&len, s->text, s->n, a.at))) {
        a.at += len;
        a.blank = true;
    }
    a.word = a.at;
    for (size_t steps = 0; a.word < s->n && steps < 8; steps++) {
        a.first = utf8_at(&len, s->text, s->n, a.word);
        if (!is_opener(a.first) && !(a.opened && is_blank(a.first)))
            break;
        a.opened = true;
        a.word += len;
    }
    if (a.word >= s->n)
        a.first = 0;
    for (a.len = 0; a.word + a.len < s->n && a.len < LOOK_BACK; a.len += len) {
        if (!is_letter(utf8_at(&len, s->text, s->n, a.word + a.len)))
            break;
    }
    return a;
}

/* The word before byte `at`, with stops inside it ("e.g" of "e.g."): where it starts. */
static size_t word_before(const struct scan *s, size_t at)
{
    size_t start = at, len;

    /* Apostrophes belong to it: "didn't" is no initial T. */
    while (start > s->start && at - start < LOOK_BACK) {
        const uint32_t c = utf8_before(&len, s->text, start);
        if (!is_letter(c) && !is_digit(c) && c != '.' && c != '-' && c != '\'' && c != 0x2019 &&
            c != 0xb0)
            break;
        start -= len;
    }
    while (start < at && s->text[start] == '\'')
        start++;
    return start;
}

/* Whether the word before `at` (skipping one blank) starts with a capital: "George" in "George W." */
static bool name_before(const struct scan *s, size_t at)
{
    size_t start, len;

    if (at <= s->start || s->text[at - 1] != ' ')
        return false;
    start = word_before(s, at - 1);
    if (start < at - 1 && s->text[at - 2] == '.' && at - 1 - start == 2)
        return true; /* another initial */
    return start < at - 1 && is_upper(utf8_at(&len, s->text, s->n, start)) && start > s->start;
}

/* Whether the list mark at `at` is the one after the last one of this paragraph. */
static bool continues_list(const struct scan *s, size_t at, struct list_mark *m)
{
    if (s->mark.kind == LIST_MARK_NONE)
        return false;
    *m = list_mark_read(s->text, s->n, at, &s->mark);
    return list_mark_follows(m, &s->mark);
}

static bool is_bullet(uint32_t c)
{
    return c == 0x2022 || c == 0x2043 || c == 0x25cf || c == 0x25aa;
}

static void begin_sentence(struct scan *s, size_t at)
{
    size_t len = 0;
    const uint32_t c = at < s->n ? utf8_at(&len, s->text, s->n, at) : 0;
    struct list_mark m;

    s->start = at;
    s->bullet = is_bullet(c) ? c : 0;
    s->lower = is_lower(c);
    if (s->bullet) {
        at += len;
        while (at < s->n && s->text[at] == ' ')
            at++;
    }
    m = list_mark_read(s->text, s->n, at, NULL);
    if (m.kind != LIST_MARK_NONE) {
        s->mark = m;
        s->mark_end = at + m.len;
    }
}

/* Words of the sentence so far, counted up to 5. */
static unsigned words_so_far(const struct scan *s, size_t end)
{
    unsigned n = 1;

    for (size_t i = s->start; i < end && n < 5; i++)
        n += s->text[i] == ' ';
    return n;
}

static bool has_ordinals(enum language language)
{
    return language == LANGUAGE_GERMAN || language == LANGUAGE_TURKISH;
}

static bool is_roman(const char *word, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!word[i] || !strchr("IVXL", word[i]))
            return false;
    }
    return n <= 5;
}

/* Whether a single full stop after the word [start, dot) ends the sentence before `a`. */
static bool stop_ends(const struct scan *s, size_t start, size_t dot, const struct ahead *a)
{
    const char *word = s->text + start;
    const size_t n = dot - start;
    const bool starter = abbreviation_is_starter(s->language, s->text + a->word, a->len);
    const bool digit_next = is_digit(a->first);
    size_t len;
    const uint32_t c = n ? utf8_at(&len, s->text, s->n, start) : 0;

    if (n == 0)
        return true;
    if (start == s->start && s->mark.kind != LIST_MARK_NONE && s->mark.len == n + 1)
        return false; /* "1." that begins the sentence */
    if (n == len && is_letter(c) && !(start > s->start && s->text[start - 1] == '/')) {
        /* an initial, or a word of one letter; not "km/h." */
        if (is_lower(c))
            return abbreviation_of(s->language, word, n) == ABBREVIATION_NONE && starter;
        if (name_before(s, start))
            return false;
        return starter && (c != 'I' || start > s->start);
    }
    switch (abbreviation_of(s->language, word, n)) {
    case ABBREVIATION_NEVER:
    case ABBREVIATION_TITLE:
        return false;
    case ABBREVIATION_NUMBER:
        return !digit_next && (starter || n == 2);
    case ABBREVIATION_PLACE:
        return starter || (a->opened && s->text[a->at] != '(' && !digit_next);
    case ABBREVIATION_LAST:
        return !digit_next && s->text[a->at] != '(' && words_so_far(s, dot) > 3;
    case ABBREVIATION_NONE:
        break;
    }
    if (memchr(word, '.', n) && n <= 8 && is_letter(c)) {
        size_t letters = 0;
        for (size_t i = 0; i < n; i++)
            letters += word[i] != '.';
        if (letters <= (n + 1) / 2) /* "U.N.E.S.C.O" */
            return starter;
    }
    if (start == s->start && is_digit(c) && memchr(word, '.', n))
        return false; /* "2.1. Title" */
    if (has_ordinals(s->language) && !starter && ((is_digit(c) && n <= 2) || is_roman(word, n)))
        return false; /* "2. Weltkrieg", "II. Friedrich" */
    if (is_digit(c) && n <= 2 && abbreviation_is_month(s->text + a->word, a->len))
        return false;
    return true;
}

/* Skips what belongs to the sentence after its stop: quotes, brackets, "[12]". */
static size_t skip_closers(const struct scan *s, size_t at)
{
    size_t len;

    while (at < s->n) {
        const uint32_t c = utf8_at(&len, s->text, s->n, at);
        size_t note = at + 1, first;
        if (is_closer(c)) {
            at += len;
            continue;
        }
        /* "[12]", also after a blank */
        if (c == ' ' && note < s->n && s->text[note] == '[')
            note++;
        else if (c != '[')
            break;
        first = note;
        while (note < s->n && note - at < 8 && s->text[note] >= '0' && s->text[note] <= '9')
            note++;
        if (note == first || note >= s->n || s->text[note] != ']')
            break;
        at = note + 1;
    }
    return at;
}

/* "consultation.11 12 Take": note numbers that lost their raised position. */
static size_t skip_note_numbers(const struct scan *s, size_t dot, size_t at)
{
    size_t i = at, len;
    uint32_t before;

    if (dot == s->start || at >= s->n || !is_digit((unsigned char)s->text[at]))
        return at;
    before = utf8_before(&len, s->text, dot);
    if (!is_letter(before) && before != ')' && before != ']')
        return at;
    while (i < s->n && i - at < 12 &&
           (is_digit((unsigned char)s->text[i]) ||
            (s->text[i] == ' ' && i + 1 < s->n && is_digit((unsigned char)s->text[i + 1]))))
        i++;
    return i < s->n && s->text[i] == ' ' && i - at <= 8 &&
                   (!is_letter(before) || word_before(s, dot) + 2 < dot)
               ? i
               : at;
}

/* Whether the word before the full stop at `dot` is one that no abbreviation looks like: small
 * letters, at least `min` of them. */
static bool plain_word_before(const struct scan *s, size_t dot, size_t min)
{
    const size_t start = word_before(s, dot);

    if (dot - start < min)
        return false;
    for (size_t i = start; i < dot; i++) {
        if (s->text[i] < 'a' || s->text[i] > 'z')
            return false;
    }
    return abbreviation_of(s->language, s->text + start, dot - start) == ABBREVIATION_NONE;
}

/* Whether the stop [at, end) ends a sentence although a small letter follows. */
static bool goes_on_small(const struct scan *s, size_t at, size_t end, const struct ahead *a)
{
    if (end != at + 1 || a->opened)
        return false;
    if (s->lower) /* where sentences start with small letters, one more may */
        return true;
    if (s->text[at] != '.' || (s->language != LANGUAGE_ENGLISH && s->language != LANGUAGE_AUTO))
        return false;
    return plain_word_before(s, at, 5) ||
           (plain_word_before(s, at, 3) &&
            abbreviation_is_starter(s->language, s->text + a->word, a->len));
}

/* "world.Today is": a blank is missing when the next word is one that starts sentences. */
static bool lacks_blank(const struct scan *s, size_t at, size_t end, const struct ahead *a)
{
    const size_t after = a->word + a->len, start = word_before(s, at);
    const char *word = s->text + a->word;

    if (end != at + 1 || a->opened || a->len < 2 || !is_upper(a->first) || after >= s->n ||
        at - start < 3 || memchr(s->text + start, '.', at - start) ||
        (s->text[after] != ' ' && s->text[after] != '.' && s->text[after] != '\''))
        return false;
    return abbreviation_is_starter(s->language, word, a->len) ||
           abbreviation_of(s->language, word, a->len) == ABBREVIATION_TITLE;
}

/* A stop at `at`, `len` bytes long: where the scan goes on. */
static size_t take_weak_stop(struct scan *s, size_t at, size_t len)
{
    size_t end = at + len, n_dots = s->text[at] == '.', n_stops = 1;
    bool only_dots = s->text[at] == '.';
    struct ahead a;
    uint32_t c;

    if (at < s->mark_end)
        return end; /* of "1." */
    while (end < s->n) {
        c = utf8_at(&len, s->text, s->n, end);
        /* ". . ." is one ellipsis */
        if (only_dots && c == ' ' && end + 1 < s->n && s->text[end + 1] == '.' &&
            (end + 2 >= s->n || s->text[end + 2] == ' ' || s->text[end + 2] == '.' ||
             is_closer((unsigned char)s->text[end + 2]))) {
            end += 2;
            n_dots++;
            n_stops++;
            continue;
        }
        if (!is_weak_stop(c))
            break;
        only_dots = only_dots && c == '.';
        n_dots += c == '.';
        n_stops++;
        end += len;
    }
    if (only_dots && at > s->start && s->text[at - 1] == '[' && end < s->n && s->text[end] == ']')
        return end; /* "[...]" */
    if (n_stops == 1 && only_dots)
        end = skip_note_numbers(s, at, end);
    end = skip_closers(s, end);
    a = look_ahead(s, end);
    if (a.first && !a.blank && !lacks_blank(s, at, end, &a))
        return end;
    if (!a.first)
        return a.at < s->n ? end : s->n;
    if (is_lower(a.first) && !goes_on_small(s, at, end, &a))
        return end;
    if (a.first == ',' || a.first == ';' || a.first == ':' || a.first == ')' ||
        is_weak_stop(a.first))
        return end;
    /* "I" has its capital everywhere. */
    if (only_dots && n_dots == 3 && a.len == 1 && a.first == 'I' && !a.opened)
        return end;
    if (only_dots && n_dots == 1 && !stop_ends(s, word_before(s, at), at, &a)) {
        struct list_mark m;
        if (!continues_list(s, a.at, &m))
            return end;
    }
    /* "word. . . . Next": the first dot is the full stop, the others say that something was left out
     * before what follows. In "word . . . . Next" it was left out of the sentence that ends there. */
    if (only_dots && n_dots == 4 && s->text[at + 1] == ' ' && at > s->start &&
        s->text[at - 1] != ' ') {
        end_sentence(s, at + 1, at + 2);
        begin_sentence(s, at + 2);
        return a.at;
    }
    end_sentence(s, end, a.at);
    begin_sentence(s, a.at);
    return a.at;
}

static size_t take_strong_stop(struct scan *s, size_t at, size_t len)
{
    size_t end = at + len;

    while (end < s->n) {
        const uint32_t c = utf8_at(&len, s->text, s->n, end);
        if (!is_strong_stop(c) && !is_weak_stop(c))
            break;
        end += len;
    }
    if (s->quotes && at - s->quote_at < QUOTE_REACH)
        return end;
    end = skip_closers(s, end);
    end_sentence(s, end, end);
    return end;
}

/* CJK quotes and brackets hold whole sentences that belong to the one around them. */
static void take_quote(struct scan *s, uint32_t c, size_t at)
{
    if (c == 0x300c || c == 0x300e || c == 0xff08 || c == 0x300a) {
        if (s->quotes++ == 0)
            s->quote_at = at;
    } else if ((c == 0x300d || c == 0x300f || c == 0xff09 || c == 0x300b) && s->quotes) {
        s->quotes--;
    }
}

/* One of LINE_ENDS_SIGNS: where the scan goes on. */
static size_t take_line_end(struct scan *s, size_t at)
{
    size_t end = line_ends_after(s->text, s->n, s->start, at), from;

    if (end) {
        end_sentence(s, end, end + 1);
        begin_sentence(s, end + 1);
        return end + 1;
    }
    if (s->text[at] == ':' && at >= s->link_end &&
        line_ends_link(&from, &end, s->text, s->n, s->start, at)) {
        /* Links in a row were lines of a list. */
        if (s->link_end > s->start && from == s->link_end + 1) {
            end_sentence(s, s->link_end, from);
            begin_sentence(s, from);
        }
        s->link_end = end;
    }
    return at + 1;
}

/* The next byte at or after `at` that may be a sign; blanks matter while a list is counted. */
static size_t next_sign(const struct scan *s, size_t at)
{
    enum { STOP = 1, LINE_END = 2, BLANK = 4, WIDE = 8 };
    /* Of the bytes that begin wide characters, those below which signs are. */
    static const unsigned char kinds[256] = {
        ['.'] = STOP,     ['!'] = STOP,     ['?'] = STOP,     [' '] = BLANK, [','] = LINE_END,
        [':'] = LINE_END, [';'] = LINE_END, ['>'] = LINE_END, [0xcd] = WIDE, [0xd6] = WIDE,
        [0xd8] = WIDE,    [0xdb] = WIDE,    [0xe0] = WIDE,    [0xe1] = WIDE, [0xe2] = WIDE,
        [0xe3] = WIDE,    [0xef] = WIDE};
    const unsigned kind = STOP | LINE_END | WIDE | (s->mark.kind != LIST_MARK_NONE ? BLANK : 0u);

    while (at < s->n && !(kinds[(unsigned char)s->text[at]] & kind))
        at++;
    return at;
}

static bool is_line_end_sign(uint32_t c)
{
    return c == ',' || c == ':' || c == ';' || c == '>';
}

void sentences_split(struct sentences *out, enum language language, const char *text, size_t n)
{
    struct scan s = {.out = out, .text = text, .n = n, .language = language};
    size_t at = 0, len;

    out->n = 0;
    while (at < n && is_blank(utf8_at(&len, text, n, at)))
        at += len;
    begin_sentence(&s, at);
    while ((at = next_sign(&s, at)) < n) {
        const uint32_t c = utf8_at(&len, text, n, at);
        struct list_mark m;

        if (is_line_end_sign(c)) {
            at = take_line_end(&s, at);
        } else if (is_weak_stop(c)) {
            at = take_weak_stop(&s, at, len);
        } else if (is_strong_stop(c)) {
            at = take_strong_stop(&s, at, len);
        } else if (c == ' ' && at >= s.mark_end && continues_list(&s, at + 1, &m)) {
            end_sentence(&s, at, at + 1);
            begin_sentence(&s, at + 1);
            s.mark = m;
            s.mark_end = at + 1 + m.len;
            at = s.mark_end;
        } else if (s.bullet && c == s.bullet && at > s.start + len && text[at - 1] == ' ') {
            end_sentence(&s, at, at);
            begin_sentence(&s, at);
            at += len;
        } else {
            take_quote(&s, c, at);
            at += len;
        }
    }
    end_sentence(&s, n, n);
}

void sentences_release(struct sentences *s)
{
    free(s->spans);
    *s = (struct sentences){0};
}
