/* xml_text.c -- character data of XML 1.0, with the same result as expat's. */
#include "wiki/xml_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, REFERENCE_MAX = 12 };

/* Whether a block has nothing but ASCII text, tabs and line feeds. */
static bool is_plain_block(const unsigned char *p)
{
    unsigned bad = 0;

    for (size_t i = 0; i < BLOCK; i++)
        bad |=
            (unsigned)(p[i] >= 0x80) | (unsigned)((p[i] < 0x20) & (p[i] != '\n') & (p[i] != '\t'));
    return !bad;
}

/* The length of the character of several bytes at p, 0 when it is none that XML allows. */
static size_t char_len(const unsigned char *p, size_t n)
{
    const size_t len = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

    if (len == 0 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90))
        return 0;
    if (p[0] == 0xef && p[1] == 0xbf && p[2] >= 0xbe)
        return 0;
    return len;
}

/* Checks the characters; *returns is set when there is a carriage return. */
static bool is_text(const unsigned char *p, size_t n, bool *returns)
{
    for (size_t at = 0; at < n;) {
        if (n - at >= BLOCK && is_plain_block(p + at)) {
            at += BLOCK;
            continue;
        }
        for (const size_t stop = n - at < BLOCK ? n : at + BLOCK; at < stop;) {
            size_t len = 1;
            if (p[at] >= 0x80)
                len = char_len(p + at, n - at);
            else if (p[at] == '\r')
                *returns = true;
            else if (p[at] < 0x20 && p[at] != '\n' && p[at] != '\t')
                return false;
            if (!len)
                return false;
            at += len;
        }
    }
    return true;
}

/* A line ends with '\n', whatever it ended with. */
static size_t join_returns(char *p, size_t n)
{
    size_t to = 0;

    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n')
            continue;
        p[to++] = (char)(p[i] == '\r' ? '\n' : p[i]);
    }
    return to;
}

static size_t put_code(char *to, unsigned long code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xe0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 63));
        to[2] = (char)(0x80 | (code & 63));
        return 3;
    }
    to[0] = (char)(0xf0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 63));
    to[2] = (char)(0x80 | (code >> 6 & 63));
    to[3] = (char)(0x80 | (code & 63));
    return 4;
}

/* "&#8211;" or "&#x2013;", len bytes with the ';': its bytes to *to, their number, 0 when wrong. */
static size_t put_number(char *to, const char *p, size_t len)
{
    const bool hex = len > 3 && p[2] == 'x';
    const char *digits = p + (hex ? 3 : 2);
    unsigned long code = 0;

    if (digits >= p + len - 1)
        return 0;
    for (; digits < p + len - 1; digits++) {
        const int c = *digits | 32;
        const int value = *digits >= '0' && *digits <= '9' ? *digits - '0'
                          : hex && c >= 'a' && c <= 'f'    ? c - 'a' + 10
                                                           : -1;
        if (value < 0 || code > 0x10ffff)
            return 0;
        code = code * (hex ? 16 : 10) + (unsigned long)value;
    }
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || code == 0xfffe || code == 0xffff ||
        (code < 0x20 && code != '\t' && code != '\n' && code != '\r'))
        return 0;
    return put_code(to, code);
}

/* The reference at p ('&'): its bytes to *to and its own length in *taken; 0 when it is wrong. */
static size_t put_reference(char *to, size_t *taken, const char *p, size_t n)
{
    static const struct {
        const char *name;
        size_t len;
        char c;
    } entities[] = {{"&lt;", 4, '<'},
                    {"&gt;", 4, '>'},
                    {"&quot;", 6, '"'},
                    {"&amp;", 5, '&'},
                    {"&apos;", 6, '\''}};
    const char *end = memchr(p, ';', n < REFERENCE_MAX ? n : REFERENCE_MAX);

    if (!end)
        return 0;
    *taken = (size_t)(end + 1 - p);
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
        if (*taken == entities[i].len && memcmp(p, entities[i].name, *taken) == 0) {
            *to = entities[i].c;
            return 1;
        }
    }
    return p[1] == '#' ? put_number(to, p, *taken) : 0;
}

int xml_text_decode(struct buf *b, size_t from)
{
    char *start = b->data + from, *to, *p, *end;
    bool returns = false;

    if (b->len <= from)
        return 0;
    if (!is_text((const unsigned char *)start, b->len - from, &returns))
        return -1;
    if (returns)
        b->len = from + join_returns(start, b->len - from);
    end = b->data + b->len;
    to = p = start;
    while (p < end) {
        char *amp = memchr(p, '&', (size_t)(end - p));
        const size_t plain = (size_t)((amp ? amp : end) - p);
        char made[4];
        size_t taken = 0, n;
        if (to != p)
            memmove(to, p, plain);
        to += plain;
        p += plain;
        if (!amp)
            break;
        n = put_reference(made, &taken, p, (size_t)(end - p));
        if (!n)
            return -1;
        memcpy(to, made, n);
        to += n;
        p += taken;
    }
    b->len = (size_t)(to - b->data);
    return 0;
}
