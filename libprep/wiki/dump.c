/* dump.c -- the pages of a MediaWiki XML export.
 *
 * expat sees the tags; the bytes between <text> and </text>, nine tenths of a dump, go past it:
 * they hold no '<' until they end, so finding that end and decoding five entities is all there is to do.
 * Anything else inside <text> (CDATA, comments) is left to expat again.
 *
 * expat pushes, callers pull: at each </page> the parser is suspended, and resumed by the next call.
 * No document type is accepted, so there are no entities but XML's own five. */
#include "wiki/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/source.h"
#include "base/xml.h"
#include "wiki/xml_text.h"

enum { BLOCK = 64 << 10, MAX_FIELD = 256 };

/* What the text of the innermost element is for. */
enum field { F_NONE, F_TITLE, F_NS, F_ID, F_TEXT, F_MODEL, F_TIMESTAMP, F_NAMESPACE, F_DATABASE };

struct dump {
    struct source *in;
    struct xml *xml;
    struct site site;
    int depth; /* open elements */
    enum field field;
    bool in_page, page_ready, suspended, over;
    bool page_known; /* has a <ns> */
    bool site_known; /* a page has come: `site` does not change any more */
    int namespace_key;
    struct dump_page page;
    struct buf title, text, value;
    char *block; /* (BLOCK) what was read; [at, end) is still to be parsed */
    size_t at, end;
    bool plain;       /* everything goes through expat: the twin, for tests */
    bool past_expat;  /* inside <text>, whose bytes are taken here */
    size_t raw_from;  /* in `text`: from here on it is not decoded yet */
    uint64_t skipped; /* bytes that expat has not seen */
    uint64_t fed;     /* bytes read */
    struct err err;   /* set inside a callback */
};

static void fail(struct dump *d, enum err_kind kind, const char *text)
{
    if (d->err.kind == ERR_NONE)
        err_set(&d->err, kind, "%s", text);
    xml_stop(d->xml);
}

static void begin_page(struct dump *d)
{
    d->in_page = d->site_known = true;
    d->page_known = false;
    d->page = (struct dump_page){.wikitext = true};
    buf_clear(&d->title);
    buf_clear(&d->text);
}

static enum field page_field(const struct dump *d, const char *name)
{
    if (d->depth == 3 && strcmp(name, "title") == 0)
        return F_TITLE;
    if (d->depth == 3 && strcmp(name, "ns") == 0)
        return F_NS;
    if (d->depth == 3 && strcmp(name, "id") == 0)
        return F_ID;
    if (d->depth == 4 && strcmp(name, "text") == 0)
        return F_TEXT;
    if (d->depth == 4 && strcmp(name, "model") == 0)
        return F_MODEL;
    if (d->depth == 4 && strcmp(name, "timestamp") == 0)
        return F_TIMESTAMP;
    return F_NONE;
}

static void on_start(void *user, const char *name, const char **attributes)
{
    struct dump *d = user;
    const char *key;

    if (++d->depth > DUMP_MAX_DEPTH) {
        fail(d, ERR_LIMIT, "elements are nested too deeply");
        return;
    }
    d->field = F_NONE;
    buf_clear(&d->value);
    if (d->depth == 1 && strcmp(name, "mediawiki") != 0) {
        fail(d, ERR_FORMAT, "not a MediaWiki export: it does not start with <mediawiki>");
    } else if (d->depth == 1 && (key = xml_attribute(attributes, "xml:lang"))) {
        site_set_language(&d->site, key);
    } else if (d->depth == 2 && strcmp(name, "page") == 0) {
        begin_page(d);
    } else if (d->in_page) {
        d->field = page_field(d, name);
        if (d->field == F_TEXT) { /* a later revision replaces an earlier one */
            buf_clear(&d->text);
            d->page.oversize = false;
        } else if (d->depth == 3 && strcmp(name, "redirect") == 0) {
            d->page.redirect = true;
        }
    } else if (d->depth == 3 && !d->site_known && strcmp(name, "dbname") == 0) {
        d->field = F_DATABASE;
    } else if (d->depth == 4 && !d->site_known && strcmp(name, "namespace") == 0 &&
               (key = xml_attribute(attributes, "key"))) {
        d->field = F_NAMESPACE;
        d->namespace_key = atoi(key);
    }
}

static void on_text(void *user, const char *text, size_t n)
{
    struct dump *d = user;

    if (d->field == F_TEXT) {
        if (d->text.len + n > DUMP_MAX_TEXT) {
            d->page.oversize = true;
            buf_release(&d->text);
        }
        if (!d->page.oversize)
            buf_put(&d->text, text, n);
    } else if (d->field == F_TITLE) {
        if (d->title.len + n > DUMP_MAX_TITLE)
            fail(d, ERR_LIMIT, "a title is too long");
        else
            buf_put(&d->title, text, n);
    } else if (d->field != F_NONE && d->value.len + n <= MAX_FIELD) {
        buf_put(&d->value, text, n);
    }
}

static const char *bytes(const struct buf *b)
{
    return b->data ? b->data : "";
}

/* "zh_yuewiki" is in zh-yue, where the export does not say its language itself. */
static void take_database(struct site *site, const char *name)
{
    char language[32];
    const size_t n = strlen(name);
    size_t len = 0;

    if (site->language || n < 6 || n - 4 >= sizeof language || strcmp(name + n - 4, "wiki") != 0)
        return;
    for (; len < n - 4; len++)
        language[len] = (char)(name[len] == '_' ? '-' : name[len]);
    language[len] = 0;
    site_set_language(site, language);
}

/* "2016-05-31T12:00:00Z" */
static void take_day(struct dump_page *page, const char *value)
{
    int year, month, day;

    if (sscanf(value, "%4d-%2d-%2d", &year, &month, &day) == 3 && year > 2000 && month >= 1 &&
        month <= 12 && day >= 1 && day <= 31) {
        page->year = year;
        page->month = month;
        page->day = day;
    }
}

static void end_field(struct dump *d)
{
    const char *value = bytes(&d->value);

    switch (d->field) {
    case F_NS:
        d->page.ns = atoi(value);
        d->page_known = true;
        break;
    case F_ID:
        d->page.id = strtoll(value, NULL, 10);
        break;
    case F_MODEL:
        d->page.wikitext = strcmp(value, "wikitext") == 0;
        break;
    case F_TIMESTAMP:
        take_day(&d->page, value);
        break;
    case F_DATABASE:
        take_database(&d->site, value);
        break;
    case F_NAMESPACE:
        site_add_namespace(&d->site, d->namespace_key, value);
        break;
    default:
        break;
    }
    d->field = F_NONE;
    buf_clear(&d->value);
}

static void end_page(struct dump *d)
{
    size_t prefix;

    for (size_t i = 0; i < d->title.len; i++) {
        if (d->title.data[i] == '\n')
            d->title.data[i] = ' ';
    }
    d->page.title = bytes(&d->title);
    d->page.text = bytes(&d->text);
    d->page.len = d->text.len;
    if (!d->page_known)
        d->page.ns = site_namespace_of(&d->site, d->page.title, d->title.len, &prefix);
    d->page.redirect = d->page.redirect || site_is_redirect(d->page.text, d->page.len);
    d->in_page = false;
    d->page_ready = true;
    xml_pause(d->xml);
}

static void on_end(void *user, const char *name)
{
    struct dump *d = user;

    (void)name;
    end_field(d);
    if (d->depth == 2 && d->in_page)
        end_page(d);
    d->depth--;
}

static const struct xml_handlers handlers = {.start = on_start, .end = on_end, .text = on_text};

struct dump *dump_open(const char *path, struct err *err)
{
    return dump_open_threads(path, 1, err);
}

struct dump *dump_open_threads(const char *path, size_t n_threads, struct err *err)
{
    struct dump *d = mem_alloc(sizeof *d);

    d->in = source_open_threads(path, n_threads, err);
    if (!d->in) {
        dump_close(d);
        return NULL;
    }
    d->block = mem_alloc(BLOCK);
    d->xml = xml_open(&handlers, d);
    return d;
}

/* The byte of the XML at which the parser is. */
static uint64_t place(const struct dump *d)
{
    return xml_place(d->xml) + d->skipped;
}

/* What stopped the parser, with the place. */
static int parse_err(struct dump *d, struct err *err)
{
    const char *name = source_name(d->in);
    const long long at = (long long)(place(d));

    d->over = true;
    if (d->err.kind != ERR_NONE)
        return err_set(err, d->err.kind, "%s: byte %lld: %s", name, at, d->err.text);
    if (xml_is_cut(d->xml) && d->fed == 0)
        return err_set(err, ERR_FORMAT, "%s: empty, not a MediaWiki export", name);
    if (xml_is_cut(d->xml))
        return err_set(err, ERR_FORMAT, "%s: byte %llu: the dump ends before </mediawiki>", name,
                       (unsigned long long)d->fed);
    return err_set(err, ERR_FORMAT, "%s: byte %lld: %s", name, at, xml_fault(d->xml));
}

/* Fills the block behind what is left in it. Returns the bytes read, 0 at the end, -1 with err. */
static int64_t fill(struct dump *d, struct err *err)
{
    int64_t n;

    memmove(d->block, d->block + d->at, d->end - d->at);
    d->end -= d->at;
    d->at = 0;
    n = source_read(d->in, d->block + d->end, BLOCK - d->end, err);
    if (n < 0) {
        d->over = true;
        return err_in(err, "after byte %llu of the XML", (unsigned long long)d->fed);
    }
    d->fed += (uint64_t)n;
    d->end += (size_t)n;
    return n;
}

/* Hands expat the next n bytes of the block. */
static int feed(struct dump *d, size_t n, bool last, struct err *err)
{
    const enum xml_state state = xml_feed(d->xml, d->block + d->at, n, last);

    d->at += n;
    if (state == XML_BROKEN)
        return parse_err(d, err);
    d->suspended = state == XML_PAUSED;
    /* A token is parsed again with each block until it is whole: bounded. */
    if (!d->suspended && !d->over && d->fed > DUMP_MAX_TAG + BLOCK &&
        place(d) < d->fed - DUMP_MAX_TAG - BLOCK) {
        fail(d, ERR_LIMIT, "an XML tag is too long");
        return parse_err(d, err);
    }
    return 0;
}

/* How many bytes expat may have so that it stops behind the next "<text ...>" or "</page>"; *text
 * tells which. All of them where neither is in the block; 0 when a tag may be cut by its end. */
static size_t stretch(const struct dump *d, bool *text)
{
    enum { TAG = 2048 }; /* of an export's own tags, far under this */
    const char *start = d->block + d->at, *end = d->block + d->end, *p = start;

    *text = false;
    while (!d->plain && (p = memchr(p, '<', (size_t)(end - p)))) {
        const size_t left = (size_t)(end - p);
        const char *close = memchr(p, '>', left < TAG ? left : TAG);
        const size_t n = close ? (size_t)(close + 1 - p) : left;
        if (!close && left < TAG && d->end < BLOCK)
            return (size_t)(p - start);
        if (!close && left < TAG && p > start)
            return (size_t)(p - start);
        *text = n >= 6 && memcmp(p, "<text", 5) == 0 && (p[5] == ' ' || p[5] == '>');
        if (*text || (n == 7 && memcmp(p, "</page>", 7) == 0))
            return (size_t)(p + n - start);
        p += n;
    }
    return (size_t)(end - start);
}

/* Bytes of a text, not decoded. */
static void put_raw(struct dump *d, const char *bytes_of, size_t n)
{
    if (d->text.len + n > 5 * (size_t)DUMP_MAX_TEXT) { /* longer however it is decoded */
        d->page.oversize = true;
        buf_release(&d->text);
        d->raw_from = 0;
    }
    if (!d->page.oversize)
        buf_put(&d->text, bytes_of, n);
    d->skipped += n;
    d->at += n;
}

/* Inside <text>: takes what is in the block up to the next '<'. */
static int take_text(struct dump *d, struct err *err)
{
    static const char close[] = "</text";
    const char *start = d->block + d->at;
    const char *p = memchr(start, '<', d->end - d->at);
    size_t left;

    put_raw(d, start, p ? (size_t)(p - start) : d->end - d->at);
    if (!p)
        return 0;
    left = d->end - d->at;
    if (left < sizeof close - 1 && memcmp(p, close, left) == 0) {
        const int64_t n = fill(d, err);
        if (n != 0)
            return n < 0 ? -1 : 0;
    }
    d->past_expat = false;
    if (xml_text_decode(&d->text, d->raw_from) < 0) {
        fail(d, ERR_FORMAT, "a text has a character or a reference that XML does not allow");
        return parse_err(d, err);
    }
    if (d->text.len > DUMP_MAX_TEXT) {
        d->page.oversize = true;
        buf_release(&d->text);
    }
    return 0;
}

/* One step: some bytes to expat or past it. */
static int advance(struct dump *d, struct err *err)
{
    bool text;
    size_t n;

    if (d->suspended) {
        const enum xml_state state = xml_resume(d->xml);
        d->suspended = state == XML_PAUSED;
        return state == XML_BROKEN ? parse_err(d, err) : 0;
    }
    if (d->past_expat && d->at < d->end)
        return take_text(d, err);
    n = d->past_expat ? 0 : stretch(d, &text);
    if (n == 0) {
        const int64_t got = fill(d, err);
        if (got < 0)
            return -1;
        if (got > 0)
            return 0;
        d->over = true;
        return feed(d, d->end - d->at, true, err);
    }
    if (feed(d, n, false, err) < 0)
        return -1;
    if (text && d->field == F_TEXT && d->depth == 4) {
        d->past_expat = true;
        d->raw_from = d->text.len;
    }
    return 0;
}

int dump_next(struct dump *d, struct dump_page *page, struct err *err)
{
    while (!d->page_ready) {
        if (d->over)
            return 0;
        if (advance(d, err) < 0)
            return -1;
    }
    d->page_ready = false;
    *page = d->page;
    return 1;
}

const struct site *dump_site(const struct dump *d)
{
    return &d->site;
}

void dump_use_expat_alone(struct dump *d)
{
    d->plain = true;
}

uint64_t dump_taken(const struct dump *d)
{
    return source_taken(d->in);
}

uint64_t dump_total(const struct dump *d)
{
    return source_total(d->in);
}

void dump_close(struct dump *d)
{
    if (!d)
        return;
    xml_close(d->xml);
    source_close(d->in);
    site_release(&d->site);
    buf_release(&d->title);
    buf_release(&d->text);
    buf_release(&d->value);
    free(d->block);
    free(d);
}
