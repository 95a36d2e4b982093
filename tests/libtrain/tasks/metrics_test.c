/* metrics_test.c -- numbers that scikit-learn and SciPy give for the same input. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tasks/metrics.h"

enum { N = 10 };

static void check(double x, double want)
{
    if (!(fabs(x - want) < 1e-12))
        fail_msg("%.17g, not %.17g", x, want);
}

static void two_classes(void **state)
{
    const int32_t said[N] = {1, 1, 0, 1, 0, 0, 1, 1, 0, 1};
    const int32_t meant[N] = {1, 0, 0, 1, 1, 0, 1, 1, 0, 0};
    struct metrics m;

    (void)state;
    metrics_of_classes(&m, said, meant, N, 2);
    check(m.accuracy, 0.7);
    check(m.f1, 8 / 11.0);                       /* 4 right of 6 said, of 5 meant */
    check(m.matthews, 10 / sqrt(6 * 5 * 5 * 4)); /* (4 * 3 - 2 * 1) / sqrt(...) */
}

static void three_classes(void **state)
{
    const int32_t said[6] = {0, 2, 1, 0, 0, 1};
    const int32_t meant[6] = {0, 1, 2, 0, 1, 2};
    struct metrics m;

    (void)state;
    metrics_of_classes(&m, said, meant, 6, 3);
    check(m.accuracy, 2 / 6.0);
    assert_false(m.binary);
    check(m.matthews, (2 * 6 - (3 * 2 + 2 * 2 + 1 * 2)) / sqrt((36 - 14.0) * (36 - 12.0)));
}

static void one_sided_predictions(void **state)
{
    const int32_t none[4] = {0, 0, 0, 0};
    const int32_t some[4] = {0, 1, 0, 1};
    struct metrics m;

    (void)state;
    metrics_of_classes(&m, none, some, 4, 2);
    check(m.accuracy, 0.5);
    check(m.f1, 0);
    check(m.matthews, 0);
    metrics_of_classes(&m, NULL, NULL, 0, 2);
    check(m.accuracy, 0);
}

static void correlations(void **state)
{
    const float x[5] = {1, 2, 3, 4, 5};
    const float y[5] = {1, 3, 2, 5, 4};
    const float cube[5] = {1, 8, 27, 64, 125};
    const float tied[5] = {1, 1, 2, 3, 3};
    struct metrics m;

    (void)state;
    metrics_of_scores(&m, x, y, 5);
    check(m.pearson, 0.8);
    check(m.spearman, 0.8);
    metrics_of_scores(&m, cube, x, 5);
    check(m.pearson, 0.9431175138077005); /* scipy.stats.pearsonr */
    check(m.spearman, 1);
    metrics_of_scores(&m, tied, x, 5);
    check(m.spearman, 0.9486832980505138); /* scipy.stats.spearmanr */
}

static void a_constant_has_no_correlation(void **state)
{
    const float x[3] = {1, 2, 3};
    const float flat[3] = {0.1F, 0.1F, 0.1F};
    struct buf text = {0};
    struct json *json;
    struct metrics m;

    (void)state;
    metrics_of_scores(&m, flat, x, 3);
    assert_true(isnan(m.pearson));
    json = metrics_json(&m);
    json_write(&text, json, JSON_LINE);
    assert_string_equal(text.data, "{\"pearson\": null, \"spearman\": null}");
    json_release(json);
    buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_classes),
        cmocka_unit_test(three_classes),
        cmocka_unit_test(one_sided_predictions),
        cmocka_unit_test(correlations),
        cmocka_unit_test(a_constant_has_no_correlation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
