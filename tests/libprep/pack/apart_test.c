/* apart_test.c -- sequences of one document leave each other's packs, and nothing else changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rng.h"
#include "pack/apart.h"

enum { T = 100, ROOM = 15 };

/* One pack of each string: a letter is a document, '-' an unknown one, digits before it tens of tokens. */
static void add(struct apart *a, const char *pack)
{
    bool first = true;
    size_t len = 10;

    for (; *pack; pack++) {
        if (*pack >= '1' && *pack <= '9') {
            len = 10 * (size_t)(*pack - '0');
            continue;
        }
        apart_add(a,
                  &(struct apart_member){.at = a->n_members,
                                         .len = len,
                                         .n_masked = len / 10,
                                         .document = *pack == '-' ? 0 : *pack},
                  first);
        first = false;
    }
}

static size_t meetings(const struct apart *a)
{
    size_t n_meetings = 0;

    for (size_t i = 0; i < a->n_packs; i++) {
        size_t n;
        const struct apart_member *m = apart_pack(&n, a, i);

        for (size_t k = 0; k < n; k++)
            for (size_t l = 0; l < k; l++)
                if (m[k].document && m[k].document == m[l].document) {
                    n_meetings++;
                    break;
                }
    }
    return n_meetings;
}

static int compare_numbers(const void *a, const void *b)
{
    return *(const size_t *)a < *(const size_t *)b ? -1 : *(const size_t *)a > *(const size_t *)b;
}

/* Every sequence is there once, and every pack holds what fits. */
static void check(const struct apart *a)
{
    size_t *seen = mem_array(a->n_members, sizeof *seen);
    size_t n_seen = 0;

    for (size_t i = 0; i < a->n_packs; i++) {
        size_t n;
        const struct apart_member *m = apart_pack(&n, a, i);
        size_t len = 0;
        size_t masked = 0;

        for (size_t k = 0; k < n; k++) {
            seen[n_seen++] = m[k].at;
            len += m[k].len;
            masked += m[k].n_masked;
        }
        assert_true(len <= a->max_len && masked <= a->max_masked);
    }
    assert_int_equal(n_seen, a->n_members);
    qsort(seen, n_seen, sizeof *seen, compare_numbers);
    for (size_t i = 0; i < n_seen; i++)
        assert_int_equal(seen[i], i);
    free(seen);
}

static void equal_lengths_trade_places(void **state)
{
    struct apart a;

    (void)state;
    apart_init(&a, T, ROOM);
    add(&a, "aba");
    add(&a, "cde");
    assert_int_equal(apart_trade(&a), 0);
    assert_int_equal(meetings(&a), 0);
    check(&a);
    apart_release(&a);
}

static void nothing_moves_without_need(void **state)
{
    struct apart a;

    (void)state;
    apart_init(&a, T, ROOM);
    add(&a, "5a3b");
    add(&a, "--");
    add(&a, "2a--");
    assert_int_equal(apart_trade(&a), 0);
    for (size_t i = 0; i < a.n_members; i++)
        assert_int_equal(a.members[i].at, i);
    apart_release(&a);
}

static void other_lengths_trade_only_where_they_fit(void **state)
{
    struct apart a;

    (void)state;
    apart_init(&a, T, ROOM);
    add(&a, "5a4a"); /* 90 of 100 tokens */
    add(&a, "5c5b"); /* full: takes the 40 for a 50 */
    assert_int_equal(apart_trade(&a), 0);
    check(&a);
    apart_release(&a);

    apart_init(&a, T, ROOM);
    add(&a, "5a5a");
    add(&a, "9b"); /* 90 do not fit beside 50 */
    assert_int_equal(apart_trade(&a), 1);
    check(&a);
    apart_release(&a);

    /* Here tokens would fit; one masked token too many does not. */
    for (size_t room = 11; room <= 12; room++) {
        apart_init(&a, T, room);
        add(&a, "5a4a");
        add(&a, "5c4b");
        a.members[2].n_masked = 8;
        a.members[3].n_masked = 1;
        assert_int_equal(apart_trade(&a), room == 11);
        check(&a);
        apart_release(&a);
    }
}

static void what_cannot_be_helped_is_counted(void **state)
{
    struct apart a;

    (void)state;
    apart_init(&a, T, ROOM);
    add(&a, "aaa");
    add(&a, "aa");
    assert_int_equal(apart_trade(&a), 3);
    assert_int_equal(meetings(&a), 3);
    check(&a);
    apart_clear(&a);
    assert_int_equal(apart_trade(&a), 0);
    /* Half of all: one in each pack is possible, and found. */
    for (int i = 0; i < 50; i++) {
        add(&a, "5a5a");
        add(&a, "5b5c");
    }
    assert_int_equal(apart_trade(&a), 0);
    check(&a);
    apart_release(&a);
}

/* Few documents, any lengths: the count is the one that is really left, and hardly any are. */
static void many_packs_of_few_documents(void **state)
{
    struct apart a;
    struct apart again;
    struct rng r;

    (void)state;
    for (int round = 0; round < 2; round++) {
        struct apart *to = round ? &again : &a;

        rng_at(&r, 1, 2, 3);
        apart_init(to, T, 1000);
        for (int i = 0; i < 3000; i++) {
            size_t left = T;

            for (int k = 0; k < 3 && left > 1; k++) {
                const size_t len = k == 2 ? left : (size_t)rng_between(&r, 1, (int64_t)left / 2);

                apart_add(to,
                          &(struct apart_member){
                              .at = to->n_members, .len = len, .document = rng_between(&r, 1, 20)},
                          k == 0);
                left -= len;
            }
        }
    }
    assert_true(meetings(&a) > 300);
    assert_int_equal(apart_trade(&a), 0);
    assert_int_equal(meetings(&a), 0);
    check(&a);
    apart_trade(&again);
    for (size_t i = 0; i < a.n_members; i++)
        assert_int_equal(a.members[i].at, again.members[i].at);
    apart_release(&a);
    apart_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_lengths_trade_places),
        cmocka_unit_test(nothing_moves_without_need),
        cmocka_unit_test(other_lengths_trade_only_where_they_fit),
        cmocka_unit_test(what_cannot_be_helped_is_counted),
        cmocka_unit_test(many_packs_of_few_documents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
