/* reduce_test.c -- sums of any length against sums in double. */
#include "ops/reduce.h"

#include "../numbers.h"

static const size_t sizes[] = {1, 15, 16, 17, 31, 32, 33, 64, 100, 1000};
enum { N_SIZES = sizeof sizes / sizeof *sizes };

static void rows_of_any_length(void **state)
{
    (void)state;
    for (size_t s = 0; s < N_SIZES; s++) {
        const size_t n = sizes[s];
        float *x = numbers(n, 1, s), *y = numbers(n, 1, s + 100);
        double sum = 0, dot = 0, max = -2;

        for (size_t i = 0; i < n; i++) {
            sum += x[i];
            dot += (double)x[i] * y[i];
            max = fmax(max, x[i]);
        }
        check_close(reduce_sum(x, n), sum, 1e-5, "sum", n);
        check_close(reduce_dot(x, y, n), dot, 1e-5, "dot", n);
        assert_true(reduce_max(x, n) == (float)max);
        free(x);
        free(y);
    }
}

static void a_long_sum_does_not_drift(void **state)
{
    const size_t n = 1 << 16;
    float *x = malloc(n * sizeof *x);
    float one_by_one = 0;

    (void)state;
    for (size_t i = 0; i < n; i++) {
        x[i] = 0.1f;
        one_by_one += x[i];
    }
    assert_true(fabs(one_by_one / ((double)n * 0.1f) - 1) > 1e-4);
    check_close(reduce_sum(x, n) / ((double)n * 0.1f), 1, 5e-5, "sum", n);
    free(x);
}

static void columns_of_any_shape_are_added(void **state)
{
    const size_t stride = 300, n_rows = 130;
    float *x = numbers(stride * n_rows, 1, 1);

    (void)state;
    for (size_t s = 0; s < 8; s++) {
        float *got = numbers(sizes[s], 1, 2);
        double *want = doubles(got, sizes[s]);

        for (size_t j = 0; j < sizes[s]; j++) {
            for (size_t i = 0; i < n_rows; i++)
                want[j] += x[i * stride + j];
        }
        reduce_columns(got, x, stride, n_rows, sizes[s]);
        check_all(got, want, sizes[s], 1e-5, "columns");
        free(got);
        free(want);
    }
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_any_length),
        cmocka_unit_test(a_long_sum_does_not_drift),
        cmocka_unit_test(columns_of_any_shape_are_added),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
