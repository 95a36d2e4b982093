/* Every index is called once, again and again, for any number of members. */
#include "base/team.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 37 };

static void count(void *context, size_t index)
{
    ((int *)context)[index]++;
}

static void check_rounds(struct team *t)
{
    int called[MOST];

    for (size_t n = 0; n <= MOST; n++) {
        memset(called, 0, sizeof called);
        team_run(t, n, count, called);
        for (size_t i = 0; i < MOST; i++)
            assert_int_equal(called[i], i < n);
    }
}

static void every_index_is_called_once(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 5; n++) {
        struct team *t = team_open(n);

        assert_int_equal(team_size(t), n);
        check_rounds(t);
        team_close(t);
    }
}

static void without_a_team_the_caller_does_all(void **state)
{
    (void)state;
    check_rounds(NULL);
    team_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_index_is_called_once),
        cmocka_unit_test(without_a_team_the_caller_does_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
