/* half_gemm_test.c -- every kernel that works here, around all sizes of blocks. */
#include "half_product.h"

#include "ops/half_tile.h"

static void check_kernel(const char *name)
{
    const struct half_kernel *kernel = half_kernel_find(name);

    assert_non_null(kernel);
    if (!kernel->works()) {
        print_message("this CPU has no %s for halves\n", name);
        skip();
    }
    assert_true(half_kernel_agrees(kernel));
    check_sizes(kernel);
    check_special_numbers(kernel);
}

static void plain(void **state)
{
    (void)state;
    check_kernel("plain");
}

static void avx512(void **state)
{
    (void)state;
    check_kernel("avx512");
}

static void amx(void **state)
{
    (void)state;
    check_kernel("amx");
}

static void kernels_have_names(void **state)
{
    const struct half_kernel *best = half_kernel_find("auto");

    (void)state;
    assert_null(half_kernel_find("sse"));
    assert_true(!best || (best->pays() && best->works()));
}

static void wrong_by_one(float *c, size_t ldc, const uint16_t *a, size_t lda, const uint16_t *b,
                         size_t rows, size_t K)
{
    half_tile_plain(c, ldc, a, lda, b, rows, K);
    c[(rows - 1) * ldc + HALF_COLS - 1] += 1;
}

static void a_wrong_kernel_is_seen(void **state)
{
    const struct half_kernel wrong = {.name = "wrong", .multiply = wrong_by_one};

    (void)state;
    assert_false(half_kernel_agrees(&wrong));
}

/* What stays of a panel: the columns of C, in either form, and sums where they are asked for. */
static void ends(void **state)
{
    float sums[2 * HALF_COLS];
    float y[2 * 5] = {10, 10, 10, 10, 10, 10, 10, 10, 10, 10};
    uint16_t h[2 * 5] = {0};
    struct half_floats floats = {y, 5};
    struct half_halves rounded = {h, 5};

    (void)state;
    for (size_t i = 0; i < 2 * HALF_COLS; i++)
        sums[i] = (float)i;
    half_add_floats(&floats, sums, 0, 2, 1, 3);
    assert_true(y[0] == 10 && y[1] == 10 && y[3] == 12 && y[4] == 10 && y[6] == 42);
    half_store_floats(&floats, sums, 1, 1, 2, 3);
    assert_true(y[6] == 42 && y[7] == 0 && y[9] == 2);
    half_store_halves(&rounded, sums, 0, 2, 1, 3);
    assert_true(h[0] == 0 && half_float(h[2]) == 1 && h[4] == 0 && half_float(h[8]) == 34);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),
        cmocka_unit_test(avx512),
        cmocka_unit_test(amx),
        cmocka_unit_test(kernels_have_names),
        cmocka_unit_test(a_wrong_kernel_is_seen),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
