/* linear_test.c -- the cuts cover everything once; products against plain loops in double. */
#include "ops/linear.h"

#include "../numbers.h"

static void blocks_cover_all_rows_once(void **state)
{
    (void)state;
    for (size_t T = 1; T < 20000; T += 1 + T / 50) {
        size_t next = 0, rows;

        assert_true(linear_blocks(T) <= linear_most_blocks(T));
        assert_true(linear_blocks(T) <= linear_most_blocks(T + 1000));
        for (size_t i = 0; i < linear_blocks(T); i++) {
            assert_int_equal(linear_block(&rows, T, i), next);
            assert_true(rows >= 1 && rows <= 256);
            next += rows;
        }
        assert_int_equal(next, T);
    }
}

static void check_linear(size_t T, size_t N, size_t K)
{
    float *x = numbers(T * K, 1, 1), *w = numbers(N * K, 1, 2), *b = numbers(N, 1, 3);
    float *y = numbers(T * N, 1, 0), *dy = numbers(T * N, 1, 4);
    float *dx = numbers(T * K, 1, 5), *dw = numbers(N * K, 1, 6), *db = numbers(N, 1, 7);
    double *want_y = calloc(T * N, sizeof *want_y), *want_dx = doubles(dx, T * K);
    double *want_dw = doubles(dw, N * K), *want_db = doubles(db, N);
    const struct linear_gradient g = {dw, db, dy, x, T, N, K};

    for (size_t t = 0; t < T; t++) {
        for (size_t n = 0; n < N; n++) {
            want_y[t * N + n] = b[n];
            want_db[n] += dy[t * N + n];
            for (size_t k = 0; k < K; k++) {
                want_y[t * N + n] += (double)x[t * K + k] * w[n * K + k];
                want_dx[t * K + k] += (double)dy[t * N + n] * w[n * K + k];
                want_dw[n * K + k] += (double)dy[t * N + n] * x[t * K + k];
            }
        }
    }
    linear_forward(y, x, w, b, T, N, K);
    check_all(y, want_y, T * N, 2e-5, "y");
    linear_input_gradient(dx, dy, w, T, N, K, true);
    check_all(dx, want_dx, T * K, 2e-5, "dx");
    for (size_t tile = 0; tile < linear_tiles(&g); tile++)
        linear_weight_gradient(&g, tile);
    check_all(dw, want_dw, N * K, 2e-5, "dw");
    check_all(db, want_db, N, 2e-5, "db");
    free(x);
    free(w);
    free(b);
    free(y);
    free(dy);
    free(dx);
    free(dw);
    free(db);
    free(want_y);
    free(want_dx);
    free(want_dw);
    free(want_db);
}

static void forward_and_gradients(void **state)
{
    (void)state;
    check_linear(1, 2, 3);
    check_linear(70, 33, 17);
    check_linear(9, 300, 600); /* several tiles both ways */
}

static void the_first_gradient_overwrites(void **state)
{
    float dx[] = {NAN}, dy[] = {2}, w[] = {3};

    (void)state;
    linear_input_gradient(dx, dy, w, 1, 1, 1, false);
    assert_true(dx[0] == 6);
}

static void no_bias_is_zero(void **state)
{
    float y[] = {NAN}, x[] = {2}, w[] = {3};

    (void)state;
    linear_forward(y, x, w, NULL, 1, 1, 1);
    assert_true(y[0] == 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_cover_all_rows_once),
        cmocka_unit_test(forward_and_gradients),
        cmocka_unit_test(the_first_gradient_overwrites),
        cmocka_unit_test(no_bias_is_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
