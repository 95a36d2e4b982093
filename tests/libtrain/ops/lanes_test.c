/* lanes_test.c -- every item once, scratch of its own for every lane, no subnormal numbers. */
#include "ops/lanes.h"

#include <stdatomic.h>

#include "../numbers.h"

enum { ITEMS = 1000, MAX_LANES = 4 };

struct seen {
    atomic_int items[ITEMS];
    atomic_int busy[MAX_LANES]; /* how many items a lane is at */
    atomic_int collisions;
    volatile float tiny;
    atomic_int tiny_is_zero;
};

static void visit(void *context, size_t lane, size_t item)
{
    struct seen *s = context;
    const float product = s->tiny * 0.5f;

    if (atomic_fetch_add(&s->busy[lane], 1) != 0)
        atomic_fetch_add(&s->collisions, 1);
    atomic_fetch_add(&s->items[item], 1);
    atomic_fetch_add(&s->tiny_is_zero, product == 0);
    atomic_fetch_sub(&s->busy[lane], 1);
}

static void check_lanes(struct team *team)
{
    struct seen *s = calloc(1, sizeof *s);

    s->tiny = 1.2e-38f;
    lanes_run(team, ITEMS, visit, s);
    for (int i = 0; i < ITEMS; i++)
        assert_int_equal(s->items[i], 1);
    assert_int_equal(s->collisions, 0);
#if defined(__x86_64__)
    assert_int_equal(s->tiny_is_zero, ITEMS);
    assert_true(s->tiny * 0.5f > 0); /* outside they exist */
#endif
    free(s);
}

static void every_item_once(void **state)
{
    (void)state;
    assert_int_equal(lanes_count(NULL), 1);
    check_lanes(NULL);
    for (size_t n = 1; n <= MAX_LANES; n++) {
        struct team *team = team_open(n);

        assert_int_equal(lanes_count(team), n);
        check_lanes(team);
        lanes_run(team, 0, visit, NULL);
        team_close(team);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
