/* template_units.c -- numbers with their units. */
#include "wiki/template_units.h"

#include <stdio.h>
#include <string.h>

#include "wiki/context.h"
#include "wiki/template_functions.h"

bool template_val(struct buf *to, const struct template_call *call, const char *parameter)
{
    static const char *const names[] = {"u", "ul", "up", "upl"};
    size_t len;
    const char *text = template_positional(&len, call, 1);
    const size_t from = to->len;

    (void)parameter;
    buf_put(to, text, len);
    text = template_positional(&len, call, 2);
    if (len) {
        buf_put_text(to, "±");
        buf_put(to, text, len);
    }
    text = template_value(&len, call, "e");
    if (len) {
        buf_put_text(to, to->len > from ? "×10^" : "10^");
        buf_put(to, text, len);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        text = template_value(&len, call, names[i]);
        if (!len)
            continue;
        buf_put_byte(to, i < 2 ? ' ' : '/');
        buf_put(to, text, len);
    }
    return to->len > from;
}

bool template_unit(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *text;
    bool word = true; /* a unit is followed by its power, a digit */

    (void)parameter;
    template_formatnum(to, call, NULL);
    for (size_t i = 2; i <= 6; i++) {
        text = template_positional(&len, call, i);
        word = len && ((text[0] < '0' || text[0] > '9') && text[0] != '-');
        if (word)
            buf_put_byte(to, ' ');
        if (len)
            buf_put(to, text, len);
    }
    return true;
}

bool template_fraction(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t n[3];
    const char *part[3];

    (void)parameter;
    for (size_t i = 0; i < 3; i++)
        part[i] = template_positional(&n[i], call, i + 1);
    if (!n[0])
        return false;
    if (!n[1])
        buf_put_text(to, "1/");
    buf_put(to, part[0], n[0]);
    if (n[1]) {
        buf_put_byte(to, n[2] ? ' ' : '/');
        buf_put(to, part[1], n[1]);
    }
    if (n[2]) {
        buf_put_byte(to, '/');
        buf_put(to, part[2], n[2]);
    }
    return true;
}

bool template_ordinal(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *text = template_positional(&len, call, 1);
    const char *suffix = "th";

    (void)parameter;
    if (!len)
        return false;
    if (len < 2 || text[len - 2] != '1')
        suffix = text[len - 1] == '1'   ? "st"
                 : text[len - 1] == '2' ? "nd"
                 : text[len - 1] == '3' ? "rd"
                                        : "th";
    buf_put(to, text, len);
    buf_put_text(to, suffix);
    return true;
}

bool template_height(struct buf *to, const struct template_call *call, const char *parameter)
{
    static const char *const names[] = {"m", "cm", "ft", "in"};
    const size_t from = to->len;
    size_t len;
    const char *text = template_positional(&len, call, 1);

    (void)parameter;
    if (len) { /* {{Höhe|3776|JP}} */
        buf_put(to, text, len);
        buf_put_text(to, " m");
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        text = template_value(&len, call, names[i]);
        if (!len)
            continue;
        if (to->len > from)
            buf_put_byte(to, ' ');
        buf_put(to, text, len);
        buf_put_byte(to, ' ');
        buf_put_text(to, names[i]);
    }
    return to->len > from;
}

bool template_gauge(struct buf *to, const struct template_call *call, const char *parameter)
{
    size_t len;
    const char *text = template_positional(&len, call, 1);

    (void)parameter;
    for (size_t i = 0; i < len; i++) {
        const bool letter = (text[i] | 32) >= 'a' && (text[i] | 32) <= 'z';
        const bool digit = text[i] >= '0' && text[i] <= '9';
        if (i > 0 && letter && text[i - 1] >= '0' && text[i - 1] <= '9')
            buf_put_byte(to, ' ');
        if (i > 0 && digit && (text[i - 1] | 32) >= 'a' && (text[i - 1] | 32) <= 'z')
            buf_put_byte(to, ' ');
        buf_put_byte(to, text[i]);
    }
    if (len && text[len - 1] >= '0' && text[len - 1] <= '9')
        buf_put_text(to, " mm");
    return len > 0;
}

/* Wikis that write the sign of a currency before the number. */
static bool is_sign_first(const struct template_call *call)
{
    static const char first[] = " en simple ja zh ko hi ";
    const char *language = call->page->site->language;
    char padded[16];

    if (!language)
        return true;
    snprintf(padded, sizeof padded, " %s ", language);
    return strstr(first, padded) != NULL;
}

bool template_money(struct buf *to, const struct template_call *call, const char *parameter)
{
    const bool first = is_sign_first(call);

    if (first)
        buf_put_text(to, parameter);
    if (template_formatnum(to, call, NULL) && !first)
        buf_put_byte(to, ' ');
    if (!first)
        buf_put_text(to, parameter);
    return true;
}
