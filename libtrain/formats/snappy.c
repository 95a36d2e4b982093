/* snappy.c -- google/snappy format_description.txt: the length, then literals and copies.
 *
 *   tag & 3   0 literal   1 copy, 11 bits of offset   2 copy, 16 bits   3 copy, 32 bits */
#include "formats/snappy.h"

#include <stdbool.h>
#include <stdint.h>

struct input {
    const unsigned char *at;
    size_t left;
};

static bool take(uint32_t *value, struct input *in, size_t width)
{
    if (in->left < width)
        return false;
    *value = 0;
    for (size_t i = width; i-- > 0;)
        *value = *value << 8 | in->at[i];
    in->at += width;
    in->left -= width;
    return true;
}

static bool take_length(uint32_t *len, struct input *in)
{
    uint32_t byte = 0x80;

    *len = 0;
    for (unsigned shift = 0; byte & 0x80; shift += 7) {
        if (shift > 28 || !take(&byte, in, 1))
            return false;
        *len |= (byte & 0x7f) << shift;
    }
    return true;
}

static bool literal(struct buf *to, struct input *in, unsigned tag, size_t room)
{
    uint32_t len = tag >> 2;

    if (len >= 60 && !take(&len, in, len - 59))
        return false;
    if (len >= in->left || len >= room)
        return false;
    buf_put(to, in->at, (size_t)len + 1);
    in->at += (size_t)len + 1;
    in->left -= (size_t)len + 1;
    return true;
}

static bool copy(struct buf *to, struct input *in, unsigned tag, size_t start, size_t room)
{
    size_t len = (tag >> 2) + 1;
    uint32_t offset;

    if ((tag & 3) == 1) {
        len = (tag >> 2 & 7) + 4;
        if (!take(&offset, in, 1))
            return false;
        offset |= (uint32_t)(tag >> 5) << 8;
    } else if (!take(&offset, in, (tag & 3) == 2 ? 2 : 4)) {
        return false;
    }
    if (offset == 0 || offset > to->len - start || len > room)
        return false;
    buf_reserve(to, len);
    for (size_t i = 0; i < len; i++) /* may overlap what it makes: byte by byte */
        buf_put_byte(to, to->data[to->len - offset]);
    return true;
}

int snappy_unpack(struct buf *to, const unsigned char *from, size_t n, size_t max, struct err *err)
{
    struct input in = {from, n};
    const size_t start = to->len;
    uint32_t len, tag;

    if (!take_length(&len, &in))
        return err_set(err, ERR_FORMAT, "a snappy block without length");
    if (len > max)
        return err_set(err, ERR_LIMIT, "a snappy block of %lu bytes, over the limit of %zu",
                       (unsigned long)len, max);
    while (in.left) {
        const size_t room = len - (to->len - start);
        bool fine = take(&tag, &in, 1);

        fine = fine &&
               ((tag & 3) == 0 ? literal(to, &in, tag, room) : copy(to, &in, tag, start, room));
        if (!fine)
            return err_set(err, ERR_FORMAT, "a snappy block is damaged at byte %zu of %zu",
                           n - in.left, n);
    }
    if (to->len - start != len)
        return err_set(err, ERR_FORMAT, "a snappy block holds %zu bytes, not %lu", to->len - start,
                       (unsigned long)len);
    return 0;
}
