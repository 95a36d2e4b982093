/* python_json.c -- ensure_ascii. */
#include "squad/python_json.h"

#include <stdlib.h>

#include "base/mem.h"
#include "text/unicode.h"

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
