/* codec_zstd.h -- whole blocks as Zstandard frames (RFC 8878) with their size, the way HDF5's
 * registered filter 32015 stores them.
 *
 * One codec belongs to one thread at a time; what it writes depends on the block and level only. */
#ifndef BASE_CODEC_ZSTD_H
#define BASE_CODEC_ZSTD_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct codec_zstd;

/* level: 1 (fastest) to 19 (smallest), as libzstd counts. */
struct codec_zstd *codec_zstd_open(int level);

/* The most bytes that n can become. */
size_t codec_zstd_bound(size_t n);

/* Compresses n bytes into `to`, which has room for codec_zstd_bound(n); returns how many. */
size_t codec_zstd_pack(struct codec_zstd *c, void *to, const void *from, size_t n);

/* How many bytes the frame says it holds; ERR_FORMAT when it is none or does not say. */
int codec_zstd_size(uint64_t *size, const void *from, size_t n, struct err *err);

/* Expands the n bytes of a frame into exactly to_len bytes; ERR_FORMAT for anything else. */
int codec_zstd_unpack(struct codec_zstd *c, void *to, size_t to_len, const void *from, size_t n,
                      struct err *err);

void codec_zstd_close(struct codec_zstd *c); /* NULL is fine */

#endif
