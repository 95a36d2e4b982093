/* source.h -- bytes from anywhere: a file, standard input or a URL, decompressed by what they are.
 *
 * gzip, bzip2, xz, zstd and lz4 are recognised by content, not by name; anything else passes
 * through unchanged. Reading pulls; memory is a few fixed blocks whatever the length. */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct source;

/* path: a file, "-" or NULL for standard input, http:// or https:// for a URL.
 * Returns NULL with err. */
struct source *source_open(const char *path, struct err *err);

/* The same with up to n_threads threads to decompress, 0 = one for each core: for bzip2. */
struct source *source_open_threads(const char *path, size_t n_threads, struct err *err);

/* Up to n bytes into `to`: how many (0 only at the end), or -1 with err, which names the source. A
 * compressed stream that ends early is an error after all its whole bytes were delivered. */
int64_t source_read(struct source *s, void *to, size_t n, struct err *err);

/* For messages: the path, "standard input" or the URL. */
const char *source_name(const struct source *s);

/* For progress: raw (compressed) bytes taken so far, and how many there are (0 = not known). */
uint64_t source_taken(const struct source *s);
uint64_t source_total(const struct source *s);

void source_close(struct source *s); /* NULL is fine */

#endif
