/* buf.h -- bytes that grow: the one dynamic string of the project. All-zero is empty. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf {
    char *data; /* (len), followed by a zero byte once something was put */
    size_t len;
    size_t cap;
};

void buf_put(struct buf *b, const void *bytes, size_t n);
void buf_put_byte(struct buf *b, char byte);
void buf_put_text(struct buf *b, const char *text);
void buf_put_u32(struct buf *b, uint32_t value); /* little-endian */
void buf_put_u64(struct buf *b, uint64_t value);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As buf_put(), for foreign input: ERR_LIMIT when the buffer would hold more than `max` bytes. */
int buf_put_max(struct buf *b, const void *bytes, size_t n, size_t max, struct err *err);

/* Room for n more bytes at data + len; the caller fills them and adds to len. */
char *buf_reserve(struct buf *b, size_t n);

/* Takes the first n bytes away. */
void buf_shift(struct buf *b, size_t n);

void buf_clear(struct buf *b);   /* keeps the memory */
void buf_release(struct buf *b); /* back to all-zero */

#endif
