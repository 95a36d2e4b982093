/* tables.c -- a table -> sentences.
 *
 * Lines that start with '|' or '!' start cells, "||" and "!!" part cells inside a line, any other
 * line goes on with the cell before. What is before a single '|' in a cell is attributes. */
#include "wiki/tables.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wiki/marks.h"

struct cell {
    const char *text; /* of the column's header or of a cell that spans rows */
    size_t n;
    size_t rows_left;
};

struct table {
    struct buf *to;
    struct cell headers[TABLES_MAX_COLUMNS];
    struct cell spans[TABLES_MAX_COLUMNS];
    struct cell row[TABLES_MAX_COLUMNS]; /* cells of the row being read */
    bool is_header[TABLES_MAX_COLUMNS];
    size_t n_row, n_spanned;
    bool has_cells;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == MARK_DROPPED || c == MARK_BREAK;
}

static void trim(const char **text, size_t *n)
{
    while (*n && is_blank(**text)) {
        (*text)++;
        (*n)--;
    }
    while (*n && is_blank((*text)[*n - 1]))
        (*n)--;
}

/* The number in `name="3"`, 1 when there is none. */
static size_t attribute(const char *text, size_t n, const char *name)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i + len + 1 < n; i++) {
        if (memcmp(text + i, name, len) != 0)
            continue;
        for (i += len; i < n && (text[i] == ' ' || text[i] == '=' || text[i] == '"'); i++)
            continue;
        if (i < n && text[i] >= '1' && text[i] <= '9') {
            const size_t value = (size_t)(text[i] - '0');
            const bool two = i + 1 < n && text[i + 1] >= '0' && text[i + 1] <= '9';
            return two ? value * 10 + (size_t)(text[i + 1] - '0') : value;
        }
    }
    return 1;
}

/* Cells that reach down from earlier rows stand before the next cell. */
static void take_spans(struct table *t)
{
    while (t->n_row < TABLES_MAX_COLUMNS && t->spans[t->n_row].rows_left) {
        t->spans[t->n_row].rows_left--;
        t->row[t->n_row] = t->spans[t->n_row];
        t->is_header[t->n_row] = false;
        t->n_spanned++;
        t->n_row++;
    }
}

static void add_cell(struct table *t, const char *text, size_t n, bool header)
{
    const char *bar = memchr(text, '|', n);
    size_t columns = 1, rows = 1;

    if (bar) {
        columns = attribute(text, (size_t)(bar - text), "colspan");
        rows = attribute(text, (size_t)(bar - text), "rowspan");
        n -= (size_t)(bar + 1 - text);
        text = bar + 1;
    }
    trim(&text, &n);
    take_spans(t);
    for (size_t i = 0; i < columns && t->n_row < TABLES_MAX_COLUMNS; i++) {
        t->row[t->n_row] = (struct cell){.text = text, .n = i && !header ? 0 : n};
        t->is_header[t->n_row] = header;
        if (rows > 1)
            t->spans[t->n_row] = (struct cell){.text = text, .n = n, .rows_left = rows - 1};
        t->n_row++;
    }
    t->has_cells = true;
}

static void put_flat(struct buf *to, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_put_byte(to, text[i] == '\n' ? ' ' : text[i]);
}

static bool is_header_row(const struct table *t)
{
    for (size_t i = 0; i < t->n_row; i++) {
        if (!t->is_header[i] && t->row[i].n && !(t->spans[i].text == t->row[i].text))
            return false;
    }
    return t->n_row > 1;
}

/* Whether one header spans all columns. */
static bool is_one_cell(const struct table *t)
{
    for (size_t i = 0; i < t->n_row; i++) {
        if (!t->is_header[i] || t->row[i].text != t->row[0].text)
            return false;
    }
    return t->row[0].n > 0;
}

static void end_row(struct table *t)
{
    bool first = true;

    take_spans(t);
    if (t->n_row > 1 && is_one_cell(t)) { /* a line over the whole width */
        put_flat(t->to, t->row[0].text, t->row[0].n);
        buf_put_byte(t->to, '\n');
    } else if (t->has_cells && is_header_row(t)) {
        for (size_t i = 0; i < TABLES_MAX_COLUMNS; i++)
            t->headers[i] = i < t->n_row ? t->row[i] : (struct cell){0};
    } else if (t->has_cells) {
        for (size_t i = 0; i < t->n_row; i++) {
            const struct cell *h = &t->headers[i];
            if (!t->row[i].n)
                continue;
            if (!first)
                buf_put_text(t->to, "; ");
            if (h->n && h->n <= TABLES_MAX_HEADER && !(h->text == t->row[i].text)) {
                put_flat(t->to, h->text, h->n);
                buf_put_text(t->to, ": ");
            }
            put_flat(t->to, t->row[i].text, t->row[i].n);
            first = false;
        }
        if (!first)
            buf_put_byte(t->to, '\n');
    }
    t->n_row = t->n_spanned = 0;
    t->has_cells = false;
}

/* The cells of "a || b" or "a !! b". */
static void add_cells(struct table *t, const char *text, size_t n, bool header)
{
    size_t from = 0;

    for (size_t i = 0; i + 1 < n; i++) {
        if (text[i] == text[i + 1] && (text[i] == '|' || (header && text[i] == '!'))) {
            add_cell(t, text + from, i - from, header);
            from = i + 2;
            i++;
        }
    }
    add_cell(t, text + from, n - from, header);
}

static size_t line_end(const char *text, size_t at, size_t n)
{
    const char *end = at < n ? memchr(text + at, '\n', n - at) : NULL;

    return end ? (size_t)(end - text) : n;
}

static bool starts_with(const char *text, size_t n, const char *with)
{
    while (n && is_blank(*text) && *text != '\n') {
        text++;
        n--;
    }
    return n >= strlen(with) && memcmp(text, with, strlen(with)) == 0;
}

/* The end of a cell that starts at `at`: the next line that is one of the table's own. Tables inside
 * the cell are blanked: they stay out. */
static size_t cell_end(char *text, size_t at, size_t n)
{
    size_t depth = 0, end = line_end(text, at, n);

    while (end < n) {
        const size_t next = line_end(text, end + 1, n);
        const char *line = text + end + 1;
        const size_t len = next - end - 1;
        if (starts_with(line, len, "{|")) {
            depth++;
        } else if (depth && starts_with(line, len, "|}")) {
            depth--;
            memset(text + end, ' ', next - end);
        } else if (!depth && (starts_with(line, len, "|") || starts_with(line, len, "!"))) {
            break;
        }
        if (depth)
            memset(text + end, ' ', next - end);
        end = next;
    }
    return end;
}

static void take_line(struct table *t, const char *line, size_t n)
{
    trim(&line, &n);
    if (n >= 2 && (memcmp(line, "|-", 2) == 0 || memcmp(line, "|}", 2) == 0)) {
        end_row(t);
    } else if (n >= 2 && memcmp(line, "|+", 2) == 0) {
        const char *bar = memchr(line + 2, '|', n - 2);
        const size_t skip = bar ? (size_t)(bar + 1 - line) : 2;
        put_flat(t->to, line + skip, n - skip);
        buf_put_byte(t->to, '\n');
    } else if (n && (line[0] == '|' || line[0] == '!')) {
        add_cells(t, line + 1, n - 1, line[0] == '!');
    }
}

void tables_text(struct buf *to, const char *text, size_t n)
{
    struct table *t = mem_alloc(sizeof *t);
    char *copy = mem_text_n(text, n);

    t->to = to;
    for (size_t at = line_end(copy, 0, n) + 1; at < n;) {
        const size_t end = cell_end(copy, at, n);
        take_line(t, copy + at, end - at);
        at = end + 1;
    }
    end_row(t);
    free(copy);
    free(t);
}
