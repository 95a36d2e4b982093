/* Counting words, and giving up the rare ones. */
#include "text/word_counts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint64_t count_of(const struct word_counts *c, const char *word)
{
    for (size_t i = 0; i < c->n_words; i++)
        if (c->words[i].len == strlen(word) &&
            memcmp(c->text.data + c->words[i].at, word, strlen(word)) == 0)
            return c->words[i].count;
    return 0;
}

static void counts_add_up(void **state)
{
    struct word_counts c = {0};

    (void)state;
    for (int i = 0; i < 10000; i++) {
        char word[16];

        snprintf(word, sizeof word, "w%d", i % 3000);
        word_counts_add(&c, word, strlen(word), 2);
    }
    assert_int_equal(c.n_words, 3000);
    assert_int_equal(count_of(&c, "w0"), 8);
    assert_int_equal(count_of(&c, "w999"), 8);
    assert_int_equal(count_of(&c, "w1000"), 6);
    assert_int_equal(c.n_dropped, 0);
    word_counts_clear(&c);
    assert_int_equal(c.n_words, 0);
    word_counts_add(&c, "again", 5, 1);
    assert_int_equal(count_of(&c, "again"), 1);
    word_counts_release(&c);
}

static void the_rarest_go_and_are_counted(void **state)
{
    struct word_counts c = {.max_words = 100};

    (void)state;
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 20; i++) {
            const char often = (char)('a' + i);
            char rare[16];

            word_counts_add(&c, &often, 1, 3);
            snprintf(rare, sizeof rare, "r%d-%d", round, i);
            word_counts_add(&c, rare, strlen(rare), 1);
        }
    }
    assert_true(c.n_words <= 100);
    for (int i = 0; i < 20; i++) {
        const char often[] = {(char)('a' + i), '\0'};

        assert_int_equal(count_of(&c, often), 150);
    }
    assert_int_equal(c.n_words + c.n_dropped, 20 + 50 * 20);
    assert_int_equal(c.count_dropped, c.n_dropped);
    word_counts_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_add_up),
        cmocka_unit_test(the_rarest_go_and_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
