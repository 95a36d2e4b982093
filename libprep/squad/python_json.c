/* python_json.c -- float_repr_style 'short' and ensure_ascii. */
#include "squad/python_json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/unicode.h"

/* Where repr() goes over to an exponent: values of 1e16 and more, or below 1e-4. */
enum { REAL_SIZE = 40, MAX_POINT = 16, MIN_POINT = -3 };

/* The shortest digits "d.ddde+xx" that read back. What 15 digits can hold has no shorter form than
 * these without their zeros at the end. */
static void shortest(char text[REAL_SIZE], double value)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, REAL_SIZE, "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value)
            return;
    }
}

static void put_zeros(struct buf *to, int n)
{
    for (int i = 0; i < n; i++)
        buf_put_byte(to, '0');
}

void python_json_real(struct buf *to, double value)
{
    char text[REAL_SIZE];
    char digits[REAL_SIZE];
    const char *at = text;
    char *exponent;
    int n = 0;
    int point; /* digits in front of the decimal point */

    shortest(text, value);
    if (*at == '-')
        buf_put_byte(to, *at++);
    exponent = strchr(text, 'e');
    point = 1 + (int)strtol(exponent + 1, NULL, 10);
    for (; at < exponent; at++)
        if (*at != '.')
            digits[n++] = *at;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    if (point > MAX_POINT || point < MIN_POINT) {
        buf_put_byte(to, digits[0]);
        if (n > 1)
            buf_put_byte(to, '.');
        buf_put(to, digits + 1, (size_t)n - 1);
        buf_printf(to, "e%+03d", point - 1);
    } else if (point <= 0) {
        buf_put_text(to, "0.");
        put_zeros(to, -point);
        buf_put(to, digits, (size_t)n);
    } else if (n <= point) {
        buf_put(to, digits, (size_t)n);
        put_zeros(to, point - n);
        buf_put_text(to, ".0");
    } else {
        buf_put(to, digits, (size_t)point);
        buf_put_byte(to, '.');
        buf_put(to, digits + point, (size_t)(n - point));
    }
}

static void put_point(struct buf *to, int32_t point)
{
    static const char short_names[] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
                                       ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};

    if (point < (int32_t)sizeof short_names && short_names[point]) {
        buf_put_byte(to, '\\');
        buf_put_byte(to, short_names[point]);
    } else if (point >= ' ' && point <= '~') {
        buf_put_byte(to, (char)point);
    } else if (point < 0x10000) {
        buf_printf(to, "\\u%04x", (unsigned)point);
    } else {
        buf_printf(to, "\\u%04x\\u%04x", 0xd800u + ((unsigned)(point - 0x10000) >> 10),
                   0xdc00u + ((unsigned)point & 0x3ff));
    }
}

void python_json_text(struct buf *to, const char *text, size_t len)
{
    int32_t *points = mem_array(len, sizeof *points);
    const size_t n = unicode_decode(points, text, len);

    buf_put_byte(to, '"');
    for (size_t i = 0; i < n; i++)
        put_point(to, points[i]);
    buf_put_byte(to, '"');
    free(points);
}
