/* source_bzip2.h -- bzip2 on all cores: one stream or many, from a file or a pipe.
 *
 * Blocks are found by their magic, decoded wherever a thread is free and given out in order; the
 * checksums of blocks and streams are checked. Before an error come all bytes of the blocks before
 * the damage. At most 2 n + 2 blocks are held. */
#ifndef BASE_SOURCE_BZIP2_H
#define BASE_SOURCE_BZIP2_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/source_archive.h"

struct source_bzip2;

/* As source_archive_open(), for bytes that bzip2_segments_knows(). With n_threads of 1 all work is
 * done in source_bzip2_read(); with more, `pull` is called from another thread. */
struct source_bzip2 *source_bzip2_open(source_pull *pull, void *context, size_t n_threads);

/* As source_read(), without the name of the source in err; errors name the byte of the compressed
 * file. */
int64_t source_bzip2_read(struct source_bzip2 *s, void *to, size_t n, struct err *err);

void source_bzip2_close(struct source_bzip2 *s); /* NULL is fine */

#endif
