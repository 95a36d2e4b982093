/* softmax_test.c -- rows against double; the second making of the probabilities equals the first;
 * the gradient is the slope of the same in double. */
#include "ops/softmax.h"

#include <string.h>

#include "../numbers.h"

static void softmax_ref(double *p, double *log_sum, const float *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += exp(x[i]);
    for (size_t i = 0; i < n; i++)
        p[i] = exp(x[i]) / sum;
    *log_sum = log(sum);
}

static void forward_again_and_backward(void **state)
{
    const size_t sizes[] = {1, 2, 17, 128, 333};

    (void)state;
    for (int s = 0; s < 5; s++) {
        const size_t n = sizes[s];
        float *x = numbers(n, 6, n), *dp = numbers(n, 1, n + 1), *again = numbers(n, 6, n);
        double *want = doubles(x, n), *dx = doubles(x, n);
        double log_sum, dot = 0;
        float got;

        softmax_ref(want, &log_sum, x, n);
        got = softmax_forward(x, n);
        check_close(got, log_sum, 1e-6, "log_sum", n);
        check_all(x, want, n, 1e-6, "p");
        softmax_again(again, n, got);
        check_all(again, want, n, 2e-6, "p again");

        for (size_t i = 0; i < n; i++)
            dot += want[i] * dp[i];
        for (size_t i = 0; i < n; i++)
            dx[i] = want[i] * (dp[i] - dot);
        softmax_backward(dp, dp, x, n);
        check_all(dp, dx, n, 1e-6, "dx");
        free(x);
        free(dp);
        free(again);
        free(want);
        free(dx);
    }
}

/* sum(p * dp) as a function of the scores: what softmax_backward() differentiates. */
static double weighted_ref(const double *x, const float *dp, size_t n)
{
    double sum = 0, weighted = 0;

    for (size_t i = 0; i < n; i++) {
        sum += exp(x[i]);
        weighted += exp(x[i]) * dp[i];
    }
    return weighted / sum;
}

static void gradient_is_the_slope(void **state)
{
    enum { N = 19 };
    const double h = 1e-5;
    float *p = numbers(N, 3, 1), *dp = numbers(N, 1, 2), *dx = numbers(N, 1, 3);
    double *x = doubles(p, N);

    (void)state;
    softmax_forward(p, N);
    softmax_backward(dx, dp, p, N);
    for (size_t i = 0; i < N; i++) {
        const double was = x[i];
        double up, down;

        x[i] = was + h;
        up = weighted_ref(x, dp, N);
        x[i] = was - h;
        down = weighted_ref(x, dp, N);
        x[i] = was;
        check_close(dx[i], (up - down) / (2 * h), 1e-6, "dx", i);
    }
    free(p);
    free(dp);
    free(dx);
    free(x);
}

static void huge_scores_do_not_overflow(void **state)
{
    float x[] = {1e4f, 1e4f, -1e4f};

    (void)state;
    softmax_forward(x, 3);
    check_close(x[0], 0.5, 1e-6, "p", 0);
    check_close(x[1], 0.5, 1e-6, "p", 1);
    assert_true(x[2] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_again_and_backward),
        cmocka_unit_test(gradient_is_the_slope),
        cmocka_unit_test(huge_scores_do_not_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
