/* utf16.c -- units may be cut anywhere by the blocks they come in. */
#include "base/utf16.h"

static const uint32_t REPLACEMENT = 0xfffd;
static const uint32_t MARK = 0xfeff;

struct utf16 utf16_of(const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    struct utf16 u = {0};

    if (n >= UTF16_MARK && p[0] == 0xff && p[1] == 0xfe)
        u.order = UTF16_LITTLE;
    else if (n >= UTF16_MARK && p[0] == 0xfe && p[1] == 0xff)
        u.order = UTF16_BIG;
    return u;
}

static void put(struct buf *to, uint32_t c)
{
    char bytes[4];
    size_t n = 0;

    if (c < 0x80) {
        bytes[n++] = (char)c;
    } else if (c < 0x800) {
        bytes[n++] = (char)(0xc0 | c >> 6);
        bytes[n++] = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        bytes[n++] = (char)(0xe0 | c >> 12);
        bytes[n++] = (char)(0x80 | (c >> 6 & 0x3f));
        bytes[n++] = (char)(0x80 | (c & 0x3f));
    } else {
        bytes[n++] = (char)(0xf0 | c >> 18);
        bytes[n++] = (char)(0x80 | (c >> 12 & 0x3f));
        bytes[n++] = (char)(0x80 | (c >> 6 & 0x3f));
        bytes[n++] = (char)(0x80 | (c & 0x3f));
    }
    buf_put(to, bytes, n);
}

static void put_unit(struct buf *to, struct utf16 *u, uint32_t unit)
{
    if (u->high) {
        const uint32_t high = u->high;

        u->high = 0;
        if (unit >= 0xdc00 && unit < 0xe000) {
            put(to, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
            return;
        }
        put(to, REPLACEMENT);
    }
    if (unit >= 0xd800 && unit < 0xdc00)
        u->high = unit;
    else if (unit >= 0xdc00 && unit < 0xe000)
        put(to, REPLACEMENT);
    else if (u->past_mark || unit != MARK)
        put(to, unit);
    u->past_mark = 1;
}

void utf16_decode(struct buf *to, struct utf16 *u, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < n; i++) {
        if (!u->has_half) {
            u->half = p[i];
            u->has_half = 1;
            continue;
        }
        u->has_half = 0;
        put_unit(to, u,
                 u->order == UTF16_BIG ? (uint32_t)u->half << 8 | p[i]
                                       : (uint32_t)p[i] << 8 | u->half);
    }
    if (n == 0 && (u->has_half || u->high)) {
        put(to, REPLACEMENT);
        u->has_half = 0;
        u->high = 0;
    }
}
