/* xhtml.c -- a page of XHTML -> its paragraphs.
 *
 * Text gathers in one buffer; a tag that is a border empties it. Elements that are no text are
 * skipped by remembering the depth at which they began. */
#include "text/xhtml.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/entities.h"
#include "base/xml.h"

struct page {
    struct xml *xml;
    struct buf *to;
    struct buf paragraph;
    size_t depth;
    size_t body;         /* depth of <body>, 0 = outside */
    size_t skipped;      /* depth of the element that is being skipped, 0 = none */
    size_t preformatted; /* depth of <pre>: its lines are lines */
    bool too_deep;
};

/* With ' ' on both sides of each. */
static const char borders[] =
    " address article aside blockquote body br caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr li main ol p pre section "
    "summary table tbody td tfoot th thead tr ul ";
static const char no_text[] =
    " audio canvas head iframe math nav noscript object rp rt script style svg template video ";

static bool is_one_of(const char *list, const char *name)
{
    char padded[16];
    const size_t n = strlen(name);

    if (n + 3 > sizeof padded)
        return false;
    snprintf(padded, sizeof padded, " %s ", name);
    return strstr(list, padded) != NULL;
}

/* "html:p" is a "p". */
static const char *local_name(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? colon + 1 : name;
}

/* Numbers of pages and marks of notes stand inside sentences and do not belong to them. */
static bool is_mark(const char **attributes)
{
    const char *type = xml_attribute(attributes, "epub:type");
    const char *role = xml_attribute(attributes, "role");

    return (type && (strstr(type, "pagebreak") || strstr(type, "noteref"))) ||
           (role && (strstr(role, "doc-pagebreak") || strstr(role, "doc-noteref")));
}

/* Characters without a shape: soft hyphen, zero width space, word joiner, byte order mark. */
static size_t invisible(const char *p, size_t left)
{
    if (left >= 2 && memcmp(p, "\xc2\xad", 2) == 0)
        return 2;
    if (left >= 3 && (memcmp(p, "\xe2\x80\x8b", 3) == 0 || memcmp(p, "\xe2\x81\xa0", 3) == 0 ||
                      memcmp(p, "\xef\xbb\xbf", 3) == 0))
        return 3;
    return 0;
}

static size_t blank(const char *p, size_t left)
{
    if ((unsigned char)*p <= ' ')
        return 1;
    return left >= 2 && memcmp(p, "\xc2\xa0", 2) == 0 ? 2 : 0;
}

/* A rule or a row of stars says nothing. */
static bool says_something(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c >= 0x80 || (unsigned)((c | 0x20) - 'a') < 26 || (unsigned)(c - '0') < 10)
            return true;
    }
    return false;
}

static void end_paragraph(struct page *p)
{
    const struct buf *from = &p->paragraph;
    const size_t before = p->to->len;
    bool due = false;

    for (size_t at = 0; at < from->len;) {
        const char *c = from->data + at;
        const size_t gone = invisible(c, from->len - at), space = blank(c, from->len - at);
        if (!gone && !space) {
            if (due && p->to->len > before)
                buf_put_byte(p->to, ' ');
            buf_put_byte(p->to, *c);
        }
        due = space || (due && gone);
        at += gone ? gone : space ? space : 1;
    }
    if (says_something(p->to->data + before, p->to->len - before))
        buf_put_byte(p->to, '\n');
    else
        p->to->len = before;
    buf_clear(&p->paragraph);
}

static void on_start(void *context, const char *name, const char **attributes)
{
    struct page *p = context;

    name = local_name(name);
    if (++p->depth > XHTML_MAX_DEPTH) {
        p->too_deep = true;
        xml_stop(p->xml);
        return;
    }
    if (p->skipped)
        return;
    if (!p->body && strcmp(name, "body") == 0)
        p->body = p->depth;
    if (is_one_of(no_text, name) || is_mark(attributes))
        p->skipped = p->depth;
    else if (p->body && is_one_of(borders, name))
        end_paragraph(p);
    if (!p->preformatted && strcmp(name, "pre") == 0)
        p->preformatted = p->depth;
}

static void on_end(void *context, const char *name)
{
    struct page *p = context;

    if (!p->skipped && p->body && is_one_of(borders, local_name(name)))
        end_paragraph(p);
    if (p->skipped == p->depth)
        p->skipped = 0;
    if (p->body == p->depth)
        p->body = 0;
    if (p->preformatted == p->depth)
        p->preformatted = 0;
    p->depth--;
}

static void on_text(void *context, const char *text, size_t n)
{
    struct page *p = context;

    if (!p->body || p->skipped)
        return;
    while (p->preformatted && n) {
        const char *end = memchr(text, '\n', n);
        const size_t len = end ? (size_t)(end - text) : n;
        buf_put(&p->paragraph, text, len);
        if (end)
            end_paragraph(p);
        text += len + (end != NULL);
        n -= len + (end != NULL);
    }
    buf_put(&p->paragraph, text, n);
}

/* "&eacute;", which XHTML's document type declares. */
static void on_entity(void *context, const char *name)
{
    struct page *p = context;
    char reference[40];
    const size_t n = strlen(name);
    uint32_t code;

    if (!p->body || p->skipped || n + 3 > sizeof reference)
        return;
    snprintf(reference, sizeof reference, "&%s;", name);
    if (entities_decode(&code, reference, n + 2))
        entities_put(&p->paragraph, code);
}

int xhtml_text(struct buf *to, const char *bytes, size_t n, struct err *err)
{
    static const struct xml_handlers handlers = {
        .start = on_start, .end = on_end, .text = on_text, .entity = on_entity};
    struct page p = {.to = to};
    int rc = 0;

    buf_put(to, "", 0);
    p.xml = xml_open(&handlers, &p);
    if (xml_feed(p.xml, bytes, n, true) == XML_BROKEN) {
        rc = p.too_deep
                 ? err_set(err, ERR_LIMIT, "elements nest more than %d deep", XHTML_MAX_DEPTH)
                 : err_set(err, ERR_FORMAT, "byte %llu: %s", (unsigned long long)xml_place(p.xml),
                           xml_fault(p.xml));
    }
    xml_close(p.xml);
    buf_release(&p.paragraph);
    return rc;
}
