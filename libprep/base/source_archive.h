/* source_archive.h -- decompression of one stream; the only user of libarchive. */
#ifndef BASE_SOURCE_ARCHIVE_H
#define BASE_SOURCE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* How many first bytes source_archive_knows() wants to see. */
enum { SOURCE_ARCHIVE_MAGIC = 10 };

/* Whether the first n bytes begin a gzip, bzip2, xz, zstd or lz4 stream. */
bool source_archive_knows(const unsigned char *bytes, size_t n);

struct source_archive;

/* Pulls compressed bytes through `pull`, which hands out a block of its own memory that lives until
 * the next call: how many bytes (0 at the end), -1 with err. NULL with err. */
typedef int64_t source_pull(void *context, const void **block, struct err *err);
struct source_archive *source_archive_open(source_pull *pull, void *context, struct err *err);

/* As source_read(), without the name of the source in err. */
int64_t source_archive_read(struct source_archive *a, void *to, size_t n, struct err *err);

void source_archive_close(struct source_archive *a); /* NULL is fine */

#endif
