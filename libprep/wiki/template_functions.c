/* template_functions.c -- parser functions. */
#include "wiki/template_functions.h"

#include <string.h>

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

bool template_ifeq(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n_first, n_second;
    const char *first = whole(&n_first, call, 1), *second = whole(&n_second, call, 2);

    (void)parameter;
    return put_whole(to, call, n_first == n_second && memcmp(first, second, n_first) == 0 ? 3 : 4);
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
        matched = matched || (n_test == n_key && memcmp(test, key, n_key) == 0);
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

bool template_case(struct buf *to, const struct template_call *call, const char *parameter)
{
    const size_t from = to->len;
    const bool lower = parameter[0] == 'l', first = strstr(parameter, "first") != NULL;

    put_whole(to, call, 1);
    for (size_t i = from; i < to->len && (!first || i == from); i++) {
        const char c = to->data[i];
        if (lower && c >= 'A' && c <= 'Z')
            to->data[i] = (char)(c + 32);
        else if (!lower && c >= 'a' && c <= 'z')
            to->data[i] = (char)(c - 32);
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
    const char *point, *sign = group_sign(call->site, &point);

    (void)parameter;
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
    if (!call->title || !call->title[0])
        return false;
    buf_put_text(to, call->title);
    return true;
}
