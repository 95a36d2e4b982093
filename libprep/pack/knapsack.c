/* knapsack.c -- one level after the other over all rooms; the inner loop is a maximum over two arrays. */
#include "pack/knapsack.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void knapsack_init(struct knapsack *k, const int32_t *lens, size_t n, size_t room, size_t max_slots,
                   bool exact)
{
    assert(n > 0 && lens[0] > 0 && (size_t)lens[n - 1] <= room);
    *k = (struct knapsack){.lens = lens, .n = n, .room = room, .exact = exact};
    k->any_number = !max_slots || max_slots >= room / (size_t)lens[0];
    k->n_levels = k->any_number ? 1 : max_slots;
    k->value = mem_array((k->n_levels + 1) * (room + 1), sizeof *k->value);
    k->price = mem_array(n, sizeof *k->price);
}

void knapsack_release(struct knapsack *k)
{
    free(k->value);
    free(k->price);
    *k = (struct knapsack){0};
}

size_t knapsack_max_slots(const struct knapsack *k)
{
    return k->any_number ? k->room / (size_t)k->lens[0] : k->n_levels;
}

static double *level_of(const struct knapsack *k, size_t level)
{
    return k->value + level * (k->room + 1);
}

/* to[r] = max(to[r], from[r - len] + price); from and to may be the same level, which then builds
 * patterns of any number of slots. */
static void extend(double *to, const double *from, size_t len, double price, size_t room)
{
    for (size_t r = len; r <= room; r++) {
        const double with = from[r - len] + price;

        to[r] = with > to[r] ? with : to[r];
    }
}

static void extend_apart(double *restrict to, const double *restrict from, size_t len, double price,
                         size_t room)
{
    for (size_t r = len; r <= room; r++) {
        const double with = from[r - len] + price;

        to[r] = with > to[r] ? with : to[r];
    }
}

double knapsack_solve(struct knapsack *k, const double *price)
{
    double *first = level_of(k, 0);

    memcpy(k->price, price, k->n * sizeof *price);
    for (size_t r = 0; r <= k->room; r++)
        first[r] = k->exact && r ? -INFINITY : 0;
    for (size_t level = 1; level <= k->n_levels; level++) {
        double *to = level_of(k, level);
        const double *from = level_of(k, level - 1);

        memcpy(to, from, (k->room + 1) * sizeof *to);
        for (size_t i = 0; i < k->n; i++) {
            if (!k->exact && price[i] <= 0)
                continue;
            if (k->any_number)
                extend(to, to, (size_t)k->lens[i], price[i], k->room);
            else
                extend_apart(to, from, (size_t)k->lens[i], price[i], k->room);
        }
    }
    return level_of(k, k->n_levels)[k->room];
}

/* What one slot leaves: the level and the room the others have. */
static size_t level_below(const struct knapsack *k, size_t level)
{
    return k->any_number ? level : level - 1;
}

double knapsack_value_with(const struct knapsack *k, size_t first)
{
    return k->price[first] +
           level_of(k, level_below(k, k->n_levels))[k->room - (size_t)k->lens[first]];
}

/* Which length was the last to be added: the sum was made of the same two numbers, so it is equal. */
static size_t find_item(const struct knapsack *k, size_t level, size_t room)
{
    const double *from = level_of(k, level_below(k, level));
    const double value = level_of(k, level)[room];

    for (size_t i = 0; i < k->n && (size_t)k->lens[i] <= room; i++)
        if ((k->exact || k->price[i] > 0) && from[room - (size_t)k->lens[i]] + k->price[i] == value)
            return i;
    return k->n;
}

static size_t walk_back(size_t *items, const struct knapsack *k, size_t level, size_t room)
{
    size_t n = 0;

    while (level > 0 && (k->exact ? room > 0 : level_of(k, level)[room] > 0)) {
        size_t item;

        if (!k->any_number && level_of(k, level)[room] == level_of(k, level - 1)[room]) {
            level--;
            continue;
        }
        item = find_item(k, level, room);
        assert(item < k->n);
        items[n++] = item;
        room -= (size_t)k->lens[item];
        level = level_below(k, level);
    }
    return n;
}

size_t knapsack_pattern_with(size_t *items, const struct knapsack *k, size_t first)
{
    items[0] = first;
    return 1 +
           walk_back(items + 1, k, level_below(k, k->n_levels), k->room - (size_t)k->lens[first]);
}

size_t knapsack_pattern(size_t *items, const struct knapsack *k)
{
    return walk_back(items, k, k->n_levels, k->room);
}
