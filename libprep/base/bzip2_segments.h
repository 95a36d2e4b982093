/* bzip2_segments.h -- cuts a bzip2 file at everything that looks like the start of a block or the
 * end of a stream, at any bit.
 *
 *   BZh9 | block ...... | block ... | end of stream, crc, BZh9 | block ... | end of stream, crc
 *          ^ segment      ^ segment   ^ segment                  ^ segment   ^ segment
 *
 * The 48-bit magic of a block may occur inside another by chance (once in 35 TB): who decodes must
 * be ready to join two segments. */
#ifndef BASE_BZIP2_SEGMENTS_H
#define BASE_BZIP2_SEGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/source_archive.h"

enum { BZIP2_SEGMENT_MAX = 8 << 20 }; /* bytes; the longest block has less than 3 MB */

enum bzip2_kind {
    BZIP2_OTHER, /* no magic: what follows a segment of full length */
    BZIP2_BLOCK,
    BZIP2_END /* of a stream; the header of the next one is part of it */
};

struct bzip2_segment {
    enum bzip2_kind kind;
    int level;      /* of the stream, 1..9 */
    uint64_t start; /* bit in the file */
    size_t from;    /* bits of the segment in its bytes: the first (0..7) */
    size_t to;      /* and one past the last */
};

struct bzip2_segments {
    source_pull *pull;
    void *context;
    struct buf window; /* bytes being looked at */
    uint64_t base;     /* where they are in the file */
    size_t from;       /* bit of the window where the next segment starts */
    size_t looked;     /* byte of the window before which no magic starts */
    enum bzip2_kind kind;
    int level;
    bool over; /* the input is */
};

/* Whether the bytes begin as a bzip2 file does; of 10 bytes, as many as there are. */
bool bzip2_segments_knows(const unsigned char *bytes, size_t n);

void bzip2_segments_init(struct bzip2_segments *s, source_pull *pull, void *context);

/* The next segment, its bytes appended to `bytes`, with BZIP2_BLOCK_PAD zero bytes behind them,
 * which are not counted. 1 with a segment, 0 at the end, -1 with err. */
int bzip2_segments_next(struct bzip2_segments *s, struct bzip2_segment *segment, struct buf *bytes,
                        struct err *err);

void bzip2_segments_release(struct bzip2_segments *s);

#endif
