/* tags.c -- comments, <nowiki>, extension tags and HTML.
 *
 * One table says what becomes of each tag. The end of an element is the next "</name>", as in
 * MediaWiki; where there is none, that fact is remembered, so that a hundred thousand "<ref>"
 * without an end are looked for once. */
#include "wiki/tags.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "wiki/marks.h"

enum { NAME_MAX_LEN = 16 };

enum fate {
    INLINE, /* the tag goes, its text stays */
    BLOCK,  /* the same, and the tag is a paragraph border */
    LINE,   /* <br> */
    DROP,   /* the element goes with all it holds */
    DROP_MARK /* the tag alone goes, as if it were not there */,
    SHIELD,       /* the text stays and is no markup */
    SHIELD_LINES, /* the same, each line a paragraph */
    LINES,        /* the text stays, each line a paragraph */
    NESTED,       /* as DROP, for elements that hold their own kind */
    MATH,         /* by option */
    CODE,         /* by option */
    READING       /* <rt>: in brackets after its word */
};

struct tag {
    char name[NAME_MAX_LEN];
    enum fate fate;
    enum account_class lost; /* what an element that goes is */
};

/* Sorted by name. */
static const struct tag tags[] = {
    {"abbr", INLINE, LOST_TAG},
    {"b", INLINE, LOST_TAG},
    {"bdi", INLINE, LOST_TAG},
    {"bdo", INLINE, LOST_TAG},
    {"big", INLINE, LOST_TAG},
    {"blockquote", BLOCK, LOST_TAG},
    {"br", LINE, LOST_TAG},
    {"caption", BLOCK, LOST_TAG},
    {"categorytree", DROP, LOST_MEDIA},
    {"ce", MATH, LOST_MATH},
    {"center", BLOCK, LOST_TAG},
    {"charinsert", DROP, LOST_MEDIA},
    {"chem", MATH, LOST_MATH},
    {"cite", INLINE, LOST_TAG},
    {"code", INLINE, LOST_TAG},
    {"data", INLINE, LOST_TAG},
    {"dd", BLOCK, LOST_TAG},
    {"del", INLINE, LOST_TAG},
    {"dfn", INLINE, LOST_TAG},
    {"div", BLOCK, LOST_TAG},
    {"dl", BLOCK, LOST_TAG},
    {"dt", BLOCK, LOST_TAG},
    {"em", INLINE, LOST_TAG},
    {"font", INLINE, LOST_TAG},
    {"gallery", DROP, LOST_MEDIA},
    {"graph", DROP, LOST_MEDIA},
    {"h1", BLOCK, LOST_TAG},
    {"h2", BLOCK, LOST_TAG},
    {"h3", BLOCK, LOST_TAG},
    {"h4", BLOCK, LOST_TAG},
    {"h5", BLOCK, LOST_TAG},
    {"h6", BLOCK, LOST_TAG},
    {"hiero", DROP, LOST_MEDIA},
    {"hr", BLOCK, LOST_TAG},
    {"i", INLINE, LOST_TAG},
    {"imagemap", DROP, LOST_MEDIA},
    {"includeonly", DROP, LOST_HIDDEN},
    {"indicator", DROP, LOST_HIDDEN},
    {"inputbox", DROP, LOST_HIDDEN},
    {"ins", INLINE, LOST_TAG},
    {"kbd", INLINE, LOST_TAG},
    {"langconvert", INLINE, LOST_TAG},
    {"li", BLOCK, LOST_TAG},
    {"mapframe", DROP, LOST_MEDIA},
    {"maplink", DROP, LOST_MEDIA},
    {"mark", INLINE, LOST_TAG},
    {"math", MATH, LOST_MATH},
    {"noinclude", DROP_MARK, LOST_TAG},
    {"nowiki", SHIELD, LOST_TAG},
    {"ol", BLOCK, LOST_TAG},
    {"onlyinclude", DROP_MARK, LOST_TAG},
    {"p", BLOCK, LOST_TAG},
    {"poem", LINES, LOST_TAG},
    {"pre", SHIELD_LINES, LOST_TAG},
    {"q", INLINE, LOST_TAG},
    {"ref", DROP, LOST_REFERENCE},
    {"references", DROP, LOST_REFERENCE},
    {"rp", DROP, LOST_HIDDEN},
    {"rt", READING, LOST_TAG},
    {"ruby", INLINE, LOST_TAG},
    {"s", INLINE, LOST_TAG},
    {"samp", INLINE, LOST_TAG},
    {"score", DROP, LOST_MEDIA},
    {"section", DROP_MARK, LOST_TAG},
    {"small", INLINE, LOST_TAG},
    {"source", CODE, LOST_CODE},
    {"span", INLINE, LOST_TAG},
    {"strike", INLINE, LOST_TAG},
    {"strong", INLINE, LOST_TAG},
    {"sub", INLINE, LOST_TAG},
    {"sup", INLINE, LOST_TAG},
    {"syntaxhighlight", CODE, LOST_CODE},
    {"table", NESTED, LOST_TABLE},
    {"tbody", BLOCK, LOST_TAG},
    {"td", BLOCK, LOST_TAG},
    {"templatedata", DROP, LOST_HIDDEN},
    {"templatestyles", DROP, LOST_HIDDEN},
    {"th", BLOCK, LOST_TAG},
    {"tfoot", BLOCK, LOST_TAG},
    {"thead", BLOCK, LOST_TAG},
    {"time", INLINE, LOST_TAG},
    {"timeline", DROP, LOST_MEDIA},
    {"tr", BLOCK, LOST_TAG},
    {"tt", INLINE, LOST_TAG},
    {"u", INLINE, LOST_TAG},
    {"ul", BLOCK, LOST_TAG},
    {"var", INLINE, LOST_TAG},
    {"video", DROP, LOST_MEDIA},
    {"wbr", DROP_MARK, LOST_TAG},
};
enum { N_TAGS = sizeof tags / sizeof tags[0] };

struct scan {
    struct buf *to;
    const char *text;
    size_t n;
    struct context *page;
    bool no_end[N_TAGS]; /* no "</name>" from here on */
    bool no_comment_end;
    uint8_t shield[256]; /* a byte -> its shielded form, or itself */
};

/* "<name attributes>" or "</name>" or "<name/>" as it was read. */
struct found {
    size_t len;  /* in bytes; 0 = this '<' is no tag that we know */
    size_t kind; /* row of `tags` */
    bool closing;
    bool empty;  /* "<ref/>" */
    bool hidden; /* style="display:none" */
};

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static size_t read_name(char *name, const char *text, size_t n)
{
    size_t len = 0;

    while (len < n && len < NAME_MAX_LEN && is_name_byte(text[len])) {
        name[len] = text[len] >= 'A' && text[len] <= 'Z' ? (char)(text[len] + 32) : text[len];
        len++;
    }
    if (len == NAME_MAX_LEN)
        return 0;
    name[len] = 0;
    return len;
}

static size_t find_tag(const char *name)
{
    size_t lo = 0, hi = N_TAGS;

    while (lo < hi) {
        const size_t mid = (lo + hi) / 2;
        const int order = strcmp(name, tags[mid].name);
        if (order == 0)
            return mid;
        if (order < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return N_TAGS;
}

/* Whether the attributes hide the element. */
static bool is_hidden(const char *text, size_t n)
{
    static const char display[] = "display", none[] = "none";

    for (size_t i = 0; i + sizeof display - 1 < n; i++) {
        size_t at = i + sizeof display - 1;
        if (text[i] != 'd' || memcmp(text + i, display, sizeof display - 1) != 0)
            continue;
        while (at < n && (text[at] == ' ' || text[at] == ':'))
            at++;
        if (n - at >= sizeof none - 1 && memcmp(text + at, none, sizeof none - 1) == 0)
            return true;
    }
    return false;
}

/* Reads the tag at text[at] == '<'. A tag ends at its '>' and may hold no other '<'. */
static struct found read_tag(const struct scan *s, size_t at)
{
    struct found f = {0};
    char name[NAME_MAX_LEN];
    size_t i = at + 1, len;
    char quote = 0;

    f.closing = i < s->n && s->text[i] == '/';
    i += f.closing;
    len = read_name(name, s->text + i, s->n - i);
    if (!len || (f.kind = find_tag(name)) == N_TAGS)
        return f;
    len = i + len;
    for (i = len; i < s->n && s->text[i] != '<'; i++) {
        const char c = s->text[i];
        if (quote ? c == quote : c == '"' && i > len && s->text[i - 1] == '=')
            quote = quote ? 0 : c;
        else if (c == '\n')
            quote = 0;
        else if (c == '>' && !quote)
            break;
    }
    /* A quote that was never closed hid the '>': read again without quotes. */
    if (quote && (i >= s->n || s->text[i] != '>')) {
        for (i = len; i < s->n && s->text[i] != '<' && s->text[i] != '>'; i++)
            continue;
    }
    if (i >= s->n || s->text[i] != '>' ||
        (i > len && !strchr(" \t\r\n/\"", s->text[len]) && tags[f.kind].fate != LINE))
        return f;
    f.empty = s->text[i - 1] == '/';
    f.hidden = !f.closing && !f.empty && is_hidden(s->text + len, i - len);
    f.len = i + 1 - at;
    return f;
}

static bool is_end_tag(const char *text, size_t n, const char *name, size_t len)
{
    if (n < len + 3 || text[1] != '/')
        return false;
    for (size_t i = 0; i < len; i++) {
        const char c = text[2 + i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != name[i])
            return false;
    }
    return !is_name_byte(text[2 + len]);
}

/* Finds "</name>" from `from` on: its place in *at and the byte after it in *after. */
static bool find_end(struct scan *s, size_t *at, size_t *after, size_t kind, size_t from)
{
    const char *name = tags[kind].name;
    const size_t len = strlen(name);

    while (!s->no_end[kind]) {
        const char *p = from < s->n ? memchr(s->text + from, '<', s->n - from) : NULL;
        const char *close;
        if (!p)
            break;
        from = (size_t)(p - s->text);
        if (is_end_tag(p, s->n - from, name, len)) {
            close = memchr(p, '>', s->n - from);
            *at = from;
            *after = close ? (size_t)(close - s->text) + 1 : s->n;
            return true;
        }
        from++;
    }
    s->no_end[kind] = true;
    return false;
}

/* The same for an element that may hold its own kind. */
static bool find_nested_end(struct scan *s, size_t *after, size_t kind, size_t from)
{
    size_t depth = 1, at;

    for (at = from; at < s->n && !s->no_end[kind]; at++) {
        const char *p = memchr(s->text + at, '<', s->n - at);
        struct found f;
        if (!p)
            break;
        at = (size_t)(p - s->text);
        f = read_tag(s, at);
        if (!f.len || f.kind != kind)
            continue;
        depth = f.closing ? depth - 1 : depth + !f.empty;
        if (depth == 0) {
            *after = at + f.len;
            return true;
        }
    }
    s->no_end[kind] = true;
    return false;
}

static void put_shielded(struct scan *s, size_t from, size_t end, bool lines)
{
    for (size_t i = from; i < end; i++) {
        const unsigned char c = (unsigned char)s->text[i];
        if (c == '\n' && lines)
            buf_put(s->to, "\n\n", 2);
        else if (c == '\n')
            buf_put_byte(s->to, ' ');
        else if (c >= 0x20 || c == '\t')
            buf_put_byte(s->to, (char)s->shield[c]);
    }
}

static void put_border(struct scan *s)
{
    buf_put(s->to, "\n\n", 2);
}

static void lose(struct scan *s, enum account_class c, size_t from, size_t end)
{
    account_lose(&s->page->account, c, s->text + from, end - from);
}

/* A comment: alone on its line it takes the line along, as in MediaWiki. */
static size_t skip_comment(struct scan *s, size_t at)
{
    size_t end = at + 4, line = s->to->len;

    while (!s->no_comment_end) {
        const char *p = end < s->n ? memchr(s->text + end, '>', s->n - end) : NULL;
        if (!p) {
            s->no_comment_end = true;
            break;
        }
        end = (size_t)(p - s->text) + 1;
        if (p[-1] == '-' && p[-2] == '-' && end - at >= 7)
            break;
    }
    lose(s, LOST_COMMENT, at, s->no_comment_end ? s->n : end);
    if (s->no_comment_end)
        return s->n; /* a comment without an end hides the rest of the page */
    while (line > 0 && (s->to->data[line - 1] == ' ' || s->to->data[line - 1] == '\t'))
        line--;
    if (line == 0 || s->to->data[line - 1] == '\n') {
        size_t next = end;
        while (next < s->n && (s->text[next] == ' ' || s->text[next] == '\t'))
            next++;
        if (next < s->n && s->text[next] == '\n') {
            s->to->len = line;
            return next + 1;
        }
    }
    return end;
}

/* A formula or a piece of code, from `body` to `end`, as the options want it. Returns
 * whether its text stays. */
static bool put_by_option(struct scan *s, enum fate fate, size_t body, size_t end)
{
    const struct options *o = s->page->options;

    if (fate == MATH && o->math == MATH_TEX) {
        put_shielded(s, body, end, false);
    } else if (fate == MATH && o->math == MATH_PLACEHOLDER) {
        static const char sign[] = "[formula]";
        for (size_t i = 0; sign[i]; i++)
            buf_put_byte(s->to, (char)s->shield[(unsigned char)sign[i]]);
        s->page->account.added += sizeof sign - 1;
        return false;
    } else if (fate == CODE && o->code) {
        put_border(s);
        put_shielded(s, body, end, true);
        put_border(s);
    } else {
        return false;
    }
    return true;
}

/* An element whose text is no wikitext, or goes: the byte after it. */
static size_t skip_element(struct scan *s, size_t at, const struct found *f)
{
    const enum fate fate = tags[f->kind].fate;
    const size_t body = at + f->len;
    size_t end = 0, after = 0;
    const bool optional = fate == MATH || fate == CODE;
    const bool dropped = fate == DROP || fate == NESTED || optional || f->hidden;

    if (f->closing || f->empty ||
        !(fate == NESTED ? find_nested_end(s, &after, f->kind, body)
                         : find_end(s, &end, &after, f->kind, body))) {
        lose(s, dropped ? tags[f->kind].lost : LOST_TAG, at, body);
        if (dropped && (f->closing || f->empty))
            buf_put_byte(s->to, MARK_DROPPED);
        return body;
    }
    if (!dropped || (optional && !f->hidden && put_by_option(s, fate, body, end))) {
        lose(s, LOST_TAG, at, body);
        lose(s, LOST_TAG, end, after);
    } else {
        lose(s, f->hidden ? LOST_HIDDEN : tags[f->kind].lost, at, after);
    }
    if (dropped) {
        buf_put_byte(s->to, MARK_DROPPED);
        if (fate == NESTED || fate == BLOCK)
            put_border(s);
        return after;
    }
    if (fate == SHIELD_LINES)
        put_border(s);
    put_shielded(s, body, end, fate == SHIELD_LINES);
    if (fate == SHIELD_LINES)
        put_border(s);
    return after;
}

/* <poem>: the tag goes, and the newlines of its text become borders. */
static size_t put_lines(struct scan *s, size_t at, const struct found *f)
{
    const size_t body = at + f->len;
    size_t end, after;
    struct buf lines = {0};

    put_border(s);
    lose(s, LOST_TAG, at, body);
    if (f->closing || f->empty || !find_end(s, &end, &after, f->kind, body))
        return body;
    lose(s, LOST_TAG, end, after);
    for (size_t i = body; i < end; i++) {
        buf_put_byte(&lines, s->text[i]);
        if (s->text[i] == '\n')
            buf_put_byte(&lines, '\n');
    }
    tags_strip(s->to, lines.data ? lines.data : "", lines.len, s->page);
    buf_release(&lines);
    put_border(s);
    return after;
}

/* "10<sup>5</sup>" must not become "105". */
static bool is_exponent(const struct scan *s, const struct found *f, size_t at)
{
    const size_t next = at + f->len, len = s->to->len;

    return strcmp(tags[f->kind].name, "sup") == 0 && !f->closing && len > 0 && next + 3 < s->n &&
           s->to->data[len - 1] >= '0' && s->to->data[len - 1] <= '9' &&
           ((s->text[next] >= '0' && s->text[next] <= '9') || s->text[next] == '-' ||
            memcmp(s->text + next, "\xe2\x88\x92", 3) == 0);
}

/* "''a''<sub>''i''</sub>": without its tag, the quotes before and behind it are still two. */
static void keep_quotes_apart(struct scan *s, size_t next)
{
    static const char joiner[] = "\xe2\x81\xa0"; /* has no shape: tidy.c takes it out */

    if (s->to->len && s->to->data[s->to->len - 1] == '\'' && next < s->n && s->text[next] == '\'') {
        buf_put_text(s->to, joiner);
        s->page->account.added += account_chars(joiner, sizeof joiner - 1);
    }
}

static void put_caret(struct scan *s)
{
    buf_put_byte(s->to, '^');
    s->page->account.added++;
}

static size_t take_tag(struct scan *s, size_t at)
{
    struct found f;

    if (s->n - at >= 4 && memcmp(s->text + at, "<!--", 4) == 0)
        return skip_comment(s, at);
    f = read_tag(s, at);
    if (!f.len) {
        buf_put_byte(s->to, '<');
        return at + 1;
    }
    if (f.hidden && (tags[f.kind].fate == INLINE || tags[f.kind].fate == BLOCK))
        return skip_element(s, at, &f);
    if (tags[f.kind].fate <= DROP_MARK && tags[f.kind].fate != DROP)
        lose(s, LOST_TAG, at, at + f.len);
    if (tags[f.kind].fate == NESTED && s->page->options->tables) {
        lose(s, LOST_TAG, at, at + f.len);
        put_border(s);
        return at + f.len;
    }
    switch (tags[f.kind].fate) {
    case READING:
        lose(s, LOST_TAG, at, at + f.len);
        buf_put_text(s->to, f.closing ? ")" : " (");
        s->page->account.added += f.closing ? 1 : 2;
        return at + f.len;
    case INLINE:
        if (is_exponent(s, &f, at))
            put_caret(s);
        keep_quotes_apart(s, at + f.len);
        return at + f.len;
    case DROP_MARK:
        return at + f.len;
    case BLOCK:
        put_border(s);
        return at + f.len;
    case LINE:
        buf_put_byte(s->to, MARK_BREAK);
        return at + f.len;
    case LINES:
        return put_lines(s, at, &f);
    case DROP:
    case MATH:
    case CODE:
    case NESTED:
    case SHIELD:
    case SHIELD_LINES:
        break;
    }
    return skip_element(s, at, &f);
}

static bool is_plain(char c)
{
    return c != '<' && ((unsigned char)c >= 0x20 || c == '\n');
}

/* How many bytes are neither '<' nor a control character; in pieces, of which compilers make vectors. */
static size_t plain_run(const char *text, size_t n)
{
    enum { PIECE = 32 };
    size_t run = 0;

    while (n - run >= PIECE) {
        unsigned char stop = 0;
        for (size_t i = 0; i < PIECE; i++)
            stop |= !is_plain(text[run + i]);
        if (stop)
            break;
        run += PIECE;
    }
    while (run < n && is_plain(text[run]))
        run++;
    return run;
}

void tags_strip(struct buf *to, const char *text, size_t n, struct context *page)
{
    struct scan s = {.to = to, .text = text, .n = n, .page = page};
    size_t at = 0;

    for (int c = 0; c < 256; c++)
        s.shield[c] = (uint8_t)c;
    for (size_t i = 0; SHIELD_PLAIN[i]; i++)
        s.shield[(unsigned char)SHIELD_PLAIN[i]] = (uint8_t)SHIELD_BYTES[i];
    while (at < n) {
        const size_t run = plain_run(text + at, n - at);
        buf_put(to, text + at, run);
        at += run;
        if (at == n)
            break;
        if (text[at] == '<') {
            at = take_tag(&s, at);
            continue;
        }
        if (text[at] == '\t')
            buf_put_byte(to, ' ');
        at++; /* other control characters are not text, and the marks need them */
    }
}
