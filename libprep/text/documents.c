/* documents.c -- documents from text in any of its usual forms. */
#include "text/documents.h"

#include <stdbool.h>
#include <string.h>

#include "base/json.h"

enum documents_format documents_format_of(const char *name)
{
    static const char *const names[] = {"auto", "documents", "json", "wikiextractor", "lines"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0)
            return (enum documents_format)i;
    }
    return DOCUMENTS_AUTO;
}

int documents_open(struct documents *d, char *const *paths, size_t n_paths,
                   enum documents_format format, struct err *err)
{
    *d = (struct documents){.asked = format, .format = format};
    return lines_open(&d->lines, paths, n_paths, NEWLINE_LF, DOCUMENTS_MAX_LINE, err);
}

static bool is_blank(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    }
    return true;
}

static bool starts(const struct buf *line, const char *with)
{
    const size_t n = strlen(with);

    return line->len >= n && memcmp(line->data, with, n) == 0;
}

/* What the first line with text says. */
static enum documents_format guess(const struct buf *line)
{
    struct err ignored = {0};
    struct json *root;
    bool json;

    if (starts(line, "<doc "))
        return DOCUMENTS_WIKIEXTRACTOR;
    if (!starts(line, "{"))
        return DOCUMENTS_TEXT;
    root = json_parse(line->data, line->len, &ignored);
    json = root && json_member(root, "text") &&
           json_kind_of(json_member(root, "text")) == JSON_KIND_TEXT;
    json_release(root);
    return json ? DOCUMENTS_JSON : DOCUMENTS_TEXT;
}

/* A line as a paragraph, unless it is blank. */
static int put_paragraph(struct documents *d, struct document *doc, const char *text, size_t n,
                         struct err *err)
{
    if (n && text[n - 1] == '\r')
        n--;
    if (is_blank(text, n))
        return 0;
    if (buf_put_max(&doc->text, text, n, DOCUMENTS_MAX_TEXT, err) < 0) {
        err_in(err, "one document");
        return lines_err(&d->lines, err);
    }
    buf_put_byte(&doc->text, '\n');
    return 0;
}

static void put_field(struct buf *field, const struct json *value)
{
    if (value && json_kind_of(value) == JSON_KIND_TEXT)
        buf_put_text(field, json_text_or(value, ""));
    else if (value && json_kind_of(value) == JSON_KIND_INT)
        buf_printf(field, "%lld", (long long)json_int_or(value, 0));
}

static int put_json(struct documents *d, struct document *doc, const struct buf *line,
                    struct err *err)
{
    struct json *root = json_parse(line->data, line->len, err);
    const struct json *member = root ? json_member(root, "text") : NULL;
    int rc = -1;

    if (!root)
        return lines_err(&d->lines, err);
    if (!member || json_kind_of(member) != JSON_KIND_TEXT) {
        err_set(err, ERR_FORMAT, "no member 'text' that is a string");
        lines_err(&d->lines, err);
        goto out;
    }
    put_field(&doc->id, json_member(root, "id"));
    put_field(&doc->title, json_member(root, "title"));
    rc = 0;
    for (const char *at = json_text_or(member, ""); *at && rc == 0;) {
        const size_t n = strcspn(at, "\n");
        rc = put_paragraph(d, doc, at, n, err);
        at += n + (at[n] == '\n');
    }
out:
    json_release(root);
    return rc;
}

/* The value of name="..." in a <doc> line. The original escapes no quotes: a value ends where the
 * next attribute or the end of the tag follows. */
static void put_attribute(struct buf *field, const struct buf *line, const char *name)
{
    const char *at = strstr(line->data, name);
    const char *end;

    if (!at)
        return;
    at += strlen(name);
    for (end = strchr(at, '"'); end; end = strchr(end + 1, '"')) {
        const bool last = strcmp(end, "\">") == 0;
        const bool next = strncmp(end, "\" url=\"", 7) == 0 || strncmp(end, "\" title=\"", 9) == 0;
        if (last || next || !strchr(end + 1, '"')) {
            buf_put(field, at, (size_t)(end - at));
            return;
        }
    }
}

/* One line of WikiExtractor's: 1 when it ends a document. The line after <doc> is the title. */
static int take_wikiextractor(struct documents *d, struct document *doc, struct err *err)
{
    const struct buf *line = &d->lines.line;

    if (starts(line, "<doc ")) {
        const bool unfinished = doc->text.len > 0; /* no </doc> came before */
        d->title = !unfinished;
        d->held = unfinished;
        if (unfinished)
            return 1;
        buf_clear(&doc->id);
        buf_clear(&doc->title);
        put_attribute(&doc->id, line, " id=\"");
        put_attribute(&doc->title, line, " title=\"");
        return 0;
    }
    if (starts(line, "</doc>")) {
        d->title = false;
        return doc->text.len > 0;
    }
    if (d->title) {
        d->title = false; /* the title */
        return 0;
    }
    return put_paragraph(d, doc, line->data, line->len, err);
}

/* Uses one line: 1 when the document is complete, 0 when not, -1 with err. */
static int take_line(struct documents *d, struct document *doc, struct err *err)
{
    const struct buf *line = &d->lines.line;
    const bool blank = is_blank(line->data, line->len);

    if (d->format == DOCUMENTS_AUTO && !blank)
        d->format = guess(line);
    switch (d->format) {
    case DOCUMENTS_JSON:
        if (blank)
            return 0;
        buf_clear(&doc->id);
        buf_clear(&doc->title);
        return put_json(d, doc, line, err) < 0 ? -1 : doc->text.len > 0;
    case DOCUMENTS_LINES:
        return put_paragraph(d, doc, line->data, line->len, err) < 0 ? -1 : doc->text.len > 0;
    case DOCUMENTS_WIKIEXTRACTOR:
        return take_wikiextractor(d, doc, err);
    case DOCUMENTS_AUTO:
    case DOCUMENTS_TEXT:
        break;
    }
    if (blank)
        return doc->text.len > 0;
    return put_paragraph(d, doc, line->data, line->len, err);
}

/* Books are read as utf-8-sig by the original. */
static void drop_byte_order_mark(struct buf *line)
{
    if (starts(line, "\xef\xbb\xbf"))
        buf_shift(line, 3);
}

int documents_next(struct documents *d, struct document *doc, struct err *err)
{
    buf_clear(&doc->text);
    buf_clear(&doc->id);
    buf_clear(&doc->title);
    for (;;) {
        int got = 1;
        if (!d->held) {
            got = lines_next(&d->lines, err);
            if (got < 0)
                return -1;
            if (got == 0)
                return doc->text.len > 0;
            if (d->lines.new_input && doc->text.len > 0) {
                d->held = d->held_new = true; /* two inputs never share a document */
                return 1;
            }
        }
        if (d->held ? d->held_new : d->lines.new_input) {
            d->format = d->asked;
            d->title = false;
            drop_byte_order_mark(&d->lines.line);
        }
        d->held = d->held_new = false;
        got = take_line(d, doc, err);
        if (got != 0)
            return got;
    }
}

uint64_t documents_taken(const struct documents *d)
{
    return lines_taken(&d->lines);
}

void documents_close(struct documents *d)
{
    lines_close(&d->lines);
}

void document_release(struct document *doc)
{
    buf_release(&doc->text);
    buf_release(&doc->id);
    buf_release(&doc->title);
}
