/* source_archive.h -- decompression of one stream, and the files of an archive; the only user of
 * libarchive. */
#ifndef BASE_SOURCE_ARCHIVE_H
#define BASE_SOURCE_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* How many first bytes source_archive_knows() wants to see. */
enum { SOURCE_ARCHIVE_MAGIC = 10 };

/* Whether the first n bytes begin an xz, zstd or lz4 stream. */
bool source_archive_knows(const unsigned char *bytes, size_t n);

/* Whether they begin a 7z archive. */
bool source_archive_is_7z(const unsigned char *bytes, size_t n);

struct source_archive;

/* Pulls compressed bytes through `pull`, which hands out a block of its own memory that lives until
 * the next call: how many bytes (0 at the end), -1 with err. NULL with err. */
typedef int64_t source_pull(void *context, const void **block, struct err *err);
struct source_archive *source_archive_open(source_pull *pull, void *context, struct err *err);

/* The files in an archive: tar in any compression, zip, 7z. `path` is a file that can be read at any
 * place. NULL with err. */
struct source_archive *source_archive_open_files(const char *path, struct err *err);

/* The same of an archive in memory, which must stay there. */
struct source_archive *source_archive_open_bytes(const void *bytes, size_t n, struct err *err);

/* The next regular file: 1, with its name there until the next call; 0 after the last; -1. */
int source_archive_next(struct source_archive *a, const char **name, struct err *err);

/* As source_read(), of the stream or the present file, without the name of the source in err. */
int64_t source_archive_read(struct source_archive *a, void *to, size_t n, struct err *err);

void source_archive_close(struct source_archive *a); /* NULL is fine */

#endif
