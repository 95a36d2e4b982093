/* bzip2_block.h -- one block of a bzip2 stream, from its bits to its bytes.
 *
 *   bits --Huffman, move-to-front--> last column --inverse sort--> pieces --run lengths--> bytes
 *
 * Blocks know nothing of each other, so they can be decoded anywhere and in any order. */
#ifndef BASE_BZIP2_BLOCK_H
#define BASE_BZIP2_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    BZIP2_BLOCK_UNIT = 100000, /* bytes of a block for each level, before run lengths are undone */
    BZIP2_BLOCK_PAD = 256      /* readable bytes wanted behind the bits of a block */
};

struct bzip2_block;

/* An all-purpose decoder for blocks of up to level 9; one belongs to one thread at a time. */
struct bzip2_block *bzip2_block_open(void);

/* Takes in the block whose 48-bit magic begins at bit `from` of `bytes` and which ends before bit
 * `to`, exactly. BZIP2_BLOCK_PAD bytes after that must be readable. ERR_FORMAT else. */
int bzip2_block_load(struct bzip2_block *b, const unsigned char *bytes, size_t from, size_t to,
                     int level, struct err *err);

/* Up to n bytes of the block: how many, 0 at the end. */
size_t bzip2_block_take(struct bzip2_block *b, unsigned char *to, size_t n);

/* Whether all was taken and the checksum is right. */
int bzip2_block_check(const struct bzip2_block *b, struct err *err);

uint32_t bzip2_block_crc(const struct bzip2_block *b); /* as the block states it */

void bzip2_block_close(struct bzip2_block *b); /* NULL is fine */

#endif
