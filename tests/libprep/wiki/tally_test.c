/* tally_test.c -- how often each name came. */
#include "wiki/tally.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void the_commonest_come_first(void **state)
{
    const struct tally_entry *top[3];
    struct tally t = {0};
    char name[16];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        const int n = snprintf(name, sizeof name, "n%d", i);
        tally_add(&t, name, (size_t)n);
    }
    tally_add(&t, "n77", 3);
    tally_add(&t, "n7", 2);
    tally_add(&t, "n77", 3);
    assert_int_equal(t.total, 5003);
    assert_int_equal(t.n_names, 5000);
    assert_int_equal(tally_top(top, 3, &t), 3);
    assert_string_equal(top[0]->name, "n77");
    assert_int_equal(top[0]->count, 3);
    assert_string_equal(top[1]->name, "n7");
    assert_string_equal(top[2]->name, "n0"); /* equal counts in the order of the names */
    tally_release(&t);
    assert_int_equal(tally_top(top, 3, &t), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_commonest_come_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
