/* dropout_test.c -- the draws are Philox's, keep the mean, and depend on nothing else. */
#include "ops/dropout.h"

#include <string.h>

#include "../numbers.h"

/* One draw by base/rng: feature -> group of 16 blocks, word, half. */
static float draw_ref(const struct dropout *d, size_t feature, uint32_t site, uint64_t token)
{
    const size_t in_group = feature % 128;
    const uint32_t counter[4] = {(uint32_t)(feature / 128 * 16 + in_group % 16), site,
                                 (uint32_t)token, (uint32_t)(token >> 32)};
    uint32_t words[4], draw;

    philox_block(words, counter, d->key);
    draw = words[in_group / 32] >> (in_group / 16 % 2 * 16) & 0xffff;
    return draw < d->threshold ? 0 : d->scale;
}

static void draws_are_those_of_the_plain_generator(void **state)
{
    struct dropout d;
    float keep[300];

    (void)state;
    dropout_init(&d, 0.3, 42, 7);
    for (size_t n = 1; n <= 300; n += 37) {
        dropout_draw(keep, n, &d, 5, 0x123456789abull);
        for (size_t i = 0; i < n; i++)
            assert_true(keep[i] == draw_ref(&d, i, 5, 0x123456789abull));
    }
}

static void the_mean_stays(void **state)
{
    enum { N = 1024, ROWS = 500 };
    struct dropout d;
    float keep[N];
    double sum = 0, dropped = 0;

    (void)state;
    dropout_init(&d, 0.1, 1, 1);
    for (uint64_t row = 0; row < ROWS; row++) {
        dropout_draw(keep, N, &d, 0, row);
        for (int i = 0; i < N; i++) {
            sum += keep[i];
            dropped += keep[i] == 0;
        }
    }
    /* Five standard deviations of 512,000 draws. */
    check_close(dropped / (N * ROWS), 0.1, 5 * sqrt(0.09 / (N * ROWS)), "dropped", 0);
    check_close(sum / (N * ROWS), 1, 5 * sqrt(0.1 / 0.9 / (N * ROWS)), "mean", 0);
}

static void rows_draw_by_the_number_of_their_token(void **state)
{
    enum { N = 200, ROWS = 5 };
    struct dropout d;
    float *x = numbers(N * ROWS, 1, 1), *residual = numbers(N * ROWS, 1, 2);
    float y[N * ROWS], z[N * ROWS], keep[N];

    (void)state;
    dropout_init(&d, 0.5, 1, 1);
    dropout_rows(y, x, ROWS, N, &d, 3, 1000);
    dropout_add_rows(z, x, residual, ROWS, N, &d, 3, 1000);
    for (size_t row = 0; row < ROWS; row++) {
        dropout_draw(keep, N, &d, 3, 1000 + row);
        for (size_t i = row * N; i < (row + 1) * N; i++) {
            assert_true(y[i] == x[i] * keep[i - row * N]);
            assert_true(z[i] == residual[i] + y[i]);
        }
    }
    dropout_rows(x, x, ROWS, N, &d, 3, 1000); /* in place */
    assert_memory_equal(x, y, sizeof y);
    dropout_add_rows(x, x, residual, ROWS, N, &d, 4, 1000); /* another site, other draws */
    assert_memory_not_equal(x, z, sizeof z);
    free(x);
    free(residual);
}

static void probability_zero_changes_nothing(void **state)
{
    struct dropout d;
    float *x = numbers(90, 1, 1), *residual = numbers(90, 1, 2);
    float y[90];

    (void)state;
    dropout_init(&d, 0, 1, 1);
    dropout_rows(y, x, 3, 30, &d, 0, 0);
    assert_memory_equal(y, x, sizeof y);
    dropout_add_rows(y, x, residual, 3, 30, &d, 0, 0);
    for (int i = 0; i < 90; i++)
        assert_true(y[i] == residual[i] + x[i]);
    memcpy(y, x, sizeof y);
    dropout_add_rows(y, y, residual, 3, 30, &d, 0, 0);
    for (int i = 0; i < 90; i++)
        assert_true(y[i] == residual[i] + x[i]);
    memcpy(y, residual, sizeof y);
    dropout_add_rows(y, x, y, 3, 30, &d, 0, 0);
    for (int i = 0; i < 90; i++)
        assert_true(y[i] == residual[i] + x[i]);
    free(x);
    free(residual);
}

static void a_probability_next_to_one_stays_finite(void **state)
{
    struct dropout d;

    (void)state;
    dropout_init(&d, 0.9999999, 1, 1);
    assert_true(isfinite(d.scale));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_are_those_of_the_plain_generator),
        cmocka_unit_test(the_mean_stays),
        cmocka_unit_test(rows_draw_by_the_number_of_their_token),
        cmocka_unit_test(probability_zero_changes_nothing),
        cmocka_unit_test(a_probability_next_to_one_stays_finite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
