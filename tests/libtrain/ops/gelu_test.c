/* gelu_test.c -- values and derivatives against double; an error of erf or tanh (5e-7)
 * counts |x| times, in the derivative by tanh up to 20 times. */
#include "ops/gelu.h"

#include "../numbers.h"

static double gelu_ref(double x, bool by_tanh)
{
    if (by_tanh)
        return 0.5 * x * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
    return 0.5 * x * (1 + erf(x / sqrt(2)));
}

static void check_gelu(size_t n, bool by_tanh)
{
    float *x = numbers(n, 8, n), *dy = numbers(n, 2, n + 1);
    float *y = numbers(n, 1, 0), *again = numbers(n, 1, 0), *dx = numbers(n, 1, 0);

    gelu_forward(y, x, n, by_tanh);
    gelu_backward(dx, again, dy, x, n, by_tanh);
    for (size_t i = 0; i < n; i++) {
        const double h = 1e-5;
        const double slope = (gelu_ref(x[i] + h, by_tanh) - gelu_ref(x[i] - h, by_tanh)) / (2 * h);

        check_close(y[i], gelu_ref(x[i], by_tanh), 3e-6, "gelu", i);
        check_close(dx[i], dy[i] * slope, 1.5e-5, "gelu'", i);
        assert_true(again[i] == y[i]);
    }
    gelu_backward(dy, NULL, dy, x, n, by_tanh); /* in place */
    for (size_t i = 0; i < n; i++)
        assert_true(dy[i] == dx[i]);
    free(x);
    free(dy);
    free(y);
    free(again);
    free(dx);
}

static void by_erf_as_bert(void **state)
{
    (void)state;
    check_gelu(1, false);
    check_gelu(512, false);
    check_gelu(1300, false);
}

static void by_tanh_as_the_tensorflow_system(void **state)
{
    (void)state;
    check_gelu(3, true);
    check_gelu(1300, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_erf_as_bert),
        cmocka_unit_test(by_tanh_as_the_tensorflow_system),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
