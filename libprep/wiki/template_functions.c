/* template_functions.c -- parser functions. */
#include "wiki/template_functions.h"

#include <stdlib.h>
#include <string.h>

#include "wiki/context.h"
#include "wiki/template_expression.h"

/* The k-th argument as it was written, from 1, with its "name=" if it has one. */
static const char *whole(size_t *len, const struct template_call *call, size_t k)
{
    const struct template_arg *a;

    *len = 0;
    if (k > call->n_args)
        return "";
    a = &call->args[k - 1];
    *len = a->name ? (size_t)(a->value + a->len - a->name) : a->len;
    return a->name ? a->name : a->value;
}

static bool put_whole(struct buf *to, const struct template_call *call, size_t k)
{
    size_t len;
    const char *text = whole(&len, call, k);

    buf_put(to, text, len);
    return len > 0;
}

bool template_if(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;

    (void)parameter;
    whole(&len, call, 1);
    return put_whole(to, call, len ? 2 : 3);
}

static bool is_number(double *value, const char *text, size_t n)
{
    char copy[48], *end;

    if (!n || n >= sizeof copy || !text[0] || !strchr("+-.0123456789", text[0]))
        return false;
    memcpy(copy, text, n);
    copy[n] = 0;
    *value = strtod(copy, &end);
    return end == copy + n;
}

/* Numbers are equal by value, "01" and "1.0". */
static bool is_equal(const char *a, size_t n_a, const char *b, size_t n_b)
{
    double x, y;

    if (n_a == n_b && memcmp(a, b, n_a) == 0)
        return true;
    return is_number(&x, a, n_a) && is_number(&y, b, n_b) && x == y;
}

bool template_ifeq(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n_first, n_second;
    const char *first = whole(&n_first, call, 1), *second = whole(&n_second, call, 2);

    (void)parameter;
    return put_whole(to, call, is_equal(first, n_first, second, n_second) ? 3 : 4);
}

bool template_expr(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n;
    double value;
    const char *text = whole(&n, call, 1);

    (void)parameter;
    if (!n || expression_value(&value, text, n) < 0)
        return false;
    expression_put(to, value);
    return true;
}

bool template_ifexpr(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n;
    double value;
    const char *text = whole(&n, call, 1);

    (void)parameter;
    if (expression_value(&value, text, n) < 0)
        return false;
    return put_whole(to, call, value != 0 ? 2 : 3);
}

/* What could not be evaluated has come out empty. */
bool template_iferror(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n;

    (void)parameter;
    whole(&n, call, 1);
    if (!n)
        return put_whole(to, call, 2);
    return put_whole(to, call, call->n_args > 2 ? 3 : 1);
}

bool template_pad(struct buf *to, const struct template_call *call, const char *parameter)
{
    enum { MAX_PADDED = 100 };
    size_t n, n_width, n_fill;
    const char *text = whole(&n, call, 1), *width = whole(&n_width, call, 2);
    const char *fill = whole(&n_fill, call, 3);
    double wanted = 0;
    size_t missing;

    if (!is_number(&wanted, width, n_width) || wanted > MAX_PADDED || wanted < 0)
        wanted = 0;
    missing = (size_t)wanted > n ? (size_t)wanted - n : 0;
    if (parameter[0] == 'r')
        buf_put(to, text, n);
    for (size_t i = 0; i < missing; i++)
        buf_put_byte(to, n_fill && (unsigned char)fill[0] < 0x80 ? fill[i % n_fill] : '0');
    if (parameter[0] != 'r')
        buf_put(to, text, n);
    return n + missing > 0;
}

bool template_titleparts(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n, n_count, n_first, start = 0;
    const char *text = whole(&n, call, 1), *count_text = whole(&n_count, call, 2);
    const char *first_text = whole(&n_first, call, 3);
    double count = 0, first = 1;

    (void)parameter;
    is_number(&count, count_text, n_count);
    is_number(&first, first_text, n_first);
    if (count < 0 || first < 0) /* counted from the end: not needed in articles */
        return false;
    for (; first > 1 && start < n; first--) {
        const char *slash = memchr(text + start, '/', n - start);
        start = slash ? (size_t)(slash - text) + 1 : n;
    }
    for (size_t end = start; end <= n; end++) {
        if ((end == n || text[end] == '/') && (--count == 0 || end == n)) {
            buf_put(to, text + start, end - start);
            return end > start;
        }
    }
    return false;
}

bool template_tag(struct buf *to, const struct template_call *call, const char *parameter)
{
    static const char shown[] =
        " nowiki poem span div blockquote small sub sup i b p u s center pre ";
    size_t n;
    const char *name = whole(&n, call, 1);

    (void)parameter;
    for (const char *p = shown; *++p && n;) {
        const size_t len = strcspn(p, " ");
        if (len == n && memcmp(p, name, n) == 0)
            return put_whole(to, call, 2);
        p += len;
    }
    return false;
}

/* {{#switch: x | a | b = for a and b | #default = else }} */
bool template_switch(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n_key;
    const char *key = whole(&n_key, call, 1);
    const struct template_arg *chosen = NULL, *fallback = NULL;
    bool matched = false;

    (void)parameter;
    for (size_t i = 1; i < call->n_args && !chosen; i++) {
        const struct template_arg *a = &call->args[i];
        const char *test = a->name ? a->name : a->value;
        const size_t n_test = a->name ? a->name_len : a->len;
        matched = matched || is_equal(test, n_test, key, n_key);
        if (a->name && matched)
            chosen = a;
        else if (a->name && n_test == 8 && memcmp(test, "#default", 8) == 0)
            fallback = a;
        else if (!a->name && i + 1 == call->n_args)
            fallback = a;
    }
    if (!chosen)
        chosen = fallback;
    if (chosen)
        buf_put(to, chosen->value, chosen->len);
    return chosen && chosen->len;
}

/* The other case of a two-byte letter: Latin-1, Greek, Cyrillic, and the pairs of Latin Extended. */
static unsigned other_case(unsigned c, bool lower)
{
    const unsigned up = lower ? c : c - 32;

    if ((up >= 0xc0 && up <= 0xde && up != 0xd7) || (up >= 0x391 && up <= 0x3a9) ||
        (up >= 0x410 && up <= 0x42f))
        return lower ? c + 32 : c - 32;
    if (lower ? c >= 0x400 && c <= 0x40f : c >= 0x450 && c <= 0x45f)
        return lower ? c + 80 : c - 80;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177))
        return lower ? c | 1 : c & ~1u;
    return c;
}

bool template_case(struct buf *to, const struct template_call *call, const char *parameter)
{
    const size_t from = to->len;
    const bool lower = parameter[0] == 'l', first = strstr(parameter, "first") != NULL;

    put_whole(to, call, 1);
    for (size_t i = from; i < to->len && (!first || i == from); i++) {
        const unsigned char c = (unsigned char)to->data[i];
        if (lower && c >= 'A' && c <= 'Z') {
            to->data[i] = (char)(c + 32);
        } else if (!lower && c >= 'a' && c <= 'z') {
            to->data[i] = (char)(c - 32);
        } else if (c >= 0xc3 && c < 0xd8 && i + 1 < to->len) {
            const unsigned code =
                other_case((c & 31u) << 6 | ((unsigned char)to->data[i + 1] & 63u), lower);
            to->data[i] = (char)(0xc0 | code >> 6);
            to->data[i + 1] = (char)(0x80 | (code & 63));
            i += !first;
        }
    }
    return to->len > from;
}

/* What stands between groups of three digits in a language, and before the fraction. */
static const char *group_sign(const struct site *site, const char **point)
{
    static const char dots[] = " de es it nl pt tr id da el ro hr sr sl vi ca gl eu ";
    static const char blanks[] = " fr ru uk pl cs sk sv nb no nn fi hu bg lt lv et be hy ka eo ";
    char padded[16] = " ";
    const size_t len = site && site->language ? strcspn(site->language, "-_") : 0;

    *point = ".";
    if (len == 0 || len > 8)
        return ",";
    memcpy(padded + 1, site->language, len);
    memcpy(padded + 1 + len, " ", 2);
    if (strstr(dots, padded)) {
        *point = ",";
        return ".";
    }
    if (strstr(blanks, padded)) {
        *point = ",";
        return " ";
    }
    return ",";
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool template_formatnum(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len, digits = 0, at = 0;
    const char *text = template_positional(&len, call, 1);
    const char *point, *sign = group_sign(call->page->site, &point);

    if (parameter && call->n_args > 1 && call->args[1].len == 1 && call->args[1].value[0] == 'R') {
        for (size_t i = 0; i < len; i++) { /* back to plain figures */
            if (text[i] != ',')
                buf_put_byte(to, text[i]);
        }
        return len > 0;
    }
    while (at < len && !is_digit(text[at]))
        at++;
    buf_put(to, text, at);
    while (at + digits < len && is_digit(text[at + digits]))
        digits++;
    for (size_t i = 0; i < digits; i++) {
        buf_put_byte(to, text[at + i]);
        if ((digits - i) % 3 == 1 && i + 1 < digits && digits > 3)
            buf_put_text(to, sign);
    }
    at += digits;
    if (at + 1 < len && text[at] == '.' && is_digit(text[at + 1])) {
        buf_put_text(to, point);
        at++;
    }
    buf_put(to, text + at, len - at);
    return len > 0;
}

bool template_plural(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *count = whole(&len, call, 1);

    (void)parameter;
    return put_whole(to, call, len == 1 && count[0] == '1' ? 2 : call->n_args < 3 ? 2 : 3);
}

bool template_pagename(struct buf *to, const struct template_call *call, const char *parameter)
{
    (void)parameter;
    if (!call->page->title || !call->page->title[0])
        return false;
    buf_put_text(to, call->page->title);
    return true;
}
