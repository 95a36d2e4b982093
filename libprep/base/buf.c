/* buf.c -- doubling growth; always one byte more than asked, for the terminating zero. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

char *buf_reserve(struct buf *b, size_t n)
{
    if (b->cap - b->len <= n) {
        b->cap = mem_grow(b->cap, b->len + n + 1);
        b->data = mem_resize(b->data, b->cap, 1);
    }
    return b->data + b->len;
}

void buf_put(struct buf *b, const void *bytes, size_t n)
{
    char *end = buf_reserve(b, n);

    if (n)
        memcpy(end, bytes, n);
    end[n] = '\0';
    b->len += n;
}

void buf_put_byte(struct buf *b, char byte)
{
    buf_put(b, &byte, 1);
}

void buf_put_text(struct buf *b, const char *text)
{
    buf_put(b, text, strlen(text));
}

void buf_put_u32(struct buf *b, uint32_t value)
{
    unsigned char bytes[4];

    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(value >> (8 * i));
    buf_put(b, bytes, sizeof bytes);
}

void buf_put_u64(struct buf *b, uint64_t value)
{
    buf_put_u32(b, (uint32_t)value);
    buf_put_u32(b, (uint32_t)(value >> 32));
}

void buf_printf(struct buf *b, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        return;
    buf_reserve(b, (size_t)n);
    va_start(args, format);
    vsnprintf(b->data + b->len, (size_t)n + 1, format, args);
    va_end(args);
    b->len += (size_t)n;
}

int buf_put_max(struct buf *b, const void *bytes, size_t n, size_t max, struct err *err)
{
    if (n > max || b->len > max - n)
        return err_set(err, ERR_LIMIT, "longer than the limit of %zu bytes", max);
    buf_put(b, bytes, n);
    return 0;
}

void buf_shift(struct buf *b, size_t n)
{
    if (n == 0)
        return;
    memmove(b->data, b->data + n, b->len - n);
    b->len -= n;
    b->data[b->len] = '\0';
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    if (b->data)
        b->data[0] = '\0';
}

void buf_release(struct buf *b)
{
    free(b->data);
    *b = (struct buf){0};
}
