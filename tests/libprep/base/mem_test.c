/* Blocks are there and zeroed, or the program has ended with a message. */
#include "base/mem.h"

#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void new_blocks_are_zeroed_and_never_null(void **state)
{
    (void)state;
    for (size_t n = 0; n < 5000; n += 499) {
        char *block = mem_alloc(n);
        char *array = mem_array(n, 3);

        assert_non_null(block);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(block[i] | array[3 * i] | array[3 * i + 2], 0);
        block = mem_resize(block, 0, 7);
        assert_non_null(block);
        free(block);
        free(array);
    }
}

static void texts_are_copied(void **state)
{
    char *text = mem_text("text"), *part = mem_text_n("text", 2);

    (void)state;
    assert_string_equal(text, "text");
    assert_string_equal(part, "te");
    free(text);
    free(part);
}

static void capacities_double_and_do_not_overflow(void **state)
{
    (void)state;
    assert_int_equal(mem_grow(0, 1), 16);
    assert_int_equal(mem_grow(16, 17), 32);
    assert_int_equal(mem_grow(16, 1000), 1024);
    assert_int_equal(mem_grow(SIZE_MAX / 2 + 2, SIZE_MAX), SIZE_MAX);
}

/* The exit status of a child that wants too much. */
static int status_of(void (*want)(void))
{
    const pid_t child = fork();
    int status;

    if (child == 0) {
        fclose(stderr);
        want();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void want_a_product_over_the_range(void)
{
    free(mem_resize(NULL, SIZE_MAX / 8 + 2, 8));
}

static void want_an_array_over_the_range(void)
{
    free(mem_array(SIZE_MAX / 8 + 2, 8));
}

static void what_cannot_be_had_ends_the_program(void **state)
{
    (void)state;
    assert_int_equal(status_of(want_a_product_over_the_range), 1);
    assert_int_equal(status_of(want_an_array_over_the_range), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(new_blocks_are_zeroed_and_never_null),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(capacities_double_and_do_not_overflow),
        cmocka_unit_test(what_cannot_be_had_ends_the_program),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
