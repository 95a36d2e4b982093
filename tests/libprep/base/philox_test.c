/* philox_test.c -- published words, and every kernel against the blocks one by one. */
#include "base/philox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Known answers of the Random123 distribution for philox4x32, 10 rounds. */
static void blocks_have_the_published_words(void **state)
{
    const uint32_t zeros[4] = {0};
    const uint32_t ones[4] = {~0u, ~0u, ~0u, ~0u};
    const uint32_t want_zeros[] = {0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u};
    const uint32_t want_ones[] = {0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu};
    uint32_t got[4];

    (void)state;
    philox_block(got, zeros, 0);
    assert_memory_equal(got, want_zeros, sizeof got);
    philox_block(got, ones, ~0ull);
    assert_memory_equal(got, want_ones, sizeof got);
}

static void kernels_give_the_same_words(void **state)
{
    uint32_t counter[4] = {~0u - 2, 5, 6, 7}; /* the first word overflows on the way */
    uint64_t key = 0x123456789abcdef0u;

    (void)state;
    for (int round = 0; round < 100; round++) {
        uint32_t want[PHILOX_WORDS], got[PHILOX_WORDS];

        for (uint32_t i = 0; i < PHILOX_BLOCKS; i++) {
            const uint32_t at[4] = {counter[0] + i, counter[1], counter[2], counter[3]};

            philox_block(want + 4 * (size_t)i, at, key);
        }
        for (size_t i = 0; i < 3; i++) {
            if (!philox_kernel(i))
                continue;
            philox_kernel(i)(got, counter, key);
            assert_memory_equal(got, want, sizeof got);
        }
        philox_choose()(got, counter, key);
        assert_memory_equal(got, want, sizeof got);
        for (size_t i = 0; i < 4; i++)
            counter[i] = want[i]; /* somewhere else next time */
        key = (uint64_t)want[4] << 32 | want[5];
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_have_the_published_words),
        cmocka_unit_test(kernels_give_the_same_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
