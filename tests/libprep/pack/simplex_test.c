/* simplex_test.c -- a covering program small enough to be solved by hand, and a basis gone astray. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#include "base/mem.h"
#include "pack/simplex.h"

static struct column two(int32_t a, double x, int32_t b, double y)
{
    struct column c;

    column_init(&c, 2, 1);
    c.rows[0] = a;
    c.coefs[0] = x;
    c.rows[1] = b;
    c.coefs[1] = y;
    return c;
}

static void start(struct simplex *s)
{
    const double demand[] = {6, 4, 3};
    struct column *basis = mem_array(3, sizeof *basis);

    for (int32_t i = 0; i < 3; i++) {
        column_init(&basis[i], 1, 1);
        basis[i].rows[0] = i;
        basis[i].coefs[0] = 1;
    }
    simplex_init(s, 3, demand, basis);
}

/* 6 a + 4 b + 3 c with packs [a b], [a c]: [a c] three times, [a b] three times, [b] once. */
static void columns_enter_until_none_gains(void **state)
{
    struct column ab = two(0, 1, 1, 1);
    struct column ac = two(0, 1, 2, 1);
    struct simplex s;
    double packs = 0;

    (void)state;
    start(&s);
    assert_true(simplex_reduced_cost(&s, &ab) == -1);
    assert_int_equal(simplex_enter(&s, &ab), 0);
    assert_int_equal(simplex_enter(&s, &ac), 0);
    assert_true(simplex_reduced_cost(&s, &ab) == 0);
    for (size_t i = 0; i < s.m; i++)
        packs += s.x[i];
    assert_true(fabs(packs - 7) < 1e-12);
    assert_true(fabs(6 * s.price[0] + 4 * s.price[1] + 3 * s.price[2] - 7) < 1e-12);
    column_release(&ab);
    column_release(&ac);
    simplex_release(&s);
}

static void drift_is_noticed_and_mended(void **state)
{
    struct column ab = two(0, 1, 1, 2);
    struct simplex s;
    double x[3];

    (void)state;
    start(&s);
    assert_int_equal(simplex_enter(&s, &ab), 0);
    for (size_t i = 0; i < 3; i++)
        x[i] = s.x[i];
    s.inverse[1] += 1e-3;
    s.x[0] += 1e-3;
    s.price[2] -= 1e-3;
    assert_int_equal(simplex_refresh(&s), 0);
    for (size_t i = 0; i < 3; i++)
        assert_true(fabs(s.x[i] - x[i]) < 1e-12);
    assert_true(fabs(simplex_reduced_cost(&s, &s.basis[2])) < 1e-12);
    column_release(&ab);
    simplex_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_enter_until_none_gains),
        cmocka_unit_test(drift_is_noticed_and_mended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
