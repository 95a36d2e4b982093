/* quick_deflate.h -- deflate (RFC 1951) for tables of numbers: as small as a search for every repeat
 * makes them, in a fifth of the time.
 *
 *      bytes --repeats--> runs, far repeats, bytes between --Huffman codes of their own--> blocks
 *
 * Meant for the rows of shards after HDF5's shuffle filter. What it writes depends on the bytes only. */
#ifndef BASE_QUICK_DEFLATE_H
#define BASE_QUICK_DEFLATE_H

#include <stddef.h>

struct quick_deflate;

struct quick_deflate *quick_deflate_open(void);

/* The most bytes that n can become. */
size_t quick_deflate_bound(size_t n);

/* Compresses n bytes (below 2^31) into `to`, which has room for the bound; returns how many. */
size_t quick_deflate_pack(struct quick_deflate *q, void *to, const void *from, size_t n);

void quick_deflate_close(struct quick_deflate *q); /* NULL is fine */

#endif
