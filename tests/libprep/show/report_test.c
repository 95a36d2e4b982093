/* report_test.c -- the page is whole, loads nothing, and its bars add up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "show/report.h"

static struct statistics_file file = {.path = (char *)"x.hdf5", .n_rows = 90};

static struct statistics packed_set(void)
{
    struct statistics s = {.files = &file, .n_files = 1, .n_packed = 1, .mask_id = 103};

    s.shape = (struct shard_shape){
        .packed = true, .seq_length = 32, .max_predictions = 8, .max_sequences = 3};
    for (size_t i = 0; i < 90; i++) {
        spread_add(&s.length, 1 + i % 16);
        spread_add(&s.fill, 32 - i % 3);
        spread_add(&s.sequences, 1 + i % 3);
        spread_add(&s.masked, i % 6);
        s.n_rows++;
    }
    s.n_follows = 50;
    s.n_random = 40;
    return s;
}

static void release(struct statistics *s)
{
    free(s->length.counts);
    free(s->fill.counts);
    free(s->sequences.counts);
    free(s->masked.counts);
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)); text++)
        n++;
    return n;
}

static void a_page_has_four_drawings_a_set(void **state)
{
    struct statistics s = packed_set();
    const struct report_set sets[] = {{.name = "one", .statistics = &s},
                                      {.name = "a<b>&\"c", .statistics = &s}};
    struct buf page = {0};

    (void)state;
    report_write(&page, sets, 2);
    assert_int_equal(count(page.data, "<svg"), 8);
    assert_int_equal(count(page.data, "</svg>"), 8);
    assert_non_null(strstr(page.data, "<!DOCTYPE html>"));
    assert_non_null(strstr(page.data, "</html>"));
    assert_non_null(strstr(page.data, "a&lt;b&gt;&amp;"));
    assert_null(strstr(page.data, "a<b>"));
    assert_int_equal(count(page.data, "src="), 0);
    assert_int_equal(count(page.data, "href="), 0);
    assert_int_equal(count(page.data, "<script"), 0);
    buf_release(&page);
    release(&s);
}

/* The titles of the bars in the drawing that starts at `at`. */
static long long sum_bars(const char *at)
{
    const char *end = strstr(at, "</svg>");
    long long sum = 0;

    while ((at = strstr(at, "<title>")) && at < end) {
        long long n = 0;

        for (at = strstr(at, ": ") + 2; *at != '<'; at++)
            if (*at >= '0' && *at <= '9')
                n = 10 * n + (*at - '0');
        sum += n;
    }
    return sum;
}

static void bars_add_up(void **state)
{
    struct statistics s = packed_set();
    const struct report_set set = {.name = "one", .statistics = &s};
    struct buf page = {0};
    const char *at;

    (void)state;
    report_write(&page, &set, 1);
    at = page.data;
    for (int i = 0; i < 4; i++) {
        at = strstr(at, "<svg");
        assert_non_null(at);
        assert_int_equal(sum_bars(at), 90);
        at++;
    }
    buf_release(&page);
    release(&s);
}

static void the_bound_comes_from_the_metadata(void **state)
{
    struct statistics s = packed_set();
    struct json *metadata = json_new_map();
    const struct report_set set = {.name = "one", .statistics = &s, .metadata = metadata};
    struct buf page = {0};

    (void)state;
    json_put_int(metadata, "lower_bound", 88);
    json_put_int(metadata, "new_number_of_samples", 90);
    report_write(&page, &set, 1);
    assert_non_null(strstr(page.data, "88"));
    buf_release(&page);
    json_release(metadata);
    release(&s);
}

static void nothing_to_show_is_said(void **state)
{
    struct statistics s = {.files = &file, .n_files = 1, .mask_id = -1};
    const struct report_set set = {.name = "empty", .statistics = &s};
    struct buf page = {0};

    (void)state;
    s.shape = (struct shard_shape){.seq_length = 32, .max_predictions = 5, .max_sequences = 1};
    report_write(&page, &set, 1);
    assert_non_null(strstr(page.data, "nothing to show"));
    assert_null(strstr(page.data, "nan"));
    buf_release(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_has_four_drawings_a_set),
        cmocka_unit_test(bars_add_up),
        cmocka_unit_test(the_bound_comes_from_the_metadata),
        cmocka_unit_test(nothing_to_show_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
