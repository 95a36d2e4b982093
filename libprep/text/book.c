/* book.c -- a plain-text book -> a document: one paragraph a line. */
#include "text/book.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/encoding.h"
#include "text/epub.h"
#include "text/gutenberg.h"

enum {
    MAX_WIDTH = 110,    /* wider lines were not cut by anybody */
    MIN_WIDTH = 40,     /* narrower ones are no prose */
    SLACK_PERCENT = 10, /* of the width: lines cut by eye */
    SHORT_PERCENT = 62, /* of the width: a line that ends this early was meant to */
    VERSE_PERCENT = 60, /* of the lines of a block end early: they are verse */
    DENSE = 60,         /* lines of a block: paragraphs have no empty lines between them */
    EXACT = 2,          /* characters: the slack there, behind a sentence */
    CREDIT_BLOCKS = 12  /* in which credits may stand */
};

struct book_line {
    const char *text; /* without blanks around it */
    uint32_t len;     /* bytes; 0 = an empty line, or one of rules and stars */
    uint32_t width;   /* characters */
    uint32_t word;    /* characters of its first word */
    uint32_t indent;
    uint32_t hyphen; /* 1 + number of the place, when a word goes on in the next line */
    bool plain;      /* its blanks are single spaces */
    bool full;       /* the next line's first word would not have fitted */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Characters of the line, and whether its blanks are all single spaces. In pieces that a byte can
 * count, so that compilers make vectors of the loop. A byte behind the line must be readable. */
static void measure(struct book_line *line)
{
    enum { PIECE = 128 };

    line->plain = true;
    for (size_t at = 0; at < line->len; at += PIECE) {
        const unsigned char *p = (const unsigned char *)line->text + at;
        const size_t n = line->len - at < PIECE ? line->len - at : PIECE;
        unsigned char count = 0, odd = 0;

        for (size_t i = 0; i < n; i++) {
            count += (p[i] & 0xc0) != 0x80;
            odd |= (p[i] < ' ') | ((p[i] == ' ') & (p[i + 1] == ' '));
        }
        line->width += count;
        line->plain = line->plain && !odd;
    }
}

/* Rules, rows of stars and the like: nothing to read. */
static bool says_nothing(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];

        if (c >= 0x80 || (unsigned)((c | 0x20) - 'a') < 26 || (unsigned)(c - '0') < 10)
            return false;
    }
    return true;
}

static void add_line(struct book *b, const char *from, const char *end)
{
    struct book_line *line;
    const char *start = from;

    while (from < end && is_blank(*from))
        from++;
    while (end > from && is_blank(end[-1]))
        end--;
    if (b->n_lines == b->cap_lines) {
        b->cap_lines = mem_grow(b->cap_lines, b->n_lines + 1);
        b->lines = mem_resize(b->lines, b->cap_lines, sizeof *b->lines);
    }
    line = &b->lines[b->n_lines++];
    *line = (struct book_line){.text = from, .indent = (uint32_t)(from - start)};
    if (says_nothing(from, (size_t)(end - from)))
        return;
    line->len = (uint32_t)(end - from);
    measure(line);
    for (const char *p = from; p < end && !is_blank(*p); p++)
        line->word += ((unsigned char)*p & 0xc0) != 0x80;
}

static void split_lines(struct book *b, const char *text, size_t len)
{
    const char *end = text + len;

    b->n_lines = 0;
    while (text < end) {
        const char *lf = memchr(text, '\n', (size_t)(end - text));
        const char *stop = lf ? lf : end;

        add_line(b, text, stop);
        text = lf ? lf + 1 : end;
    }
}

/* The width that nine of ten of the longer lines keep; 0 when there is none such. */
static size_t find_width(const struct book *b)
{
    size_t counts[MAX_WIDTH + 2] = {0};
    size_t n = 0, sum = 0, width = MAX_WIDTH + 1;

    for (size_t i = 0; i < b->n_lines; i++) {
        const uint32_t w = b->lines[i].width;

        if (w < MIN_WIDTH)
            continue;
        counts[w <= MAX_WIDTH ? w : MAX_WIDTH + 1]++;
        n++;
    }
    if (!n)
        return 0;
    while (width > MIN_WIDTH && (sum + counts[width]) * 20 <= n)
        sum += counts[width--];
    return width <= MAX_WIDTH ? width : 0;
}

/* Whether the line was cut, as the next one's first word would not have fitted. */
static bool is_full(const struct book *b, const struct book_line *line, size_t slack)
{
    return line->width + 1 + line[1].word + slack > b->width;
}

/* Ends as sentences do, quotes and brackets aside. */
static bool ends_sentence(const struct book_line *line)
{
    const char *text = line->text;
    size_t n = line->len;

    while (n > 1) {
        if (n >= 3 &&
            (!memcmp(text + n - 3, "\xe2\x80\x9d", 3) || !memcmp(text + n - 3, "\xe2\x80\x99", 3)))
            n -= 3;
        else if (n >= 2 && !memcmp(text + n - 2, "\xc2\xbb", 2))
            n -= 2;
        else if (strchr("\"')]_*", text[n - 1]))
            n--;
        else
            break;
    }
    return strchr(".?!:;", text[n - 1]) || (n >= 3 && !memcmp(text + n - 3, "\xe2\x80\xa6", 3)) ||
           (n >= 2 && !memcmp(text + n - 2, "--", 2)) ||
           (n >= 3 && !memcmp(text + n - 3, "\xe2\x80\x94", 3));
}

static bool starts_lower(const struct book_line *line)
{
    return line->text[0] >= 'a' && line->text[0] <= 'z';
}

/* A block of lines without an empty one: is it verse (or a list, a title page)? */
static bool is_verse(const struct book_line *line, size_t n)
{
    size_t n_early = 0, n_lower = 0;

    if (n < 2)
        return false;
    for (size_t i = 0; i + 1 < n; i++) {
        n_early += !line[i].full;
        n_lower += starts_lower(&line[i + 1]);
    }
    /* Narrow prose (a letter, a quotation) starts most of its lines in the middle of a sentence. */
    return n_early * 100 >= (n - 1) * VERSE_PERCENT && n_lower * 2 < n;
}

/* Whether line and line[1], of a block of prose, belong to one paragraph. */
static bool go_on(const struct book *b, const struct book_line *line, bool dense)
{
    if (line->hyphen)
        return true;
    if (line[1].indent > line->indent && line[1].indent >= 2 && ends_sentence(line))
        return false; /* paragraphs are told by indentation */
    if (ends_sentence(line))
        return dense ? is_full(b, line, EXACT) : line->full;
    if (line->full)
        return true;
    /* Shorter than need be, in the middle of a sentence: cut by eye, or a heading. */
    return starts_lower(&line[1]) || line->width * 100 >= b->width * SHORT_PERCENT;
}

/* A word cut at the line end: letter, hyphen; small letter. */
static bool is_cut_word(const struct book_line *line)
{
    const char *text = line->text;
    const size_t n = line->len;

    if (n < 3 || text[n - 1] != '-' || !line[1].len || !starts_lower(&line[1]))
        return false;
    return (unsigned)((text[n - 2] | 0x20) - 'a') < 26 || (unsigned char)text[n - 2] >= 0x80;
}

static void look_at_lines(struct book *b, const char *text, size_t len)
{
    b->width = find_width(b);
    hyphens_clear(&b->hyphens);
    for (size_t i = 0; i + 1 < b->n_lines; i++) {
        struct book_line *line = &b->lines[i];

        if (!line->len || !line[1].len || !b->width)
            continue;
        line->full = is_full(b, line, b->width * SLACK_PERCENT / 100);
        if (is_cut_word(line)) {
            hyphens_add(&b->hyphens, text, len, (size_t)(line->text - text) + line->len,
                        (size_t)(line[1].text - text));
            line->hyphen = (uint32_t)b->hyphens.n;
        }
    }
    hyphens_decide(&b->hyphens, text, len);
}

static bool is_letter(char c)
{
    const unsigned char u = (unsigned char)c;

    return (unsigned)((u | 0x20) - 'a') < 26 || (unsigned)(u - '0') < 10 || u >= 0x80;
}

/* Takes the marks of _emphasis_ away: pairs around words, not those inside of names_like_this. */
static void drop_emphasis(struct buf *p)
{
    char *open = NULL, *to = p->data;
    char *const begin = p->data, *const end = p->data + p->len;

    if (!memchr(begin, '_', p->len))
        return;
    for (char *c = begin; c < end; c++) {
        if (*c != '_')
            continue;
        if (!open && (c == begin || (!is_letter(c[-1]) && c[-1] != '_')) && c + 1 < end &&
            c[1] != ' ' && c[1] != '_') {
            open = c;
        } else if (open && c[-1] != ' ' && c > open + 1 &&
                   (c + 1 == end || (!is_letter(c[1]) && c[1] != '_'))) {
            *open = *c = '\0'; /* taken out below: the text has no zero bytes */
            open = NULL;
        }
    }
    for (const char *c = begin; c < end; c++) {
        if (*c)
            *to++ = *c;
    }
    p->len = (size_t)(to - begin);
    *to = '\0';
}

/* Whether the character may stand in a paragraph as it is: no blank but a single one. */
static bool is_plain(const char *c, const char *end)
{
    return (unsigned char)*c > ' ' || (*c == ' ' && c + 1 < end && (unsigned char)c[1] > ' ');
}

/* Runs of blanks become one. */
static void put_words(struct buf *p, const char *text, size_t n)
{
    const char *end = text + n;

    while (text < end) {
        const char *from = text;

        while (text < end && is_plain(text, end))
            text++;
        buf_put(p, from, (size_t)(text - from));
        if (text < end)
            buf_put_byte(p, ' ');
        while (text < end && (unsigned char)*text <= ' ')
            text++;
    }
}

static void put_line(struct book *b, const struct book_line *line)
{
    struct buf *p = &b->paragraph;

    if (line->plain)
        buf_put(p, line->text, line->len);
    else
        put_words(p, line->text, line->len);
    if (!line->hyphen)
        buf_put_byte(p, ' ');
    else if (hyphens_joined(&b->hyphens, line->hyphen - 1))
        p->len--;
}

static void end_paragraph(struct buf *text, struct book *b)
{
    struct buf *p = &b->paragraph;

    while (p->len && p->data[p->len - 1] == ' ')
        p->len--;
    if (p->len && !b->keep_emphasis)
        drop_emphasis(p);
    if (p->len) {
        buf_put(text, p->data, p->len);
        buf_put_byte(text, '\n');
    }
    buf_clear(p);
}

static bool is_picture(const struct book_line *line, size_t n)
{
    static const char mark[] = "[Illustration";

    return line->len >= sizeof mark && !memcmp(line->text, mark, sizeof mark - 1) &&
           line[n - 1].text[line[n - 1].len - 1] == ']';
}

static void put_block(struct buf *text, struct book *b, const struct book_line *line, size_t n)
{
    const bool verse = is_verse(line, n);

    for (size_t i = 0; i < n; i++) {
        put_line(b, &line[i]);
        if (i + 1 == n || !b->width || (verse && !line[i].hyphen) ||
            !go_on(b, &line[i], n >= DENSE))
            end_paragraph(text, b);
    }
}

static void put_blocks(struct buf *text, struct book *b, bool credits)
{
    size_t n_blocks = 0;

    for (size_t i = 0; i < b->n_lines;) {
        const struct book_line *line = &b->lines[i];
        size_t n = 0;

        while (i + n < b->n_lines && line[n].len)
            n++;
        i += n + (n == 0);
        if (!n || is_picture(line, n))
            continue;
        n_blocks++;
        if (credits && n_blocks <= CREDIT_BLOCKS &&
            gutenberg_is_credit(line->text, (size_t)(line[n - 1].text - line->text)))
            continue;
        put_block(text, b, line, n);
    }
}

int book_clean(struct buf *text, struct buf *title, struct book *b, char *bytes, size_t n,
               struct err *err)
{
    struct gutenberg g;
    const char *book;
    size_t len;

    if (encoding_to_utf8(&book, &len, &b->decoded, bytes, n, err) < 0)
        return -1;
    g = gutenberg_find(book, len);
    buf_put(title, book + g.title, g.title_len);
    book += g.from;
    len = g.to - g.from;
    split_lines(b, book, len);
    look_at_lines(b, book, len);
    put_blocks(text, b, g.found);
    return 0;
}

int book_of_epub(struct buf *text, struct buf *title, const char *bytes, size_t n, size_t max_len,
                 struct err *err)
{
    struct buf all = {0};
    struct gutenberg g;
    const int rc = epub_text(&all, title, bytes, n, max_len, err);

    buf_put(&all, "", 0);
    g = gutenberg_find(all.data, all.len);
    if (rc == 0)
        buf_put(text, all.data + g.from, g.to - g.from);
    buf_release(&all);
    return rc;
}

void book_release(struct book *b)
{
    buf_release(&b->decoded);
    free(b->lines);
    hyphens_release(&b->hyphens);
    buf_release(&b->paragraph);
    *b = (struct book){0};
}
