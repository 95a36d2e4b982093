/* snappy.h -- blocks of google/snappy's raw format, which tables of LevelDB's kind may use. */
#ifndef FORMATS_SNAPPY_H
#define FORMATS_SNAPPY_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends to `to` what the n bytes hold; ERR_FORMAT when they are damaged, ERR_LIMIT when it is
 * over `max` bytes. */
int snappy_unpack(struct buf *to, const unsigned char *from, size_t n, size_t max, struct err *err);

#endif
