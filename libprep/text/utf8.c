/* utf8.c -- one character, from either side. */
#include "text/utf8.h"

uint32_t utf8_at(size_t *len, const char *text, size_t n, size_t at)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *p = (const unsigned char *)text + at;
    const size_t more = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : p[0] < 0xf5 ? 3 : 0;
    uint32_t point;

    *len = 1;
    if (p[0] < 0x80)
        return p[0];
    if (more == 0 || more >= n - at)
        return UTF8_WRONG;
    point = p[0] & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return UTF8_WRONG;
        point = point << 6 | (p[i] & 0x3fu);
    }
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return UTF8_WRONG;
    *len = more + 1;
    return point;
}

uint32_t utf8_before(size_t *len, const char *text, size_t at)
{
    for (size_t back = 1; back <= 4 && back <= at; back++) {
        uint32_t point;

        if (((unsigned char)text[at - back] & 0xc0) == 0x80)
            continue;
        point = utf8_at(len, text, at, at - back);
        if (*len == back)
            return point;
        break;
    }
    *len = 1;
    return UTF8_WRONG;
}
