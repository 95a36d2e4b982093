/* fp32_peak.c -- what one core can do at most: fused multiply-adds on registers, nothing else.
 *
 *   fp32_peak      prints GF/s by CPU time, the best of five
 *
 * Sixteen sums that do not wait for each other, so that only the number of units counts. */
#include <immintrin.h>
#include <stdio.h>
#include <time.h>

enum { SUMS = 16, ROUNDS = 4000000 };

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

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

int main(void)
{
    const int lanes = __builtin_cpu_supports("avx512f") ? 16
                      : __builtin_cpu_supports("fma")   ? 8
                                                        : 0;
    double best = 1e9;
    float kept = 0;

    if (lanes == 0) {
        fprintf(stderr, "fp32_peak: no AVX2 here\n");
        return 1;
    }
    for (int i = 0; i < 5; i++) {
        const double start = cpu_seconds();

        kept += lanes == 16 ? run_512() : run_256();
        best = cpu_seconds() - start < best ? cpu_seconds() - start : best;
    }
    printf("%.1f\n", 2.0 * SUMS * ROUNDS * lanes / best / 1e9);
    return kept == 0; /* so that the work is not dropped */
}
