/* half_tile.h -- the innermost product of halves, for several CPUs behind one description.
 *
 * All read the same operands (half_pack.h) and add to the same 32 columns, so what packs and
 * what takes the results does not know which of them runs. Sums are fp32; subnormal factors and sums
 * count as zero in the two that are made of matrix instructions, which look at no setting. */
#ifndef OPS_HALF_TILE_H
#define OPS_HALF_TILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HALF_MOST_DEPTH = 1024 };

/* C (rows, 32) += A (rows, K) B (K, 32)
 *   c   row-major, ldc floats from row to row
 *   a   row-major, lda halves from row to row
 *   b   [k / 2][32][k % 2], on a cache line
 *   K   a multiple of 32, at most HALF_MOST_DEPTH */
typedef void half_tile(float *c, size_t ldc, const uint16_t *a, size_t lda, const uint16_t *b,
                       size_t rows, size_t K);

struct half_kernel {
    const char *name;    /* as --isa calls it */
    half_tile *multiply; /* several products of two in one instruction, except in plain C */
    bool (*works)(void); /* on this CPU, under this system */
    bool (*pays)(void);  /* works and is faster than fp32 */
};

half_tile half_tile_plain;

/* Whether a product of whole numbers is what plain C makes of it, exactly. */
bool half_kernel_agrees(const struct half_kernel *k);

/* AVX512-BF16 (Zen 4 and later, Cooper Lake, Sapphire Rapids) and AMX-BF16. half_cpu_x86.c asks the CPU,
 * half_cpu_none.c is for others. The first call of half_amx_works() asks the system for the
 * permission that threads started later inherit. */
half_tile half_tile_wide, half_tile_amx;
bool half_wide_works(void);
bool half_wide_pays(void);
bool half_amx_works(void);

/* Of that name, NULL when there is none; "auto": the fastest that pays and agrees, NULL when none does. */
const struct half_kernel *half_kernel_find(const char *name);

#endif
