/* half_cpu_x86.c -- CPUID says what the CPU can, XCR0 what the system saves at a change of threads, and
 * Linux wants to be asked before it makes room for tiles (Documentation/arch/x86/xstate.rst). */
#define _DEFAULT_SOURCE /* syscall() */
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ops/half_tile.h"

enum {
    LEAF_FEATURES = 7,
    BIT_AVX512_BF16 = 1 << 5, /* EAX of subleaf 1 */
    BIT_AMX_BF16 = 1 << 22,   /* EDX of subleaf 0 */
    BIT_AMX_TILE = 1 << 24,
    BIT_OSXSAVE = 1 << 27, /* ECX of leaf 1 */
    STATE_TILES = 3 << 17, /* TILECFG and TILEDATA in XCR0 */
    ASK_PERMISSION = 0x1023,
    TILE_DATA = 18
};

bool half_wide_works(void)
{
    unsigned a, b, c, d;

    return __builtin_cpu_supports("avx512f") &&
           __get_cpuid_count(LEAF_FEATURES, 1, &a, &b, &c, &d) && (a & BIT_AVX512_BF16);
}

/* AMD's CPUs and Cooper Lake do twice of what they do in fp32 (Intel and Meta published trainings 1.4 to
 * 1.64 times as fast there). Intel's CPUs since Sapphire Rapids do half: they have AMX for it. */
bool half_wide_pays(void)
{
    return half_wide_works() && (__builtin_cpu_is("amd") || __builtin_cpu_is("cooperlake"));
}

static unsigned saved_states(void)
{
    unsigned low, high;

    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

bool half_amx_works(void)
{
    const unsigned tiles = BIT_AMX_BF16 | BIT_AMX_TILE;
    unsigned a, b, c, d;

    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & BIT_OSXSAVE) ||
        !__get_cpuid_count(LEAF_FEATURES, 0, &a, &b, &c, &d) || (d & tiles) != tiles)
        return false;
    return (saved_states() & STATE_TILES) == STATE_TILES &&
           syscall(SYS_arch_prctl, ASK_PERMISSION, TILE_DATA) == 0;
}
