/* half_pack.h -- matrices of halves in the order in which matrix units read them.
 *
 * The right factor B (K, N) of a product is kept in panels of 32 columns, its rows in pairs:
 *
 *   [panel][k / 2][column of 32][k % 2]        zeros behind the last row and column
 *
 * One instruction of AVX512-BF16 multiplies 16 such pairs, one tile of AMX is 16 rows of them. The
 * left factor A (M, K) is row-major, so its pairs lie as they are; its rows have zeros up to a
 * multiple of 32 numbers. */
#ifndef OPS_HALF_PACK_H
#define OPS_HALF_PACK_H

#include <stddef.h>
#include <stdint.h>

enum { HALF_COLS = 32, HALF_DEPTH = 32 };

/* n up to a multiple of 32. */
size_t half_padded(size_t n);

/* Halves of a panel whose factor has K rows. */
size_t half_panel(size_t K);

/* Halves of all panels of (K, N). */
size_t half_packed(size_t K, size_t N);

/* Packs rows [0, K) of B into panels that are `stride` halves apart.
 *   rows      B[k][n] = from[k * ld + n]
 *   columns   B[k][n] = from[n * ld + k] */
void half_pack_rows(uint16_t *to, size_t stride, const uint16_t *from, size_t ld, size_t K,
                    size_t N);
void half_pack_columns(uint16_t *to, size_t stride, const uint16_t *from, size_t ld, size_t K,
                       size_t N);

/* A left factor from its transpose: to[i * to_ld + k] = from[k * ld + i], i < M, k < K, and zeros
 * for K <= k < half_padded(K) <= to_ld. */
void half_transpose(uint16_t *to, size_t to_ld, const uint16_t *from, size_t ld, size_t M,
                    size_t K);

#endif
