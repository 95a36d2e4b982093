/* encoding.h -- text of unknown encoding to UTF-8 with LF at line ends.
 *
 * A byte order mark decides; then UTF-16 by its zero bytes, UTF-8 by being valid (a few damaged
 * bytes in much good UTF-8 become U+FFFD); anything else is Windows-1252, of which Latin-1 text is
 * a part. */
#ifndef TEXT_ENCODING_H
#define TEXT_ENCODING_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum encoding {
    ENCODING_BINARY, /* no text: it has zero bytes */
    ENCODING_UTF8,
    ENCODING_UTF16_LITTLE,
    ENCODING_UTF16_BIG,
    ENCODING_WINDOWS1252
};

enum encoding encoding_of(const char *bytes, size_t n);

/* The text as UTF-8, without a byte order mark. When it is that already, *text points into `bytes`
 * and `room` is not used, else into `room`. CR LF stays; CR alone becomes LF. ERR_FORMAT when it is
 * no text. */
int encoding_to_utf8(const char **text, size_t *len, struct buf *room, char *bytes, size_t n,
                     struct err *err);

#endif
