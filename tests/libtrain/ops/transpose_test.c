/* transpose_test.c -- both ways, whole and ragged blocks. */
#include "ops/transpose.h"

#include <string.h>

#include "../numbers.h"

enum { WIDE = 16, TO_LD = 19, FROM_LD = 45 };

static void check_size(size_t rows, size_t cols)
{
    float *from = numbers(WIDE * FROM_LD, 1, rows * 100 + cols);
    float *plain = numbers(FROM_LD * TO_LD, 1, 7), *wide = numbers(FROM_LD * TO_LD, 1, 7);

    transpose_plain(plain, TO_LD, from, FROM_LD, rows, cols);
    for (size_t j = 0; j < cols; j++) {
        for (size_t i = 0; i < WIDE; i++)
            assert_true(plain[j * TO_LD + i] == (i < rows ? from[i * FROM_LD + j] : 0));
    }
    if (transpose_wide_works()) {
        transpose_wide(wide, TO_LD, from, FROM_LD, rows, cols);
        assert_memory_equal(wide, plain, FROM_LD * TO_LD * sizeof *wide); /* the rest stays */
    }
    free(from);
    free(plain);
    free(wide);
}

static void rows_become_columns(void **state)
{
    (void)state;
    for (size_t rows = 0; rows <= WIDE; rows++) {
        for (size_t cols = 0; cols <= FROM_LD; cols++)
            check_size(rows, cols);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows_become_columns)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
