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

/* A weight in panels gives the bits of the weight itself, whatever is ragged. */
static void check_panels(size_t T, size_t N, size_t K, bool backward)
{
    const size_t from = backward ? N : K, to = backward ? K : N;
    struct linear_weight w = {.w = numbers(N * K, 1, 1), .N = N, .K = K, .backward = backward};
    float *x = numbers(T * from, 1, 2), *b = numbers(to, 1, 3);
    float *y = numbers(T * to, 1, 4), *want = numbers(T * to, 1, 4);

    x[0] = 1e-40f;
    x[T * from - 1] = INFINITY;
    if (linear_panels(&w) > 0)
        w.panels = aligned_alloc(64, (linear_panels(&w) * sizeof *w.panels + 63) / 64 * 64);
    for (size_t strip = 0; strip < linear_strips(&w); strip++)
        linear_pack(&w, strip);
    for (int add = 0; add < 2; add++) {
        if (backward) {
            linear_input_gradient_by(y, x, &w, T, add);
            linear_input_gradient(want, x, w.w, T, N, K, add);
        } else {
            linear_forward_by(y, x, &w, add ? b : NULL, T);
            linear_forward(want, x, w.w, add ? b : NULL, T, N, K);
        }
        assert_memory_equal(y, want, T * to * sizeof *y);
    }
    free((void *)w.w);
    free(w.panels);
    free(x);
    free(b);
    free(y);
    free(want);
}

static void panels_change_no_bit(void **state)
{
    const size_t sizes[][3] = {{1, 1, 1},     {12, 32, 256}, {13, 33, 257}, {65, 31, 100},
                               {3, 100, 770}, {70, 64, 64},  {2, 97, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        check_panels(sizes[i][0], sizes[i][1], sizes[i][2], false);
        check_panels(sizes[i][0], sizes[i][1], sizes[i][2], true);
    }
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
        cmocka_unit_test(panels_change_no_bit),
        cmocka_unit_test(the_first_gradient_overwrites),
        cmocka_unit_test(no_bias_is_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
