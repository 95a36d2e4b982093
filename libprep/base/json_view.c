/* json_view.c -- one pass over the bytes. What is refused, and the few things that are rather left to
 * the plain parser, are parsed by that once more: it has the last word and the message. */
#include "base/json_view.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    MAX_DEPTH = 2048,  /* as the plain parser */
    FEW_MEMBERS = 16,  /* are compared each with each */
    SURE_DIGITS = 18,  /* fit into an int64_t */
    BYTES_A_NODE = 16, /* a guess */
    WORD = 8
};

struct reading {
    struct json_view *view;
    const char *at, *end;
    char *to; /* where the next text goes */
    size_t depth;
    bool in_doubt; /* whether the plain parser takes it */
};

static bool read_value(struct reading *r);

static void skip_space(struct reading *r)
{
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t'))
        r->at++;
}

/* Takes the byte c when it comes next, white space apart. */
static bool take(struct reading *r, char c)
{
    skip_space(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* Returns its index: nodes move. */
static size_t new_node(struct reading *r, enum json_kind kind)
{
    struct json_view *v = r->view;

    if (v->n_nodes == v->cap) {
        v->cap = mem_grow(v->cap, v->n_nodes + 1);
        v->nodes = mem_resize(v->nodes, v->cap, sizeof *v->nodes);
    }
    v->nodes[v->n_nodes] = (struct json_node){.kind = kind, .span = 1};
    return v->n_nodes++;
}

/* ---- texts ---- */

/* Whether one of 8 bytes is a quote, a backslash, a control character or not ASCII; sometimes also
 * without one. */
static bool is_special_word(const char *bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t x;
    uint64_t quote;
    uint64_t escape;

    memcpy(&x, bytes, sizeof x);
    quote = x ^ ones * '"';
    escape = x ^ ones * '\\';
    return ((x | (x - ones * ' ') | (quote - ones) | (escape - ones)) & ones * 0x80) != 0;
}

static bool is_plain(char c)
{
    return (unsigned char)c >= ' ' && (unsigned char)c < 0x80 && c != '"' && c != '\\';
}

static void copy_plain(struct reading *r)
{
    while (r->end - r->at >= WORD && !is_special_word(r->at)) {
        memcpy(r->to, r->at, WORD);
        r->at += WORD;
        r->to += WORD;
    }
    while (r->at < r->end && is_plain(*r->at))
        *r->to++ = *r->at++;
}

/* Bytes of the character of two or more that begins here (Unicode 14, table 3-7); 0 when it is none. */
static size_t utf8_length(const char *text, size_t left)
{
    const unsigned char *at = (const unsigned char *)text;
    const unsigned lead = at[0];
    const size_t n = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const unsigned low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;

    if (lead < 0xc2 || lead > 0xf4 || left < n || at[1] < low || at[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

/* Four hexadecimal digits. */
static bool read_unit(unsigned *unit, struct reading *r)
{
    if (r->end - r->at < 4)
        return false;
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        const char c = *r->at++;
        const unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
                               : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
                               : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
                                                      : 16;

        if (digit == 16)
            return false;
        *unit = *unit << 4 | digit;
    }
    return true;
}

static void put_point(struct reading *r, unsigned point)
{
    const unsigned n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (unsigned i = n; i-- > 1; point >>= 6)
        r->to[i] = (char)(0x80 | (point & 0x3f));
    r->to[0] = (char)(leads[n] | point);
    r->to += n;
}

/* Behind \u: one unit or a pair of surrogates. */
static bool read_point(struct reading *r)
{
    unsigned point;
    unsigned low;

    if (!read_unit(&point, r) || (point >= 0xdc00 && point < 0xe000))
        return false;
    if (point >= 0xd800 && point < 0xdc00) {
        if (r->end - r->at < 2 || r->at[0] != '\\' || r->at[1] != 'u')
            return false;
        r->at += 2;
        if (!read_unit(&low, r) || low < 0xdc00 || low > 0xdfff)
            return false;
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    put_point(r, point);
    return true;
}

/* Behind a backslash. */
static bool read_escape(struct reading *r)
{
    static const char names[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    const char c = r->at < r->end ? *r->at++ : '\0';
    const char *name = c ? strchr(names, c) : NULL;

    if (c == 'u')
        return read_point(r);
    if (name)
        *r->to++ = bytes[name - names];
    return name != NULL;
}

/* Behind the quote. A text without its quotes and with a zero byte is no longer than it was. */
static bool read_text(struct reading *r)
{
    const size_t node = new_node(r, JSON_KIND_TEXT);
    char *start = r->to;

    for (;;) {
        size_t n;

        copy_plain(r);
        if (r->at == r->end)
            return false;
        if (*r->at == '"')
            break;
        if (*r->at == '\\') {
            r->at++;
            if (!read_escape(r))
                return false;
            continue;
        }
        n = utf8_length(r->at, (size_t)(r->end - r->at));
        if (n == 0)
            return false;
        memcpy(r->to, r->at, n);
        r->at += n;
        r->to += n;
    }
    r->at++;
    r->view->nodes[node].text = start;
    r->view->nodes[node].count = (uint32_t)(r->to - start);
    *r->to++ = '\0';
    return true;
}

/* ---- other values ---- */

static size_t read_digits(uint64_t *value, struct reading *r)
{
    const char *start = r->at;

    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
        *value = *value * 10 + (uint64_t)(*r->at - '0');
    return (size_t)(r->at - start);
}

/* Reals have no value here: nobody asks for it. */
static bool read_number(struct reading *r)
{
    const bool negative = *r->at == '-';
    uint64_t value = 0;
    size_t n_digits;
    size_t node;
    bool zero;

    r->at += negative;
    zero = r->at < r->end && *r->at == '0';
    n_digits = read_digits(&value, r);
    if (n_digits == 0 || (zero && n_digits > 1))
        return false;
    node = new_node(r, JSON_KIND_INT);
    r->view->nodes[node].value = (int64_t)(negative ? 0 - value : value);
    if (n_digits > SURE_DIGITS)
        r->in_doubt = true;
    if (r->at < r->end && (*r->at == '.' || *r->at == 'e' || *r->at == 'E')) {
        r->in_doubt = true;
        r->view->nodes[node] = (struct json_node){.kind = JSON_KIND_REAL, .span = 1};
        while (r->at < r->end && *r->at && strchr("0123456789.eE+-", *r->at))
            r->at++;
    }
    return true;
}

static bool read_word(struct reading *r, const char *word, enum json_kind kind, int64_t value)
{
    const size_t n = strlen(word);
    size_t node;

    if ((size_t)(r->end - r->at) < n || memcmp(r->at, word, n) != 0)
        return false;
    r->at += n;
    node = new_node(r, kind);
    r->view->nodes[node].value = value;
    return true;
}

static void close_node(struct reading *r, size_t node, uint32_t count)
{
    r->view->nodes[node].count = count;
    r->view->nodes[node].span = (uint32_t)(r->view->n_nodes - node);
    r->depth--;
}

static bool read_list(struct reading *r)
{
    const size_t node = new_node(r, JSON_KIND_LIST);
    uint32_t count = 0;

    if (!take(r, ']')) {
        do {
            if (!read_value(r))
                return false;
            count++;
        } while (take(r, ','));
        if (!take(r, ']'))
            return false;
    }
    close_node(r, node, count);
    return true;
}

static bool is_key(const struct json_node *key, const char *text, size_t n)
{
    return key->count == n && !memcmp(key->text, text, n);
}

static bool has_twins(const struct json_node *map)
{
    const struct json_node *key = map + 1;

    for (uint32_t i = 0; i < map->count; i++, key = json_node_next(key + 1)) {
        const struct json_node *other = map + 1;

        for (uint32_t k = 0; k < i; k++, other = json_node_next(other + 1))
            if (is_key(other, key->text, key->count))
                return true;
    }
    return false;
}

static bool read_key(struct reading *r)
{
    const size_t node = r->view->n_nodes;

    if (!take(r, '"') || !read_text(r))
        return false;
    return !memchr(r->view->nodes[node].text, '\0', r->view->nodes[node].count);
}

static bool read_map(struct reading *r)
{
    const size_t node = new_node(r, JSON_KIND_MAP);
    uint32_t count = 0;

    if (!take(r, '}')) {
        do {
            if (!read_key(r) || !take(r, ':') || !read_value(r))
                return false;
            count++;
        } while (take(r, ','));
        if (!take(r, '}'))
            return false;
    }
    close_node(r, node, count);
    if (count > FEW_MEMBERS)
        r->in_doubt = true;
    return count > FEW_MEMBERS || !has_twins(&r->view->nodes[node]);
}

static bool read_value(struct reading *r)
{
    skip_space(r);
    if (r->at == r->end)
        return false;
    switch (*r->at) {
    case '"':
        r->at++;
        return read_text(r);
    case '{':
        r->at++;
        return ++r->depth <= MAX_DEPTH && read_map(r);
    case '[':
        r->at++;
        return ++r->depth <= MAX_DEPTH && read_list(r);
    case 't':
        return read_word(r, "true", JSON_KIND_BOOL, 1);
    case 'f':
        return read_word(r, "false", JSON_KIND_BOOL, 0);
    case 'n':
        return read_word(r, "null", JSON_KIND_NULL, 0);
    default:
        return read_number(r);
    }
}

/* ---- all ---- */

int json_view_parse(struct json_view *v, const char *json, size_t n, struct err *err)
{
    struct reading r = {.view = v, .at = json, .end = json + n};
    struct json *plain;
    bool whole;

    *v = (struct json_view){0};
    if (n > JSON_VIEW_MAX)
        return err_set(err, ERR_LIMIT, "over %d bytes of JSON", JSON_VIEW_MAX);
    v->cap = n / BYTES_A_NODE + 1;
    v->nodes = mem_resize(NULL, v->cap, sizeof *v->nodes);
    v->texts = r.to = mem_resize(NULL, n + 1, 1);
    whole = read_value(&r);
    skip_space(&r);
    whole = whole && r.at == r.end;
    if (whole && !r.in_doubt)
        return 0;
    plain = json_parse(json, n, err);
    if (plain && !whole)
        err_set(err, ERR_FORMAT, "byte %zu: not JSON", (size_t)(r.at - json) + 1);
    json_release(plain);
    if (plain && whole)
        return 0;
    json_view_release(v);
    return -1;
}

void json_view_release(struct json_view *v)
{
    free(v->nodes);
    free(v->texts);
    *v = (struct json_view){0};
}

const struct json_node *json_node_next(const struct json_node *node)
{
    return node + node->span;
}

const struct json_node *json_node_member(const struct json_node *map, const char *key)
{
    const size_t n = strlen(key);
    const struct json_node *name = map + 1;

    if (map->kind != JSON_KIND_MAP)
        return NULL;
    for (uint32_t i = 0; i < map->count; i++, name = json_node_next(name + 1))
        if (is_key(name, key, n))
            return name + 1;
    return NULL;
}
