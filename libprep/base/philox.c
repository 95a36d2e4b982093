/* philox.c -- the plain kernel, block by block, and the choice among all. */
#include "base/philox.h"

#include "base/philox_wide.h"

void philox_block(uint32_t out[4], const uint32_t counter[4], uint64_t key)
{
    uint32_t x0 = counter[0], x1 = counter[1], x2 = counter[2], x3 = counter[3];
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);

    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        const uint64_t p0 = (uint64_t)PHILOX_MULTIPLIER_0 * x0;
        const uint64_t p1 = (uint64_t)PHILOX_MULTIPLIER_1 * x2;

        x0 = (uint32_t)(p1 >> 32) ^ x1 ^ k0;
        x1 = (uint32_t)p1;
        x2 = (uint32_t)(p0 >> 32) ^ x3 ^ k1;
        x3 = (uint32_t)p0;
        k0 += PHILOX_STEP_0;
        k1 += PHILOX_STEP_1;
    }
    out[0] = x0;
    out[1] = x1;
    out[2] = x2;
    out[3] = x3;
}

static void plain(uint32_t out[PHILOX_WORDS], const uint32_t counter[4], uint64_t key)
{
    for (uint32_t i = 0; i < PHILOX_BLOCKS; i++) {
        const uint32_t at[4] = {counter[0] + i, counter[1], counter[2], counter[3]};

        philox_block(out + 4 * (size_t)i, at, key);
    }
}

philox_fn philox_kernel(size_t number)
{
    return number == 0 ? plain : philox_wide(number - 1);
}

philox_fn philox_choose(void)
{
    for (size_t i = 0; i < PHILOX_WIDE_MAX; i++)
        if (philox_wide(i))
            return philox_wide(i);
    return plain;
}
