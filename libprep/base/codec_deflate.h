/* codec_deflate.h -- whole blocks as zlib streams (RFC 1950), the way HDF5's gzip filter stores them.
 *
 * One codec belongs to one thread at a time; what it writes depends on the block and level only. */
#ifndef BASE_CODEC_DEFLATE_H
#define BASE_CODEC_DEFLATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct codec_deflate;

enum { CODEC_DEFLATE_QUICK = 0 };

/* level: 1 (fast) to 12 (smallest), as libdeflate counts, or CODEC_DEFLATE_QUICK, which is for rows of
 * numbers: there five times as fast as level 1 and hardly ever larger. */
struct codec_deflate *codec_deflate_open(int level);

/* The most bytes that n can become, at any level. */
size_t codec_deflate_bound(size_t n);

/* Compresses n bytes into `to`, which has room for codec_deflate_bound(n); returns how many. */
size_t codec_deflate_pack(struct codec_deflate *c, void *to, const void *from, size_t n);

/* Expands the n bytes of a stream into exactly to_len bytes; ERR_FORMAT for anything else. */
int codec_deflate_unpack(struct codec_deflate *c, void *to, size_t to_len, const void *from,
                         size_t n, struct err *err);

/* CRC-32 as gzip and zip have it (ISO 3309). */
uint32_t codec_deflate_crc32(const void *bytes, size_t n);

void codec_deflate_close(struct codec_deflate *c); /* NULL is fine */

#endif
