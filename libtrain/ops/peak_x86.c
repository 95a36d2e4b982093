/* peak_x86.c -- sixteen sums that do not wait for each other, so that only the number of units counts. */
#include <immintrin.h>

#include "ops/peak.h"

enum { SUMS = 16, ROUNDS = 4000000 };

__attribute__((target("avx512f"))) static float run_512(void)
{
    const __m512 a = _mm512_set1_ps(0.999f), b = _mm512_set1_ps(0.001f);
    __m512 x[SUMS];

    for (int k = 0; k < SUMS; k++)
        x[k] = _mm512_set1_ps((float)k);
    for (int i = 0; i < ROUNDS; i++)
        for (int k = 0; k < SUMS; k++)
            x[k] = _mm512_fmadd_ps(x[k], a, b);
    for (int k = 1; k < SUMS; k++)
        x[0] = _mm512_add_ps(x[0], x[k]);
    return _mm512_reduce_add_ps(x[0]);
}

__attribute__((target("avx2,fma"))) static float run_256(void)
{
    const __m256 a = _mm256_set1_ps(0.999f), b = _mm256_set1_ps(0.001f);
    __m256 x[SUMS];
    float out[8];

    for (int k = 0; k < SUMS; k++)
        x[k] = _mm256_set1_ps((float)k);
    for (int i = 0; i < ROUNDS; i++)
        for (int k = 0; k < SUMS; k++)
            x[k] = _mm256_fmadd_ps(x[k], a, b);
    for (int k = 1; k < SUMS; k++)
        x[0] = _mm256_add_ps(x[0], x[k]);
    _mm256_storeu_ps(out, x[0]);
    return out[0] + out[7];
}

double peak_fused_round(float *kept)
{
    int lanes = 0;

    if (__builtin_cpu_supports("avx512f")) {
        *kept += run_512();
        lanes = 16;
    } else if (__builtin_cpu_supports("fma")) {
        *kept += run_256();
        lanes = 8;
    }
    return 2.0 * SUMS * ROUNDS * lanes;
}
