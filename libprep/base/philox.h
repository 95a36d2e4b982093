/* philox.h -- Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC'11):
 * four words out of a counter of 128 bits and a key of 64, and eight times that at once.
 *
 * There are kernels for AVX-512, AVX2 and any machine; they give the same words. */
#ifndef BASE_PHILOX_H
#define BASE_PHILOX_H

#include <stddef.h>
#include <stdint.h>

enum { PHILOX_BLOCKS = 8, PHILOX_WORDS = 4 * PHILOX_BLOCKS };

void philox_block(uint32_t out[4], const uint32_t counter[4], uint64_t key);

/* The blocks of counter, then of counter[0] + 1, + 2, ... (the other words stay). */
typedef void (*philox_fn)(uint32_t out[PHILOX_WORDS], const uint32_t counter[4], uint64_t key);

/* The fastest of this machine. */
philox_fn philox_choose(void);

/* The kernels by themselves: number 0 is the plain one; NULL when there is no such number or this
 * machine cannot run it. For tests. */
philox_fn philox_kernel(size_t number);

#endif
