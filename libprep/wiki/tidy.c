/* tidy.c -- characters and spacing.
 *
 * Brackets are cleaned only where a mark says that something was dropped inside them: "main()" in an
 * article on programming stays as it is. */
#include "wiki/tidy.h"

#include <stdint.h>
#include <string.h>

#include "base/entities.h"
#include "wiki/marks.h"

enum { MAX_BRACKETS = 32 }; /* deeper ones are not cleaned */

struct tidy {
    struct buf *to;
    size_t from;    /* where the paragraph starts in `to` */
    bool blank;     /* a blank is due before the next character */
    bool dropped;   /* a mark came after the last character */
    size_t n_marks; /* so far */
    bool has_word;
    size_t depth; /* open brackets */
    struct bracket {
        size_t start; /* of the bracket in `to` */
        size_t inner; /* the byte after it */
        size_t n_marks;
    } open[MAX_BRACKETS];
};

/* The next code point and its length in bytes; a byte that is no UTF-8 is returned as it is, with
 * *raw set. */
static uint32_t next_code(size_t *len, bool *raw, const unsigned char *p, size_t n)
{
    uint32_t code = p[0];
    size_t more = code < 0x80   ? 0
                  : code < 0xc2 ? 9
                  : code < 0xe0 ? 1
                  : code < 0xf0 ? 2
                  : code < 0xf5 ? 3
                                : 9;

    *raw = false;
    *len = 1;
    if (more == 0)
        return code;
    if (more > 3 || more >= n) {
        *raw = true;
        return code;
    }
    code &= 0x3fu >> more;
    for (size_t i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            *raw = true;
            return p[0];
        }
        code = code << 6 | (p[i] & 0x3f);
    }
    *len = more + 1;
    return code;
}

static bool is_space(uint32_t c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000 || c == 0x85;
}

/* Characters without a shape that only guide line breaking, and the byte order mark. */
static bool is_invisible(uint32_t c)
{
    return c == 0xad || c == 0x200b || c == 0x2060 || c == 0xfeff || (c >= 0x7f && c < 0xa0) ||
           c < 0x20;
}

static bool is_separator(uint32_t c)
{
    return c == ',' || c == ';' || c == ':' || c == 0xb7 || c == 0x2022 || c == 0x2013 ||
           c == 0x3001 || c == 0xff0c || c == 0xff1b || c == 0xff1a || c == 0x60c || c == 0x61b;
}

/* Marks that never have a blank before them. */
static bool is_cjk_stop(uint32_t c)
{
    return c == 0x3001 || c == 0x3002 || c == 0xff0c || c == 0xff0e || c == 0xff1a || c == 0xff1b;
}

static bool is_word(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= 0xaa && c != 0xab && c != 0xb7 && c != 0xbb && c != 0xd7 && c != 0xf7 &&
            !(c >= 0x2000 && c < 0x2070) && !(c >= 0x3000 && c < 0x3005) &&
            !(c >= 0xff00 && c < 0xff10));
}

/* The last code point of the paragraph so far and its length; 0 at the start. */
static uint32_t last_code(const struct tidy *t, size_t *len)
{
    const size_t have = t->to->len - t->from;
    bool raw;

    *len = 0;
    if (have == 0)
        return 0;
    for (size_t back = 1; back <= 4 && back <= have; back++) {
        const unsigned char *p = (const unsigned char *)t->to->data + t->to->len - back;
        if ((*p & 0xc0) != 0x80) {
            const uint32_t code = next_code(len, &raw, p, back);
            *len = back;
            return code;
        }
    }
    *len = 1;
    return (unsigned char)t->to->data[t->to->len - 1];
}

static void put_code(struct tidy *t, uint32_t c, bool raw)
{
    if (t->blank && t->to->len > t->from)
        buf_put_byte(t->to, ' ');
    t->blank = false;
    t->dropped = false;
    if (raw)
        buf_put_byte(t->to, (char)c);
    else
        entities_put(t->to, c);
    t->has_word = t->has_word || is_word(c);
}

/* Takes blanks and separators off the end, down to `floor`. */
static void cut_separators(struct tidy *t, size_t floor)
{
    size_t len;

    while (t->to->len > floor) {
        const uint32_t c = last_code(t, &len);
        if (c != ' ' && !is_separator(c))
            break;
        t->to->len -= len;
    }
}

static void open_bracket(struct tidy *t, uint32_t c)
{
    const size_t n_marks = t->n_marks;

    put_code(t, c, false);
    if (t->depth < MAX_BRACKETS)
        t->open[t->depth] = (struct bracket){
            .start = t->to->len - (c < 0x80 ? 1 : 3), .inner = t->to->len, .n_marks = n_marks};
    t->depth++;
}

static void close_bracket(struct tidy *t, uint32_t c)
{
    const struct bracket *b = NULL;

    if (t->depth > 0 && --t->depth < MAX_BRACKETS)
        b = &t->open[t->depth];
    t->blank = t->blank && c != ')' && c != 0xff09;
    if (b && t->n_marks > b->n_marks) {
        cut_separators(t, b->inner);
        if (t->to->len == b->inner) { /* nothing was left inside */
            t->to->len = b->start;
            if (t->to->len > t->from && t->to->data[t->to->len - 1] == ' ') {
                t->to->len--;
                t->blank = true;
            }
            t->dropped = true;
            return;
        }
    }
    put_code(t, c, false);
}

/* Whether the character is what dropped markup left over: a second comma, one after "(", after ':' or
 * at the start. */
static bool is_left_over(const struct tidy *t, uint32_t c)
{
    size_t len;
    const uint32_t last = last_code(t, &len);

    if (!is_separator(c))
        return t->dropped &&
               (((c == '.' || c == 0x3002) && t->to->len == t->from) || (c == 0x3002 && last == c));
    if (t->depth > 0 && t->depth <= MAX_BRACKETS) {
        const struct bracket *b = &t->open[t->depth - 1];
        if (t->to->len == b->inner && t->n_marks > b->n_marks)
            return true;
    }
    if (!t->dropped)
        return false;
    return t->to->len == t->from ||
           (last == c && (c == ',' || c == ';' || c == 0x3001 || c == 0xff0c)) ||
           (last == ':' && c == ',');
}

/* Whether nothing has come after the last opening bracket. */
static bool starts_bracket(const struct tidy *t)
{
    return t->depth > 0 && t->depth <= MAX_BRACKETS && t->to->len == t->open[t->depth - 1].inner;
}

/* Whether the text so far ends with a full stop: a '?' after it is no mark of that sentence. */
static bool ends_sentence(const struct tidy *t)
{
    return t->to->len > t->from && strchr(".!?", t->to->data[t->to->len - 1]);
}

/* next: the byte after the character, 0 at the end. */
static void take_code(struct tidy *t, uint32_t c, bool raw, char next)
{
    size_t len;

    if (raw) {
        put_code(t, c, raw);
        return;
    }
    if (is_space(c)) {
        t->blank = true;
        return;
    }
    if (is_invisible(c))
        return;
    if (is_left_over(t, c)) {
        t->blank = t->blank && !is_cjk_stop(c);
        return;
    }
    if (is_cjk_stop(c))
        t->blank = false;
    if (c == ',' || (c == '.' && (next == ' ' || next == 0 || next == '\n')) ||
        (t->dropped && !ends_sentence(t) && (c == ';' || c == ':' || c == '!' || c == '?')))
        t->blank = false;
    if (c == '.' && t->dropped && (last_code(t, &len) == ',' || last_code(t, &len) == ';'))
        t->to->len--;
    if (starts_bracket(t))
        t->blank = false;
    if (c == '(' || c == 0xff08 || c == '[')
        open_bracket(t, c);
    else if (c == ')' || c == 0xff09 || c == ']')
        close_bracket(t, c);
    else
        put_code(t, c, raw);
}

static bool is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* How a byte goes on with a run of plain text. */
enum step {
    STOP, /* needs a look: brackets, references, marks, characters that may be blanks */
    COPY,
    POINT, /* as COPY, but not after a blank */
    BLANK, /* copied when one COPY follows */
    KANA   /* E3: a blank or a stop after 80, else kana and ideographs */
};

/* clang-format off */
#define S4 STOP, STOP, STOP, STOP
#define C4 COPY, COPY, COPY, COPY
#define S16 S4, S4, S4, S4
#define C16 C4, C4, C4, C4
static const uint8_t steps[256] = {
    S16, S16,
    BLANK, COPY, COPY, COPY, COPY, COPY, STOP, COPY, STOP, STOP, COPY, COPY, POINT, COPY, POINT, COPY,
    C16,
    C16, COPY, COPY, COPY, COPY, COPY, COPY, COPY, COPY, COPY, COPY, COPY, STOP, COPY, STOP, COPY, STOP,
    C16, C4, C4, C4, COPY, COPY, COPY, STOP,
    C16, C16, C16, C16,                       /* the rest of longer characters */
    STOP, STOP, STOP, COPY, C4, C4, C4, C16,  /* C3 to DF: letters; C2 has blanks */
    COPY, STOP, STOP, KANA, C4, C4, COPY, COPY, STOP, STOP, /* E1, E2, EF have blanks and commas */
    S16
};
/* clang-format on */

/* A run of plain text, most of all text, at once: after a letter or a digit nothing in it needs
 * cleaning. */
static size_t take_plain(struct tidy *t, const char *text, size_t n)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t len = 1;

    for (; len < n; len++) {
        const uint8_t step = steps[p[len]];
        if (step == COPY || step == POINT)
            continue;
        if (step == STOP || len + 1 == n || (step == BLANK && steps[p[len + 1]] != COPY) ||
            (step == KANA && p[len + 1] == 0x80))
            break;
    }
    if (t->blank && t->to->len > t->from && !starts_bracket(t))
        buf_put_byte(t->to, ' ');
    buf_put(t->to, text, len);
    t->blank = t->dropped = false;
    t->has_word = true;
    return len;
}

static void take_mark(struct tidy *t)
{
    t->dropped = true;
    t->n_marks++;
}

/* "__NOTOC__", "__KEIN_INHALT__": its length, 0 when text is none. */
static size_t switch_len(const char *text, size_t n)
{
    size_t at = 2;

    if (n < 7 || text[1] != '_' || text[2] == '_')
        return 0;
    while (at + 1 < n && at < 60 && !(text[at] == '_' && text[at + 1] == '_')) {
        const unsigned char c = (unsigned char)text[at];
        if (!(c >= 'A' && c <= 'Z') && c < 0x80 && c != '_')
            return 0;
        at++;
    }
    return at >= 5 && n - at >= 2 && text[at] == '_' && text[at + 1] == '_' ? at + 2 : 0;
}

static bool tidy(struct buf *to, const char *text, size_t n, bool fast)
{
    struct tidy t = {.to = to, .from = to->len};
    size_t at = 0;

    while (at < n) {
        const unsigned char c = (unsigned char)text[at];
        const char *shield;
        size_t len;
        uint32_t code;
        bool raw = false;

        if (fast && is_plain(c)) {
            at += take_plain(&t, text + at, n - at);
        } else if (c == (unsigned char)MARK_DROPPED || c == (unsigned char)MARK_OPEN) {
            take_mark(&t);
            at++;
        } else if (c == (unsigned char)MARK_BREAK) {
            t.blank = true;
            at++;
        } else if (c < 0x20 && c != 0 && (shield = strchr(SHIELD_BYTES, c))) {
            take_code(&t, (unsigned char)SHIELD_PLAIN[shield - SHIELD_BYTES], false, 'x');
            at++;
        } else if (c == '&' && (len = entities_decode(&code, text + at, n - at)) > 0) {
            at += len;
            take_code(&t, code, false, at < n ? text[at] : 0);
        } else if (c == '_' && (len = switch_len(text + at, n - at)) > 0) {
            take_mark(&t);
            at += len;
        } else {
            code = next_code(&len, &raw, (const unsigned char *)text + at, n - at);
            at += len;
            take_code(&t, code, raw, at < n ? text[at] : 0);
        }
    }
    if (t.dropped)
        cut_separators(&t, t.from + 1);
    if (!t.has_word)
        to->len = t.from;
    return t.has_word;
}

bool tidy_paragraph(struct buf *to, const char *text, size_t n)
{
    return tidy(to, text, n, true);
}

bool tidy_paragraph_ref(struct buf *to, const char *text, size_t n)
{
    return tidy(to, text, n, false);
}
