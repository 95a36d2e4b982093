/* gemm_test.c -- both products, ours and BLAS, in all layouts and around all block sizes. */
#include "ops/gemm_narrow.h"
#include "ops/gemm_wide.h"

#include <string.h>

#include "../numbers.h"

enum { M = 7, N = 19, K = 33, LD = 50 };

/* C = 0.5 A B + 2 C, of A and B or their transposes. */
static void check_layout(bool transposed_a, bool transposed_b,
                         void (*product)(float *, size_t, const float *, size_t, const float *,
                                         size_t, size_t, size_t, size_t, float, float))
{
    float *a = numbers(LD * LD, 1, 1), *b = numbers(LD * LD, 1, 2), *c = numbers(LD * LD, 1, 3);
    double *want = doubles(c, LD * LD);

    for (size_t i = 0; i < M; i++) {
        for (size_t j = 0; j < N; j++) {
            want[i * LD + j] *= 2;
            for (size_t k = 0; k < K; k++)
                want[i * LD + j] += 0.5 * a[transposed_a ? k * LD + i : i * LD + k] *
                                    b[transposed_b ? j * LD + k : k * LD + j];
        }
    }
    product(c, LD, a, LD, b, LD, M, N, K, 0.5f, 2);
    check_all(c, want, LD * LD, 1e-5, "c"); /* what is outside stays */
    free(a);
    free(b);
    free(c);
    free(want);
}

static void layouts(void **state)
{
    (void)state;
    check_layout(false, true, gemm_nt);
    check_layout(false, false, gemm_nn);
    check_layout(true, false, gemm_tn);
}

/* Blocks of every kind of both products: whole ones, ragged ones, single rows and columns. */
static void check_sizes(bool a_transposed, bool b_transposed, size_t m, size_t n, size_t k)
{
    const struct gemm_operand a = {numbers(m * k, 1, 1), a_transposed ? m : k, a_transposed};
    const struct gemm_operand b = {numbers(n * k, 1, 2), b_transposed ? k : n, b_transposed};
    float *wide = numbers(m * n, 1, 3), *blas = numbers(m * n, 1, 3);
    float *narrow = numbers(m * n, 1, 3), *plain = numbers(m * n, 1, 3);
    double *want = doubles(wide, m * n);

    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0;

            for (size_t l = 0; l < k; l++)
                sum += (double)a.at[a_transposed ? l * m + i : i * k + l] *
                       b.at[b_transposed ? j * k + l : l * n + j];
            want[i * n + j] = 3 * sum - want[i * n + j];
        }
    }
    gemm_by_blas(blas, n, &a, &b, m, n, k, 3, -1);
    check_all(blas, want, m * n, 1e-4, "blas");
    gemm_plain(plain, n, &a, &b, m, n, k, 3, -1);
    check_all(plain, want, m * n, 1e-4, "plain");
    if (gemm_narrow_works()) {
        gemm_narrow(narrow, n, &a, &b, m, n, k, 3, -1);
        check_all(narrow, want, m * n, 1e-4, "narrow");
    }
    if (gemm_wide_works()) {
        gemm_wide(wide, n, &a, &b, m, n, k, 3, -1);
        check_all(wide, want, m * n, 1e-4, "wide");
    }
    free((void *)a.at);
    free((void *)b.at);
    free(wide);
    free(narrow);
    free(plain);
    free(blas);
    free(want);
}

static void sizes_around_every_block(void **state)
{
    const size_t sizes[][3] = {{1, 1, 1},     {8, 32, 256}, {9, 33, 257},
                               {15, 31, 100}, {257, 17, 5}, {40, 1, 600},
                               {1, 70, 16},   {529, 33, 9}, {5, 161, 520}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int layout = 0; layout < 4; layout++)
            check_sizes(layout & 1, layout & 2, sizes[i][0], sizes[i][1], sizes[i][2]);
    }
}

static void beta_zero_does_not_read(void **state)
{
    float a[] = {2}, b[] = {3}, c[] = {NAN};

    (void)state;
    gemm_nn(c, 1, a, 1, b, 1, 1, 1, 1, 1, 0);
    assert_true(c[0] == 6);
}

static void kernels_are_chosen_by_name(void **state)
{
    const char *names[] = {"plain", "blas", "avx2", "avx512", "auto"};

    (void)state;
    assert_false(gemm_choose("mmx"));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!gemm_choose(names[i]))
            continue;
        if (strcmp(names[i], "auto") != 0)
            assert_string_equal(gemm_chosen(), names[i]);
        layouts(state);
        beta_zero_does_not_read(state);
    }
    assert_string_equal(gemm_chosen(), gemm_wide_works() ? "avx512" : "blas");
}

static void no_rows_is_no_work(void **state)
{
    float c[] = {5};

    (void)state;
    gemm_nn(c, 1, c, 1, c, 1, 0, 1, 1, 1, 0);
    assert_true(c[0] == 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts),
        cmocka_unit_test(sizes_around_every_block),
        cmocka_unit_test(beta_zero_does_not_read),
        cmocka_unit_test(kernels_are_chosen_by_name),
        cmocka_unit_test(no_rows_is_no_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
