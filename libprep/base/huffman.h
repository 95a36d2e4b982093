/* huffman.h -- prefix codes of limited length, from counts: the canonical ones that deflate uses. */
#ifndef BASE_HUFFMAN_H
#define BASE_HUFFMAN_H

#include <stddef.h>
#include <stdint.h>

enum { HUFFMAN_MAX_SYMBOLS = 288, HUFFMAN_MAX_LENGTH = 15 };

/* lengths[s] = bits of the code of symbol s, 0 for what does not occur, at most `limit`.
 *   lengths, counts (n)    n from 2 to HUFFMAN_MAX_SYMBOLS; the counts add up to less than 2^32
 * The code is always complete: if fewer than two symbols occur, others get a code too. */
void huffman_lengths(uint8_t *lengths, const uint32_t *counts, size_t n, unsigned limit);

/* codes[s] = the canonical code of those lengths, its first bit lowest. */
void huffman_codes(uint16_t *codes, const uint8_t *lengths, size_t n);

#endif
