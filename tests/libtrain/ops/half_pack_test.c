/* half_pack_test.c -- every number stands where the header says, and zeros stand everywhere else. */
#include "ops/half_pack.h"

#include <string.h>

#include "../numbers.h"

static uint16_t *count_up(size_t n)
{
    uint16_t *x = malloc(n * sizeof *x);

    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = (uint16_t)(i + 1);
    return x;
}

static void check_packed(const uint16_t *packed, size_t stride, const uint16_t *from, size_t k_step,
                         size_t n_step, size_t K, size_t N)
{
    for (size_t n = 0; n < half_padded(N); n++) {
        for (size_t k = 0; k < half_padded(K); k++) {
            const size_t at = n / 32 * stride + k / 2 * 64 + n % 32 * 2 + k % 2;

            assert_int_equal(packed[at], k < K && n < N ? from[k * k_step + n * n_step] : 0);
        }
    }
}

static void check_size(size_t K, size_t N)
{
    const size_t more = 3; /* numbers between the rows */
    const size_t stride = half_panel(K) + 64;
    const size_t n_panels = half_padded(N) / HALF_COLS;
    uint16_t *rows = count_up(K * (N + more)), *columns = count_up(N * (K + more));
    uint16_t *packed = count_up(n_panels * stride), *turned = count_up(N * (half_padded(K) + more));

    half_pack_rows(packed, stride, rows, N + more, K, N);
    check_packed(packed, stride, rows, N + more, 1, K, N);
    memset(packed, 1, n_panels * stride * sizeof *packed);
    half_pack_columns(packed, stride, columns, K + more, K, N);
    check_packed(packed, stride, columns, 1, K + more, K, N);

    half_transpose(turned, half_padded(K) + more, rows, N + more, N, K);
    for (size_t n = 0; n < N; n++) {
        for (size_t k = 0; k < half_padded(K); k++)
            assert_int_equal(turned[n * (half_padded(K) + more) + k],
                             k < K ? rows[k * (N + more) + n] : 0);
    }
    free(rows);
    free(columns);
    free(packed);
    free(turned);
}

static void numbers_keep_their_places(void **state)
{
    const size_t sizes[] = {1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100};
    enum { N = sizeof sizes / sizeof *sizes };

    (void)state;
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < N; j++)
            check_size(sizes[i], sizes[j]);
    }
}

static void sizes(void **state)
{
    (void)state;
    assert_int_equal(half_padded(0), 0);
    assert_int_equal(half_padded(33), 64);
    assert_int_equal(half_panel(33), 64 * 32);
    assert_int_equal(half_packed(33, 65), 64 * 96);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_keep_their_places),
        cmocka_unit_test(sizes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
