/* utf16.h -- UTF-16 that a byte order mark announces, as UTF-8. */
#ifndef BASE_UTF16_H
#define BASE_UTF16_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { UTF16_MARK = 2 }; /* bytes of the mark */

enum utf16_order { UTF16_NOT, UTF16_LITTLE, UTF16_BIG };

struct utf16 {
    enum utf16_order order;
    unsigned char half; /* the first byte of a unit, where has_half */
    int has_half;
    uint32_t high; /* a high surrogate that waits for its low one, 0 = none */
    int past_mark; /* the first unit was seen */
};

/* What the first n bytes say. UTF-32, which begins in the same way, is not told apart. */
struct utf16 utf16_of(const void *bytes, size_t n);

/* Appends the next n bytes as UTF-8, without the mark; a lone surrogate becomes U+FFFD. n == 0 ends
 * the input: what is left of a character becomes U+FFFD, too. */
void utf16_decode(struct buf *to, struct utf16 *u, const void *bytes, size_t n);

#endif
