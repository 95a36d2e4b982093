/* transpose.h -- rows become columns, words of 32 bits at a time: floats, or pairs of halves.
 *
 * transpose_x86.c has a version for AVX-512 that transpose_words() takes where the CPU can. */
#ifndef OPS_TRANSPOSE_H
#define OPS_TRANSPOSE_H

#include <stdbool.h>
#include <stddef.h>

/* to[j][i] = from[i][j] for i < rows <= 16, j < cols; 0 for rows <= i < 16. `to_ld` and `from_ld` are
 * words from one row to the next; both may begin at any address. */
void transpose_words(void *to, size_t to_ld, const void *from, size_t from_ld, size_t rows,
                     size_t cols);

/* The same, each by its own means. */
void transpose_plain(void *to, size_t to_ld, const void *from, size_t from_ld, size_t rows,
                     size_t cols);
bool transpose_wide_works(void);
void transpose_wide(void *to, size_t to_ld, const void *from, size_t from_ld, size_t rows,
                    size_t cols);

#endif
