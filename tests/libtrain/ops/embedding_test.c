/* embedding_test.c -- tables of plain sums. */
#include "ops/embedding.h"

#include <string.h>

#include "../numbers.h"

enum { V = 11, P = 9, TYPES = 2, H = 100, T = 150 };

struct tokens {
    int32_t ids[T], positions[T], segments[T];
};

static void fill(struct tokens *t)
{
    struct rng rng;

    rng_at(&rng, 1, 2, 3);
    for (size_t i = 0; i < T; i++) {
        t->ids[i] = (int32_t)rng_below(&rng, V);
        t->positions[i] = (int32_t)rng_below(&rng, P);
        t->segments[i] = (int32_t)rng_below(&rng, TYPES);
    }
}

static const struct embedding tables = {3, 3 + V *H, 3 + (V + P) * H, H};
enum { SIZE = 3 + (V + P + TYPES) * H };

static void forward_adds_three_rows(void **state)
{
    struct tokens t;
    const struct embedding_rows rows = {t.ids, t.positions, t.segments};
    float *params = numbers(SIZE, 1, 1), *y = numbers(T * H, 1, 2);

    (void)state;
    fill(&t);
    embedding_forward(y, params, &tables, &rows, 0, 20);
    embedding_forward(y, params, &tables, &rows, 20, T);
    for (size_t i = 0; i < T; i++) {
        for (size_t j = 0; j < H; j++)
            check_close(y[i * H + j],
                        (double)params[tables.word + (size_t)t.ids[i] * H + j] +
                            params[tables.position + (size_t)t.positions[i] * H + j] +
                            params[tables.type + (size_t)t.segments[i] * H + j],
                        1e-6, "y", i * H + j);
    }
    free(params);
    free(y);
}

static void backward_adds_every_token_to_its_three_rows(void **state)
{
    struct tokens t;
    const struct embedding_rows rows = {t.ids, t.positions, t.segments};
    float *grads = numbers(SIZE, 1, 1), *dx = numbers(T * H, 1, 2);
    double *want = doubles(grads, SIZE);

    (void)state;
    fill(&t);
    for (size_t i = 0; i < T; i++) {
        for (size_t j = 0; j < H; j++) {
            want[tables.word + (size_t)t.ids[i] * H + j] += dx[i * H + j];
            want[tables.position + (size_t)t.positions[i] * H + j] += dx[i * H + j];
            want[tables.type + (size_t)t.segments[i] * H + j] += dx[i * H + j];
        }
    }
    for (size_t column = 0; column < H; column += EMBEDDING_COLUMNS)
        embedding_backward(grads, &tables, dx, &rows, T, column);
    check_all(grads, want, SIZE, 1e-5, "gradient");
    free(grads);
    free(dx);
    free(want);
}

static void a_model_without_second_segment_needs_no_row_for_it(void **state)
{
    struct tokens t;
    const struct embedding_rows rows = {t.ids, t.positions, t.segments};
    float *grads = numbers(SIZE, 1, 1), *before = numbers(SIZE, 1, 1), *dx = numbers(T * H, 1, 2);

    (void)state;
    fill(&t);
    memset(t.segments, 0, sizeof t.segments);
    embedding_backward(grads, &tables, dx, &rows, T, 0);
    assert_memory_equal(grads + tables.type + H, before + tables.type + H, H * sizeof *grads);
    free(grads);
    free(before);
    free(dx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_adds_three_rows),
        cmocka_unit_test(backward_adds_every_token_to_its_three_rows),
        cmocka_unit_test(a_model_without_second_segment_needs_no_row_for_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
