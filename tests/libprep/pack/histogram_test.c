/* histogram_test.c -- counts are read from what people have, and what is no count is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "pack/histogram.h"

/* Loads `text` with max_len 8; the error's text must hold `message` unless that is NULL. */
static void load(struct histogram *h, const char *text, const char *message)
{
    char path[] = "/tmp/histogram_testXXXXXX";
    const int fd = mkstemp(path);
    struct err err = {0};
    int rc;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    histogram_init(h, 8);
    rc = histogram_load(h, path, &err);
    unlink(path);
    assert_int_equal(rc, message ? -1 : 0);
    if (message && !strstr(err.text, message))
        fail_msg("'%s' is not in '%s'", message, err.text);
    if (message)
        histogram_release(h);
}

static void lists_and_objects_are_read(void **state)
{
    const char *texts[] = {"[0, 3, 0, 2]", "{\"histogram\": [0, 3, 0, 2], \"x\": 1}",
                           "{\"counts\": [0, 3, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0]}"};

    (void)state;
    for (int i = 0; i < 3; i++) {
        struct histogram h;

        load(&h, texts[i], NULL);
        assert_int_equal(h.counts[1], 3);
        assert_int_equal(h.counts[3], 2);
        assert_int_equal(h.n_sequences, 5);
        assert_int_equal(h.n_tokens, 9);
        histogram_release(&h);
    }
}

static void nonsense_is_refused(void **state)
{
    struct histogram h;

    (void)state;
    load(&h, "{\"lengths\": [1]}", "no list of counts");
    load(&h, "[0, 1.5]", "count of length 1 is not an integer");
    load(&h, "[0, -1]", "-1 sequences of length 1");
    load(&h, "[7]", "sequence of length 0 does not fit rows of 8 tokens");
    load(&h, "[0, 0, 0, 0, 0, 0, 0, 0, 0, 1]", "sequence of length 9 does not fit");
    load(&h, "[0, 1099511627777]", "more than 2^40 sequences");
    load(&h, "[0, 1099511627776, 1]", "more than 2^40 sequences");
    load(&h, "[0, 1", "histogram_test");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_and_objects_are_read),
        cmocka_unit_test(nonsense_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
