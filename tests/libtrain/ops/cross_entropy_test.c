/* cross_entropy_test.c -- the loss of a row against double, its gradient against the definition
 * and against differences of the loss in double. */
#include "ops/cross_entropy.h"

#include "../numbers.h"

static void check_row(size_t V, size_t label, bool with_bias, float scale)
{
    float *logits = numbers(V, 10, V), *bias = with_bias ? numbers(V, 1, V + 1) : NULL;
    double *want = doubles(logits, V);
    double sum = 0, loss;
    bool right, best = true;

    for (size_t i = 0; i < V; i++) {
        want[i] += bias ? bias[i] : 0;
        sum += exp(want[i]);
    }
    for (size_t i = 0; i < V; i++)
        best = best && (i == label || want[i] < want[label]);
    loss = log(sum) - want[label];
    for (size_t i = 0; i < V; i++)
        want[i] = (exp(want[i]) / sum - (i == label)) * scale;

    check_close(cross_entropy(&right, logits, bias, V, label, scale), loss, 2e-6, "loss", V);
    assert_int_equal(right, best);
    check_all(logits, want, V, 2e-6, "gradient");
    free(logits);
    free(bias);
    free(want);
}

static double loss_ref(const double *logits, size_t V, size_t label)
{
    double sum = 0;

    for (size_t i = 0; i < V; i++)
        sum += exp(logits[i]);
    return log(sum) - logits[label];
}

static void gradient_is_the_slope_of_the_loss(void **state)
{
    enum { V = 37, LABEL = 5 };
    const double h = 1e-5;
    float *logits = numbers(V, 4, 1);
    double *x = doubles(logits, V);
    bool right;

    (void)state;
    cross_entropy(&right, logits, NULL, V, LABEL, 1);
    for (size_t i = 0; i < V; i++) {
        const double was = x[i];
        double up, down;

        x[i] = was + h;
        up = loss_ref(x, V, LABEL);
        x[i] = was - h;
        down = loss_ref(x, V, LABEL);
        x[i] = was;
        check_close(logits[i], (up - down) / (2 * h), 1e-6, "gradient", i);
    }
    free(logits);
    free(x);
}

static void loss_and_gradient(void **state)
{
    (void)state;
    check_row(1, 0, false, 1);
    check_row(2, 1, false, 0.5f);
    check_row(513, 512, true, 1);
    check_row(30522, 17, true, 0.01f);
}

static void equal_logits_are_right_for_the_first_only(void **state)
{
    float logits[] = {1, 3, 3}, again[] = {1, 3, 3};
    bool right;

    (void)state;
    cross_entropy(&right, logits, NULL, 3, 1, 1);
    assert_true(right);
    cross_entropy(&right, again, NULL, 3, 2, 1);
    assert_false(right);
}

static void huge_logits_stay_finite(void **state)
{
    float logits[] = {1e6f, -1e6f};
    bool right;

    (void)state;
    check_close(cross_entropy(&right, logits, NULL, 2, 1, 1), 2e6, 1e-6, "loss", 0);
    assert_true(logits[0] == 1 && logits[1] == -1);
}

static void a_nan_is_not_swallowed(void **state)
{
    float logits[] = {0, NAN, 1};
    bool right;

    (void)state;
    assert_true(isnan(cross_entropy(&right, logits, NULL, 3, 0, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_and_gradient),
        cmocka_unit_test(gradient_is_the_slope_of_the_loss),
        cmocka_unit_test(equal_logits_are_right_for_the_first_only),
        cmocka_unit_test(huge_logits_stay_finite),
        cmocka_unit_test(a_nan_is_not_swallowed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
