/* articles.c -- a pull parser for the outer nesting; single values go through base/json. */
#include "squad/articles.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/source.h"

enum { BLOCK_SIZE = 1 << 16, MAX_KEY = 1 << 12 };

/* What we are inside of; `fresh` says that no member or item was read yet. */
enum place { BEFORE, IN_FILE, IN_DATA, IN_ARTICLE, IN_PARAGRAPHS, AFTER };

struct articles {
    struct source *source;
    char *block; /* (BLOCK_SIZE), unread in [at, end) */
    size_t at, end;
    uint64_t taken; /* bytes of the blocks before this one */
    enum place place;
    bool fresh;
    bool has_data; /* "data" was there */
    bool has_paragraphs;
    uint64_t n_articles;
    uint64_t n_paragraphs; /* of this article */
    struct articles_place where;
    struct buf value; /* scratch for keys and small values */
    char *title;
    char *version;
};

static uint64_t byte_at(const struct articles *a)
{
    return a->taken + a->at;
}

static int fail(const struct articles *a, struct err *err, const char *what)
{
    return err_set(err, ERR_FORMAT, "%s: byte %llu: %s", source_name(a->source),
                   (unsigned long long)byte_at(a), what);
}

/* Bytes to read at a->at: 1, 0 at the end, -1 with err. */
static int fill(struct articles *a, struct err *err)
{
    int64_t n;

    if (a->at < a->end)
        return 1;
    a->taken += a->end;
    a->at = a->end = 0;
    n = source_read(a->source, a->block, BLOCK_SIZE, err);
    if (n <= 0)
        return (int)n;
    a->end = (size_t)n;
    return 1;
}

struct articles *articles_open(const char *path, struct err *err)
{
    struct source *source = source_open(path, err);
    struct articles *a;

    if (!source)
        return NULL;
    a = mem_alloc(sizeof *a);
    a->source = source;
    a->block = mem_alloc(BLOCK_SIZE);
    a->title = mem_text("");
    a->version = mem_text("");
    if (fill(a, err) < 0) {
        articles_close(a);
        return NULL;
    }
    if (a->end >= 3 &&
        !memcmp(a->block, "\xef\xbb\xbf", 3)) /* the mark some editors put in front */
        a->at = 3;
    return a;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next byte that is no white space, not taken: 1, 0 at the end, -1 with err. */
static int peek(struct articles *a, char *c, struct err *err)
{
    int rc;

    while ((rc = fill(a, err)) == 1) {
        while (a->at < a->end && is_space(a->block[a->at]))
            a->at++;
        if (a->at < a->end) {
            *c = a->block[a->at];
            return 1;
        }
    }
    return rc;
}

/* Takes the byte c, which must come next. */
static int expect(struct articles *a, char c, struct err *err)
{
    char what[] = "expected '?'";
    char found = 0;
    const int rc = peek(a, &found, err);

    if (rc < 0)
        return -1;
    if (rc == 0)
        return fail(a, err, "the file ends too early");
    what[10] = c;
    if (found != c)
        return fail(a, err, what);
    a->at++;
    return 0;
}

/* How far the copying of a value has come. */
struct copying {
    size_t depth; /* of braces and brackets */
    bool in_text;
    bool escaped;
    bool begun;
};

/* Looks at one byte of the value: 1 = it belongs to it, and more may follow; 2 = it is its last; 0 =
 * the value ended before it. */
static int look(struct copying *v, char c)
{
    const bool first = !v->begun;

    v->begun = true;
    if (v->in_text) {
        if (v->escaped)
            v->escaped = false;
        else if (c == '\\')
            v->escaped = true;
        else if (c == '"')
            v->in_text = false;
        return !v->in_text && v->depth == 0 ? 2 : 1;
    }
    switch (c) {
    case '"':
        if (!first && v->depth == 0)
            return 0;
        v->in_text = true;
        return 1;
    case '{':
    case '[':
        if (!first && v->depth == 0)
            return 0;
        v->depth++;
        return 1;
    case '}':
    case ']':
        if (v->depth == 0)
            return 0;
        return --v->depth == 0 ? 2 : 1;
    case ',':
    case ':':
        return v->depth > 0;
    default:
        return v->depth > 0 || !is_space(c);
    }
}

/* Where a quote or a backslash stands, or `end`. */
static size_t end_of_plain(const char *block, size_t at, size_t end)
{
    while (at < end && block[at] != '"' && block[at] != '\\')
        at++;
    return at;
}

/* Appends the bytes of the next value as they are: whether they are JSON is for json_parse(). */
static int copy_value(struct articles *a, struct buf *to, size_t max, struct err *err)
{
    struct copying v = {0};
    int more = 1;
    char c;
    int rc = peek(a, &c, err);

    while (more == 1 && rc > 0) {
        const size_t from = a->at;

        while (a->at < a->end && more == 1) {
            if (v.in_text && !v.escaped) {
                a->at = end_of_plain(a->block, a->at, a->end);
                if (a->at == a->end)
                    break;
            }
            more = look(&v, a->block[a->at]);
            a->at += more > 0;
        }
        if (buf_put_max(to, a->block + from, a->at - from, max, err) < 0)
            return err_in(err, "%s: byte %llu", source_name(a->source),
                          (unsigned long long)byte_at(a));
        if (more == 1)
            rc = fill(a, err);
    }
    if (rc < 0)
        return -1;
    if (more == 1 && (v.depth > 0 || v.in_text || !v.begun))
        return fail(a, err, "the file ends too early");
    return 0;
}

/* A value of which we have no use, or a small one that we want: parsed, so that it is JSON. */
static struct json *small_value(struct articles *a, size_t max, struct err *err)
{
    const uint64_t byte = byte_at(a);
    struct json *value;

    buf_clear(&a->value);
    if (copy_value(a, &a->value, max, err) < 0)
        return NULL;
    value = json_parse(a->value.data ? a->value.data : "", a->value.len, err);
    if (!value)
        err_in(err, "%s: byte %llu", source_name(a->source), (unsigned long long)byte);
    return value;
}

/* Whether another member or item follows in what we are in; its end is taken. */
static int more(struct articles *a, char close, struct err *err)
{
    char c;
    const int rc = peek(a, &c, err);

    if (rc < 0)
        return -1;
    if (rc == 0)
        return fail(a, err, "the file ends too early");
    if (c == close) {
        a->at++;
        a->fresh = false;
        return 0;
    }
    if (a->fresh) {
        a->fresh = false;
        return 1;
    }
    return expect(a, ',', err) < 0 ? -1 : 1;
}

/* A member's name and the colon; the name lives in *key. */
static int take_key(struct articles *a, struct json **key, struct err *err)
{
    char c;
    const int rc = peek(a, &c, err);

    *key = NULL;
    if (rc < 0)
        return -1;
    if (rc == 0 || c != '"')
        return fail(a, err, "expected a member's name");
    *key = small_value(a, MAX_KEY, err);
    if (!*key)
        return -1;
    return expect(a, ':', err);
}

static int take_text(struct articles *a, char **to, struct err *err)
{
    struct json *value = small_value(a, ARTICLES_MAX_VALUE, err);

    if (!value)
        return -1;
    free(*to);
    *to = mem_text(json_text_or(value, ""));
    json_release(value);
    return 0;
}

static int skip(struct articles *a, struct err *err)
{
    struct json *value = small_value(a, ARTICLES_MAX_VALUE, err);

    json_release(value);
    return value ? 0 : -1;
}

static int enter(struct articles *a, char open, enum place place, struct err *err)
{
    if (expect(a, open, err) < 0)
        return -1;
    a->place = place;
    a->fresh = true;
    return 0;
}

static int in_file(struct articles *a, struct err *err)
{
    struct json *key;
    const char *name;
    int rc = more(a, '}', err);

    if (rc == 0) {
        a->place = AFTER;
        return a->has_data ? 0 : fail(a, err, "there is no member 'data'");
    }
    if (rc < 0)
        return -1;
    rc = take_key(a, &key, err);
    name = json_text_or(key, "");
    if (rc == 0 && !strcmp(name, "data")) {
        rc = a->has_data ? fail(a, err, "'data' is there twice") : enter(a, '[', IN_DATA, err);
        a->has_data = true;
    } else if (rc == 0) {
        rc = !strcmp(name, "version") ? take_text(a, &a->version, err) : skip(a, err);
    }
    json_release(key);
    return rc;
}

static int in_data(struct articles *a, struct err *err)
{
    const int rc = more(a, ']', err);

    if (rc == 0)
        a->place = IN_FILE;
    if (rc <= 0)
        return rc;
    a->where.article = a->n_articles++;
    a->n_paragraphs = 0;
    a->has_paragraphs = false;
    a->title[0] = '\0';
    return enter(a, '{', IN_ARTICLE, err);
}

static int in_article(struct articles *a, struct err *err)
{
    struct json *key;
    const char *name;
    int rc = more(a, '}', err);

    if (rc == 0) {
        a->place = IN_DATA;
        if (a->has_paragraphs)
            return ARTICLES_ARTICLE;
        return fail(a, err, "the article has no member 'paragraphs'");
    }
    if (rc < 0)
        return -1;
    rc = take_key(a, &key, err);
    name = json_text_or(key, "");
    if (rc == 0 && !strcmp(name, "paragraphs")) {
        rc = a->has_paragraphs ? fail(a, err, "'paragraphs' is there twice")
                               : enter(a, '[', IN_PARAGRAPHS, err);
        a->has_paragraphs = true;
    } else if (rc == 0) {
        rc = !strcmp(name, "title") ? take_text(a, &a->title, err) : skip(a, err);
    }
    json_release(key);
    return rc;
}

static int in_paragraphs(struct articles *a, struct buf *paragraph, struct err *err)
{
    char c;
    int rc = more(a, ']', err);

    if (rc == 0)
        a->place = IN_ARTICLE;
    if (rc <= 0)
        return rc;
    rc = peek(a, &c, err);
    if (rc < 0)
        return -1;
    a->where.byte = byte_at(a);
    a->where.paragraph = a->n_paragraphs++;
    if (copy_value(a, paragraph, paragraph->len + ARTICLES_MAX_VALUE, err) < 0)
        return -1;
    return ARTICLES_PARAGRAPH;
}

int articles_next(struct articles *a, struct buf *paragraph, struct err *err)
{
    int rc = 0;

    while (rc == 0) {
        char c;

        switch (a->place) {
        case BEFORE:
            rc = enter(a, '{', IN_FILE, err);
            break;
        case IN_FILE:
            rc = in_file(a, err);
            break;
        case IN_DATA:
            rc = in_data(a, err);
            break;
        case IN_ARTICLE:
            rc = in_article(a, err);
            break;
        case IN_PARAGRAPHS:
            rc = in_paragraphs(a, paragraph, err);
            break;
        case AFTER:
            rc = peek(a, &c, err);
            return rc > 0 ? fail(a, err, "something follows the end of the JSON") : rc;
        }
    }
    return rc;
}

struct articles_place articles_where(const struct articles *a)
{
    return a->where;
}

int articles_err(const struct articles *a, const struct articles_place *at, struct err *err)
{
    return err_in(err, "%s: article %llu, paragraph %llu (byte %llu)", source_name(a->source),
                  (unsigned long long)at->article + 1, (unsigned long long)at->paragraph + 1,
                  (unsigned long long)at->byte);
}

const char *articles_title(const struct articles *a)
{
    return a->title;
}

const char *articles_version(const struct articles *a)
{
    return a->version;
}

uint64_t articles_taken(const struct articles *a)
{
    return source_taken(a->source);
}

uint64_t articles_total(const struct articles *a)
{
    return source_total(a->source);
}

void articles_close(struct articles *a)
{
    if (!a)
        return;
    source_close(a->source);
    buf_release(&a->value);
    free(a->block);
    free(a->title);
    free(a->version);
    free(a);
}
