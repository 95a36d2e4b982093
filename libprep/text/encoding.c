/* encoding.c -- text of unknown encoding to UTF-8. */
#include "text/encoding.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf16.h"

enum {
    GOOD_PER_BAD = 8,   /* sequences of UTF-8 for each damaged byte */
    LOOKED_AT = 1 << 16 /* bytes in which zeros tell UTF-16 from binary data */
};

/* What Windows-1252 has at 80..9f; the rest of it is Latin-1. Five places are not used. */
static const uint16_t windows_1252[32] = {
    0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
    0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
    0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178};

/* Bytes of the valid UTF-8 sequence at p, 0 = there is none. */
static size_t sequence_at(const unsigned char *p, size_t n)
{
    const size_t len = p[0] < 0x80   ? 1
                       : p[0] < 0xc2 ? 0
                       : p[0] < 0xe0 ? 2
                       : p[0] < 0xf0 ? 3
                       : p[0] < 0xf5 ? 4
                                     : 0;

    if (!len || len > n)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return len;
}

/* How many of the next bytes are ASCII, in steps of 8. */
static size_t ascii_run(const unsigned char *p, size_t n)
{
    size_t i = 0;

    for (; i + 8 <= n; i += 8) {
        uint64_t w;

        memcpy(&w, p + i, sizeof w);
        if (w & 0x8080808080808080)
            break;
    }
    return i;
}

static void count_sequences(size_t *n_good, size_t *n_bad, const unsigned char *p, size_t n)
{
    *n_good = *n_bad = 0;
    for (size_t i = 0; i < n;) {
        size_t len;

        i += ascii_run(p + i, n - i);
        if (i == n)
            break;
        len = sequence_at(p + i, n - i);
        if (len > 1)
            ++*n_good;
        else if (!len)
            ++*n_bad;
        i += len ? len : 1;
    }
}

enum encoding encoding_of(const char *bytes, size_t n)
{
    const unsigned char *p = (const unsigned char *)bytes;
    const size_t n_looked = n < LOOKED_AT ? n : LOOKED_AT;
    const struct utf16 marked = utf16_of(bytes, n);
    size_t n_zero[2] = {0, 0}, n_good, n_bad;

    if (n >= 4 && !memcmp(p, "\xff\xfe\0\0", 4))
        return ENCODING_BINARY; /* UTF-32 */
    if (marked.order != UTF16_NOT)
        return marked.order == UTF16_LITTLE ? ENCODING_UTF16_LITTLE : ENCODING_UTF16_BIG;
    for (size_t i = 0; i < n_looked; i++)
        n_zero[i & 1] += p[i] == 0;
    /* Half of the bytes of Western text are zero then, and always the same half. */
    if (n_zero[1] > n_looked / 4 && n_zero[0] <= n_looked / 64)
        return ENCODING_UTF16_LITTLE;
    if (n_zero[0] > n_looked / 4 && n_zero[1] <= n_looked / 64)
        return ENCODING_UTF16_BIG;
    if (n_zero[0] + n_zero[1] > 0 || memchr(p, 0, n))
        return ENCODING_BINARY;
    count_sequences(&n_good, &n_bad, p, n);
    return n_bad == 0 || n_good > GOOD_PER_BAD * n_bad ? ENCODING_UTF8 : ENCODING_WINDOWS1252;
}

static void put_character(struct buf *to, uint32_t c)
{
    char bytes[3];
    size_t n = 0;

    if (c >= 0x800) {
        bytes[n++] = (char)(0xe0 | c >> 12);
        bytes[n++] = (char)(0x80 | (c >> 6 & 0x3f));
    } else {
        bytes[n++] = (char)(0xc0 | c >> 6);
    }
    bytes[n++] = (char)(0x80 | (c & 0x3f));
    buf_put(to, bytes, n);
}

static void decode_windows_1252(struct buf *to, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t run = 0;

        while (i + run < n && p[i + run] < 0x80)
            run++;
        buf_put(to, p + i, run);
        i += run;
        if (i < n) {
            put_character(to, p[i] < 0xa0 ? windows_1252[p[i] - 0x80] : p[i]);
            i++;
        }
    }
}

static void repair_utf8(struct buf *to, const unsigned char *p, size_t n)
{
    size_t from = 0;

    for (size_t i = 0; i < n;) {
        const size_t len = sequence_at(p + i, n - i);

        if (!len) {
            buf_put(to, p + from, i - from);
            put_character(to, 0xfffd);
            from = i + 1;
        }
        i += len ? len : 1;
    }
    buf_put(to, p + from, n - from);
}

static void decode_utf16(struct buf *to, enum utf16_order order, const char *bytes, size_t n)
{
    struct utf16 u = {.order = order};

    utf16_decode(to, &u, bytes, n);
    utf16_decode(to, &u, "", 0);
}

/* Old Macintosh texts end lines with CR; a lone CR elsewhere is rare, and a line end as well. */
static void mend_line_ends(char *text, size_t n)
{
    char *end = text + n;

    for (char *p = memchr(text, '\r', n); p; p = memchr(p, '\r', (size_t)(end - p))) {
        if (p + 1 == end || p[1] != '\n')
            *p = '\n';
        if (++p == end)
            break;
    }
}

int encoding_to_utf8(const char **text, size_t *len, struct buf *room, char *bytes, size_t n,
                     struct err *err)
{
    size_t n_good, n_bad;

    buf_clear(room);
    if (n >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3)) {
        bytes += 3;
        n -= 3;
    }
    *text = bytes;
    *len = n;
    switch (encoding_of(bytes, n)) {
    case ENCODING_BINARY:
        return err_set(err, ERR_FORMAT, "this is no text: it has zero bytes");
    case ENCODING_UTF8:
        count_sequences(&n_good, &n_bad, (const unsigned char *)bytes, n);
        if (!n_bad) {
            mend_line_ends(bytes, n);
            return 0;
        }
        repair_utf8(room, (const unsigned char *)bytes, n);
        break;
    case ENCODING_UTF16_LITTLE:
        decode_utf16(room, UTF16_LITTLE, bytes, n);
        break;
    case ENCODING_UTF16_BIG:
        decode_utf16(room, UTF16_BIG, bytes, n);
        break;
    case ENCODING_WINDOWS1252:
        decode_windows_1252(room, (const unsigned char *)bytes, n);
        break;
    }
    buf_put(room, "", 0);
    mend_line_ends(room->data, room->len);
    *text = room->data;
    *len = room->len;
    return 0;
}
