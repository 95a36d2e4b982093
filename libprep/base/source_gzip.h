/* source_gzip.h -- gzip (RFC 1952), checked: one member or many, zero bytes behind them; the only user
 * of zlib. (libarchive's filter does not look at the checksums: a damaged file is other text to it.)
 *
 * Before an error come all bytes before the damage that were decoded, which the checksum at the end of
 * the member did not cover yet. */
#ifndef BASE_SOURCE_GZIP_H
#define BASE_SOURCE_GZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/source_archive.h"

/* Whether the first n bytes begin a gzip stream. */
bool source_gzip_knows(const unsigned char *bytes, size_t n);

struct source_gzip;

/* As source_archive_open(); does not fail. */
struct source_gzip *source_gzip_open(source_pull *pull, void *context);

/* As source_read(), without the name of the source in err. */
int64_t source_gzip_read(struct source_gzip *s, void *to, size_t n, struct err *err);

void source_gzip_close(struct source_gzip *s); /* NULL is fine */

#endif
