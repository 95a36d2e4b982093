/* entities.h -- HTML character references: &amp; &#8211; &#x2013; */
#ifndef BASE_ENTITIES_H
#define BASE_ENTITIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* The reference at the start of text (n bytes, text[0] is '&'): its length in bytes with the '&' and
 * the ';', and its code point in *code; 0 when there is none, the name is not known, or the number
 * is no character that text may hold (a control, a surrogate, too large). */
size_t entities_decode(uint32_t *code, const char *text, size_t n);

/* Appends a code point as UTF-8. */
void entities_put(struct buf *to, uint32_t code);

#endif
