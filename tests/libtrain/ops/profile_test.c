/* profile_test.c -- operations are counted by name, and the trace is JSON. */
#include "ops/profile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"

static void nothing(void *context, size_t lane, size_t item)
{
    int *n = context;

    (void)lane;
    (void)item;
    (*n)++;
}

static void runs_are_counted_by_name(void **state)
{
    struct profile p = {0};
    int n = 0;

    (void)state;
    for (int i = 0; i < 3; i++)
        profile_lanes(&p, "a", NULL, 5, nothing, &n);
    profile_lanes(&p, "b", NULL, 1, nothing, &n);
    profile_lanes(NULL, "c", NULL, 1, nothing, &n);
    assert_int_equal(n, 17);
    assert_int_equal(p.n_totals, 2);
    assert_int_equal(p.totals[0].n_calls, 3);
    assert_string_equal(p.totals[1].name, "b");
    assert_int_equal(p.n_events, 4);
    profile_release(&p);
}

static void the_trace_is_json_and_begins_at_0(void **state)
{
    struct profile p = {0};
    struct buf text = {0};
    struct err err = {0};
    struct json *root;
    const struct json *events;
    const double now = profile_now();

    (void)state;
    profile_add(&p, "inner", now - 1);
    profile_add(&p, "outer", now - 2);
    profile_trace(&text, &p);
    root = json_parse((const char *)text.data, text.len, &err);
    assert_non_null(root);
    events = json_member(root, "traceEvents");
    assert_int_equal(json_count(events), 2);
    assert_string_equal(json_text_or(json_member(json_item(events, 1), "name"), ""), "outer");
    assert_true(json_real_or(json_member(json_item(events, 1), "ts"), -1) == 0);
    assert_true(json_real_or(json_member(json_item(events, 0), "ts"), -1) > 0.99e6);
    assert_true(json_real_or(json_member(json_item(events, 1), "dur"), -1) >= 2e6);
    json_release(root);
    buf_release(&text);
    profile_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_counted_by_name),
        cmocka_unit_test(the_trace_is_json_and_begins_at_0),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
