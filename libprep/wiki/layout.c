/* layout.c -- lines -> paragraphs. */
#include "wiki/layout.h"

#include <stdbool.h>
#include <string.h>

#include "wiki/marks.h"
#include "wiki/sections.h"
#include "wiki/tables.h"
#include "wiki/tidy.h"

struct page {
    struct buf *to;
    struct layout *l;
    const char *text;
    size_t n;
    struct context *page;
    int dropping;  /* level of the heading whose section is left out, 0 = none */
    size_t number; /* of the last item of a numbered list */
    bool unclosed; /* a table has no end: from now on tables also end at a heading */
};

struct line {
    const char *text;
    size_t n;
    size_t next; /* where the following line starts */
};

static struct line line_at(const struct page *p, size_t at)
{
    const char *end = memchr(p->text + at, '\n', p->n - at);
    const size_t n = end ? (size_t)(end - p->text) - at : p->n - at;

    return (struct line){.text = p->text + at, .n = n, .next = at + n + (end != NULL)};
}

static bool is_skipped(char c)
{
    return c == ' ' || c == MARK_DROPPED || c == MARK_BREAK;
}

/* The line without blanks and marks at its start. */
static struct line stripped(struct line line)
{
    while (line.n && is_skipped(line.text[0])) {
        line.text++;
        line.n--;
    }
    return line;
}

static bool starts(struct line line, const char *with)
{
    const size_t n = strlen(with);

    return line.n >= n && memcmp(line.text, with, n) == 0;
}

static bool is_table_start(struct line line)
{
    line = stripped(line);
    while (line.n && (line.text[0] == ':' || line.text[0] == '*' || is_skipped(line.text[0]))) {
        line.text++;
        line.n--;
    }
    return starts(line, "{|");
}

static bool is_table_end(struct line line)
{
    return starts(stripped(line), "|}");
}

/* "== x ==": its level, and the text between in *inner; 0 when it is no heading. */
static int heading_level(struct line *inner, struct line line)
{
    size_t before = 0, after = 0, level;

    line = stripped(line);
    while (line.n && is_skipped(line.text[line.n - 1]))
        line.n--;
    while (before < line.n && line.text[before] == '=')
        before++;
    if (before == line.n)
        return 0;
    while (after < line.n && line.text[line.n - 1 - after] == '=')
        after++;
    level = before < after ? before : after;
    level = level > 6 ? 6 : level;
    inner->text = line.text + level;
    inner->n = line.n - 2 * level;
    return (int)level;
}

/* Where the text goes on after the table that starts at `at`. */
static size_t skip_table(struct page *p, size_t at)
{
    struct line line = line_at(p, at), inner;
    size_t depth = 1, next = line.next;

    while (!p->unclosed && next < p->n) {
        line = line_at(p, next);
        next = line.next;
        if (is_table_start(line))
            depth++;
        else if (is_table_end(line) && --depth == 0)
            return (size_t)(stripped(line).text + 2 - p->text); /* text may follow the "|}" */
    }
    p->unclosed = true;
    for (next = line_at(p, at).next; next < p->n; next = line.next) {
        line = line_at(p, next);
        if (heading_level(&inner, line) || is_table_start(line))
            return next;
        if (is_table_end(line))
            return (size_t)(stripped(line).text + 2 - p->text);
    }
    return p->n;
}

/* The runs of two and more "'" in a line: how many are italic and bold, and which bold one is an
 * apostrophe before italics when both are odd in number ("l'''amour''"), as MediaWiki decides. */
static const char *odd_bold(const char *text, size_t n)
{
    size_t n_italic = 0, n_bold = 0;
    const char *single = NULL, *multi = NULL, *space = NULL;

    for (size_t i = 0; i < n;) {
        const char *quote = memchr(text + i, '\'', n - i);
        size_t run = 0;
        if (!quote)
            break;
        i = (size_t)(quote - text);
        while (i + run < n && text[i + run] == '\'')
            run++;
        if (run == 2 || run >= 5)
            n_italic++;
        if (run >= 3) {
            const char *at = text + i;
            n_bold++;
            if (run == 3 && i > 0 && at[-1] == ' ')
                space = space ? space : at;
            else if (run == 3 && i > 1 && at[-2] == ' ')
                single = single ? single : at;
            else if (run == 3)
                multi = multi ? multi : at;
        }
        i += run;
    }
    if (n_italic % 2 == 0 || n_bold % 2 == 0)
        return NULL;
    return single ? single : multi ? multi : space;
}

/* Appends a line without its quote marks. */
static void put_line(struct buf *to, const char *text, size_t n)
{
    const char *odd = memchr(text, '\'', n) ? odd_bold(text, n) : NULL;

    for (size_t i = 0; i < n;) {
        const char *quote = memchr(text + i, '\'', n - i);
        size_t run = 0;
        const size_t plain = quote ? (size_t)(quote - text) - i : n - i;
        buf_put(to, text + i, plain);
        i += plain;
        while (i + run < n && text[i + run] == '\'')
            run++;
        if (run == 1 || run == 4 || (run == 3 && text + i == odd))
            buf_put_byte(to, '\'');
        for (size_t k = 5; k < run; k++)
            buf_put_byte(to, '\'');
        i += run;
    }
}

static void flush_headings(struct page *p)
{
    const struct buf *h = &p->l->headings;

    for (size_t at = 0; at < h->len;) {
        const char *text = h->data + at + 1;
        buf_put_text(p->to, text);
        buf_put_byte(p->to, '\n');
        at += 1 + strlen(text) + 1;
    }
    buf_clear(&p->l->headings);
}

/* Ends the paragraph being put together. */
static void end_paragraph(struct page *p)
{
    struct buf *text = &p->l->paragraph;
    const size_t from = p->to->len;

    if (!text->len)
        return;
    if (tidy_paragraph(p->to, text->data, text->len)) {
        if (p->l->headings.len || p->l->prefix.len) {
            struct buf tidied = {0};
            buf_put(&tidied, p->to->data + from, p->to->len - from);
            p->to->len = from;
            flush_headings(p);
            if (p->l->prefix.len)
                buf_put(p->to, p->l->prefix.data, p->l->prefix.len);
            buf_put(p->to, tidied.data, tidied.len);
            buf_release(&tidied);
        }
        buf_put_byte(p->to, '\n');
    }
    buf_clear(text);
}

static void add_line(struct page *p, const char *text, size_t n)
{
    if (p->l->paragraph.len)
        buf_put_byte(&p->l->paragraph, ' ');
    put_line(&p->l->paragraph, text, n);
}

/* A paragraph that is one line. */
static void put_paragraph(struct page *p, const char *text, size_t n)
{
    end_paragraph(p);
    add_line(p, text, n);
    end_paragraph(p);
}

static void lose(struct page *p, enum account_class c, const char *text, size_t n)
{
    account_lose(&p->page->account, c, text, n);
}

/* Headings of this level or deeper that have shown no text go. */
static void drop_headings(struct page *p, int level)
{
    struct buf *h = &p->l->headings;
    size_t keep = 0;

    for (size_t at = 0; at < h->len && h->data[at] < level;) {
        at += 1 + strlen(h->data + at + 1) + 1;
        keep = at;
    }
    for (size_t at = keep; at < h->len; at += 1 + strlen(h->data + at + 1) + 1)
        lose(p, LOST_HEADING, h->data + at + 1, strlen(h->data + at + 1));
    h->len = keep;
}

static void take_heading(struct page *p, int level, struct line whole, struct line inner)
{
    const struct options *o = p->page->options;
    struct buf *h = &p->l->headings;
    struct buf line = {0}, tidied = {0};
    size_t from;

    end_paragraph(p);
    drop_headings(p, level);
    put_line(&line, inner.text, inner.n);
    from = tidy_paragraph(&tidied, line.data ? line.data : "", line.len) ? tidied.len : 0;
    if (p->dropping && p->dropping < level) {
        lose(p, LOST_SECTION, whole.text, whole.n);
    } else if (from && !o->all_sections &&
               sections_is_apparatus(tidied.data, tidied.len, o->sections)) {
        p->dropping = level;
        lose(p, LOST_SECTION, whole.text, whole.n);
    } else {
        p->dropping = 0;
        if (from && o->headings != LINES_DROPPED) {
            buf_put_byte(h, (char)level);
            for (int i = 0; o->headings == LINES_MARKED && i < level; i++)
                buf_put_byte(h, '#');
            if (o->headings == LINES_MARKED)
                buf_put_byte(h, ' ');
            buf_put(h, tidied.data, tidied.len);
            buf_put_byte(h, 0);
        }
    }
    buf_release(&line);
    buf_release(&tidied);
}

/* "- ", "1. " before an item of a list, with two blanks for each level above it. */
static void put_item_sign(struct page *p, const char *signs, size_t n)
{
    for (size_t i = 1; i < n; i++)
        buf_put(&p->l->prefix, "  ", 2);
    if (signs[n - 1] == '#')
        buf_printf(&p->l->prefix, "%zu. ", ++p->number);
    else if (signs[n - 1] == '*')
        buf_put_text(&p->l->prefix, "- ");
}

/* "* item", "# item", ": text", "; term : definition" */
static void take_list_item(struct page *p, struct line line)
{
    size_t marks = 0;
    const char *colon = NULL;
    bool item;

    while (marks < line.n && strchr("*#;:", line.text[marks]))
        marks++;
    item = memchr(line.text, '*', marks) || memchr(line.text, '#', marks);
    if (item && p->page->options->lists == LINES_DROPPED) {
        end_paragraph(p);
        lose(p, LOST_LIST, line.text, line.n);
        return;
    }
    for (size_t i = marks; marks && line.text[marks - 1] == ';' && i + 1 < line.n && !colon; i++) {
        if (line.text[i] == ':' && (line.text[i + 1] == ' ' || line.text[i - 1] == ' '))
            colon = line.text + i;
    }
    end_paragraph(p);
    if (item && p->page->options->lists == LINES_MARKED)
        put_item_sign(p, line.text, marks);
    if (colon) {
        put_paragraph(p, line.text + marks, (size_t)(colon - line.text) - marks);
        marks = (size_t)(colon - line.text) + 1;
    }
    put_paragraph(p, line.text + marks, line.n - marks);
    buf_clear(&p->l->prefix);
}

static void take_line(struct page *p, struct line line)
{
    const char *cut = memchr(line.text, MARK_OPEN, line.n);
    const struct line bare = stripped(line);
    struct line inner;
    int level;

    if (cut) { /* a template that never ends: what follows on its line is its name and arguments */
        line.n = (size_t)(cut - line.text);
        add_line(p, line.text, line.n);
        end_paragraph(p);
        return;
    }
    if (bare.n && bare.text[0] == '=' && (level = heading_level(&inner, line)) > 0) {
        take_heading(p, level, line, inner);
        return;
    }
    if (p->dropping) {
        lose(p, LOST_SECTION, line.text, line.n);
        return;
    }
    if (!bare.n || bare.text[0] != '#')
        p->number = 0;
    if (!bare.n) {
        end_paragraph(p);
    } else if (strchr("*#;:", bare.text[0])) {
        take_list_item(p, bare);
    } else if (starts(bare, "----")) {
        size_t dashes = 4;
        while (dashes < bare.n && bare.text[dashes] == '-')
            dashes++;
        put_paragraph(p, bare.text + dashes, bare.n - dashes);
    } else if (bare.text[0] == '|') {
        end_paragraph(p); /* a row of a table, or an argument, without its beginning */
    } else if (line.text[0] == ' ') {
        put_paragraph(p, line.text, line.n);
    } else {
        add_line(p, line.text, line.n);
    }
}

/* The table from `at` to `end`: each row a paragraph, by option. */
static void take_table(struct page *p, size_t at, size_t end)
{
    struct buf rows = {0};

    end_paragraph(p);
    if (p->dropping || !p->page->options->tables || p->unclosed) {
        lose(p, p->dropping ? LOST_SECTION : LOST_TABLE, p->text + at, end - at);
        return;
    }
    tables_text(&rows, p->text + at, end - at);
    for (size_t from = 0; from < rows.len;) {
        const char *stop = memchr(rows.data + from, '\n', rows.len - from);
        const size_t len = stop ? (size_t)(stop - rows.data) - from : rows.len - from;
        put_paragraph(p, rows.data + from, len);
        from += len + 1;
    }
    buf_release(&rows);
}

void layout_text(struct buf *to, struct layout *l, const char *text, size_t n, struct context *page)
{
    struct page p = {.to = to, .l = l, .text = text, .n = n, .page = page};

    buf_clear(&l->paragraph);
    buf_clear(&l->headings);
    buf_clear(&l->prefix);
    for (size_t at = 0; at < n;) {
        const struct line line = line_at(&p, at);
        if (is_table_start(line)) {
            const size_t end = skip_table(&p, at);
            take_table(&p, at, end);
            at = end;
            continue;
        }
        take_line(&p, line);
        at = line.next;
    }
    end_paragraph(&p);
    drop_headings(&p, 0);
}

void layout_release(struct layout *l)
{
    buf_release(&l->paragraph);
    buf_release(&l->headings);
    buf_release(&l->prefix);
}
