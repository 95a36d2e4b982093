/* order_test.c -- every row once an epoch, in an order that needs no memory of what came before. */
#include "data/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

/* 7 files, one of them empty; blocks of 10, windows of 40. */
static const int64_t file_rows[] = {13, 100, 0, 1, 57, 10, 41};
enum { FILES = 7, ROWS = 222, BLOCK = 10, WINDOW = 40 };

static void open_order(struct order *o, uint64_t seed)
{
    struct err err = {0};

    assert_int_equal(order_init(o, file_rows, FILES, BLOCK, WINDOW, seed, &err), 0);
    assert_int_equal(o->n_rows, ROWS);
}

/* Which of all rows, counted through the files. */
static int64_t row_at(struct order *o, uint64_t position)
{
    const struct order_place place = order_seek(o, position);
    const struct order_block *b = &o->blocks[o->shuffled[o->first_block + place.window_block]];
    int64_t row = b->first + place.row;

    assert_true(place.window_block < o->n_window_blocks);
    assert_true(place.row >= 0 && place.row < b->n_rows);
    for (size_t file = 0; file < b->file; file++)
        row += file_rows[file];
    return row;
}

static void every_row_comes_once_an_epoch(void **state)
{
    struct order o;

    (void)state;
    open_order(&o, 42);
    for (uint64_t epoch = 0; epoch < 3; epoch++) {
        int seen[ROWS] = {0};

        for (uint64_t i = 0; i < ROWS; i++)
            seen[row_at(&o, epoch * ROWS + i)]++;
        for (size_t i = 0; i < ROWS; i++)
            assert_int_equal(seen[i], 1);
    }
    order_release(&o);
}

static void any_position_can_be_sought_at_once(void **state)
{
    struct order straight, jumping;

    (void)state;
    open_order(&straight, 1);
    open_order(&jumping, 1);
    for (uint64_t i = 0; i < 2 * ROWS; i++) {
        const int64_t want = row_at(&straight, i);

        row_at(&jumping, (i * 7919) % (5 * ROWS));
        assert_int_equal(row_at(&jumping, i), want);
    }
    order_release(&straight);
    order_release(&jumping);
}

static size_t count_equal(struct order *a, uint64_t from_a, struct order *b, uint64_t from_b)
{
    size_t n = 0;

    for (uint64_t i = 0; i < ROWS; i++)
        n += row_at(a, from_a + i) == row_at(b, from_b + i);
    return n;
}

static void epochs_and_seeds_differ(void **state)
{
    struct order a, b;

    (void)state;
    open_order(&a, 1);
    open_order(&b, 2);
    assert_true(count_equal(&a, 0, &b, 0) < ROWS / 10);
    assert_int_equal(count_equal(&a, 0, &a, 0), ROWS);
    order_release(&b);
    open_order(&b, 1);
    assert_true(count_equal(&a, 0, &b, ROWS) < ROWS / 10);
    assert_int_equal(count_equal(&a, ROWS, &b, ROWS), ROWS);
    order_release(&a);
    order_release(&b);
}

/* Its one block cannot be shuffled among blocks: its rows must be. */
static void epochs_of_a_small_set_differ(void **state)
{
    const int64_t rows[] = {8};
    struct err err = {0};
    struct order o;
    size_t n_same = 0;

    (void)state;
    assert_int_equal(order_init(&o, rows, 1, BLOCK, WINDOW, 1, &err), 0);
    for (uint64_t epoch = 1; epoch < 10; epoch++)
        for (uint64_t i = 0; i < 8; i++)
            n_same += order_seek(&o, i).row == order_seek(&o, epoch * 8 + i).row;
    assert_true(n_same < 36);
    order_release(&o);
}

/* Neighbours in a file should not be neighbours in the stream. */
static void rows_are_mixed(void **state)
{
    struct order o;
    size_t n_neighbours = 0;

    (void)state;
    open_order(&o, 5);
    for (uint64_t i = 1; i < ROWS; i++)
        n_neighbours += llabs(row_at(&o, i) - row_at(&o, i - 1)) == 1;
    assert_true(n_neighbours < ROWS / 10);
    order_release(&o);
}

static void no_rows_at_all_is_an_error(void **state)
{
    const int64_t none[] = {0, 0};
    struct err err = {0};
    struct order o;

    (void)state;
    assert_int_equal(order_init(&o, none, 2, BLOCK, WINDOW, 1, &err), -1);
    assert_int_equal(err.kind, ERR_FORMAT);
    order_release(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_comes_once_an_epoch),
        cmocka_unit_test(any_position_can_be_sought_at_once),
        cmocka_unit_test(epochs_and_seeds_differ),
        cmocka_unit_test(epochs_of_a_small_set_differ),
        cmocka_unit_test(rows_are_mixed),
        cmocka_unit_test(no_rows_at_all_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
