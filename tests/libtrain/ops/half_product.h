/* half_product.h -- for tests of products of halves: one kernel against sums in double. */
#ifndef TESTS_HALF_PRODUCT_H
#define TESTS_HALF_PRODUCT_H

#include <stdint.h>
#include <string.h>

#include "../numbers.h"
#include "base/half.h"
#include "ops/half_gemm.h"
#include "ops/half_pack.h"
#include "ops/halves.h"

/* On a cache line, zeroed. */
static inline uint16_t *halves(size_t n)
{
    uint16_t *x = aligned_alloc(64, (n * sizeof *x + 64) / 64 * 64);

    assert_non_null(x);
    memset(x, 0, (n * sizeof *x + 64) / 64 * 64);
    return x;
}

static inline uint16_t *random_halves(size_t n, uint64_t seed)
{
    float *x = numbers(n, 1, seed);
    uint16_t *y = halves(n);

    halves_round(y, x, n);
    free(x);
    return y;
}

/* C (M, N) + bias by the kernel, and in double. The products of two halves are exact in fp32, so what
 * differs is the rounding of sums of K terms below 1: K 2^-24 at most, in practice far less. */
static inline void check_product(const struct half_kernel *kernel, size_t M, size_t N, size_t K,
                                 size_t lda)
{
    uint16_t *a = random_halves(M * lda, 1), *b = random_halves(K * N, 2);
    uint16_t *packed = halves(half_packed(K, N));
    float *bias = numbers(N, 1, 3), *c = numbers(M * N, 1, 4);
    struct half_floats to = {c, N};

    for (size_t i = 0; i < M; i++) {
        for (size_t k = K; k < lda; k++)
            a[i * lda + k] = lda < half_padded(K) ? 0x7fc0 : 0; /* NaN: must not be looked at */
    }
    half_pack_rows(packed, half_panel(K), b, N, K, N);
    half_gemm(&(struct half_product){.kernel = kernel,
                                     .a = a,
                                     .lda = lda,
                                     .b = packed,
                                     .panel_stride = half_panel(K),
                                     .bias = bias,
                                     .M = M,
                                     .N = N,
                                     .K = K,
                                     .finish = half_store_floats,
                                     .finish_context = &to});
    for (size_t i = 0; i < M; i++) {
        for (size_t j = 0; j < N; j++) {
            double want = bias[j];

            for (size_t k = 0; k < K; k++)
                want += (double)half_float(a[i * lda + k]) * half_float(b[k * N + j]);
            check_close(c[i * N + j], want, 2e-5, kernel->name, i * N + j);
        }
    }
    free(a);
    free(b);
    free(packed);
    free(bias);
    free(c);
}

/* Added to what stands in C; what lies between its rows stays. */
static inline void check_added(const struct half_kernel *kernel, size_t M, size_t N, size_t K)
{
    const size_t ld = N + 5;
    uint16_t *a = random_halves(M * K, 1), *b = random_halves(K * N, 2);
    uint16_t *packed = halves(half_packed(K, N));
    float *c = numbers(M * ld, 1, 3), *before = numbers(M * ld, 1, 3);
    struct half_floats to = {c, ld};

    half_pack_rows(packed, half_panel(K), b, N, K, N);
    half_gemm(&(struct half_product){.kernel = kernel,
                                     .a = a,
                                     .lda = K,
                                     .b = packed,
                                     .panel_stride = half_panel(K),
                                     .M = M,
                                     .N = N,
                                     .K = K,
                                     .finish = half_add_floats,
                                     .finish_context = &to});
    for (size_t i = 0; i < M; i++) {
        for (size_t j = 0; j < ld; j++) {
            double want = before[i * ld + j];

            for (size_t k = 0; j < N && k < K; k++)
                want += (double)half_float(a[i * K + k]) * half_float(b[k * N + j]);
            check_close(c[i * ld + j], want, j < N ? 2e-5 : 0, kernel->name, i * ld + j);
        }
    }
    free(a);
    free(b);
    free(packed);
    free(c);
    free(before);
}

static inline void check_sizes(const struct half_kernel *kernel)
{
    const size_t sizes[][3] = {{1, 1, 1},     {2, 33, 31},    {5, 32, 32},   {12, 31, 33},
                               {13, 64, 64},  {24, 5, 63},    {31, 40, 100}, {32, 32, 128},
                               {33, 7, 1024}, {47, 65, 1057}, {257, 35, 96}, {70, 3, 2100}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const size_t K = sizes[i][2];

        check_product(kernel, sizes[i][0], sizes[i][1], K, K);
        check_product(kernel, sizes[i][0], sizes[i][1], K, half_padded(K) + 6);
        check_added(kernel, sizes[i][0], sizes[i][1], K);
    }
}

/* One row times one column of 32 numbers, the rest zero. */
static inline float product_of(const struct half_kernel *kernel, float x0, float y0, float x1,
                               float y1)
{
    uint16_t *a = halves(HALF_DEPTH), *b = halves(HALF_DEPTH * HALF_COLS);
    float sums[HALF_COLS] = {0};

    a[0] = half_round(x0);
    a[1] = half_round(x1);
    b[0] = half_round(y0);
    b[1] = half_round(y1);
    kernel->multiply(sums, HALF_COLS, a, HALF_DEPTH, b, 1, HALF_DEPTH);
    free(a);
    free(b);
    return sums[0];
}

static inline void check_special_numbers(const struct half_kernel *kernel)
{
    const float tiny = 1e-40f;

    assert_true(product_of(kernel, INFINITY, 2, 1, 1) == INFINITY);
    assert_true(product_of(kernel, INFINITY, -2, 1, 1) == -INFINITY);
    assert_true(isnan(product_of(kernel, INFINITY, 1, INFINITY, -1)));
    assert_true(isnan(product_of(kernel, INFINITY, 0, 1, 1)));
    assert_true(isnan(product_of(kernel, NAN, 1, 1, 1)));
    assert_true(product_of(kernel, 3e38f, 3e38f, 0, 0) == INFINITY);
    /* Zero or the tiny number itself: nothing in a training may hang on which. */
    assert_true(fabsf(product_of(kernel, tiny, 1, 0, 0)) <= 1.01f * tiny);
    assert_true(fabsf(product_of(kernel, tiny, 1e30f, 0, 0)) <= 1.01e-10f);
    assert_true(product_of(kernel, tiny, 1, 1, 3) == 3);
}

#endif
