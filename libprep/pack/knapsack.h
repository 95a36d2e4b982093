/* knapsack.h -- lengths with prices -> the most valuable pattern: which slots fill a pack best.
 *
 *      value[j][room] = max over lengths of value[j - 1][room - length] + price     j slots at most
 *
 * Solvers ask it for the pattern that a present plan lacks most ("pricing"). Where prices are whole
 * numbers below 2^53 / slots, doubles add them without rounding, and the answer is exact. */
#ifndef PACK_KNAPSACK_H
#define PACK_KNAPSACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct knapsack {
    const int32_t *lens; /* (n) rising, none over room; borrowed */
    size_t n;
    size_t room;     /* T */
    size_t n_levels; /* slots a pattern may have; 1 when any number fits the limit */
    bool any_number; /* of slots: there is one level, which builds upon itself */
    bool exact;      /* patterns fill the room to the last token */
    double *value;   /* (n_levels + 1, room + 1) -inf where nothing fits */
    double *price;   /* (n) of the last knapsack_solve() */
};

/* max_slots 0 = any number. */
void knapsack_init(struct knapsack *k, const int32_t *lens, size_t n, size_t room, size_t max_slots,
                   bool exact);
void knapsack_release(struct knapsack *k);

/* The best values for these prices (n); where patterns need not be exact, prices of 0 or less are not
 * used. Returns the value of the best pattern. */
double knapsack_solve(struct knapsack *k, const double *price);

/* The value of the best pattern with a slot of length number `first`, -inf when it does not fit. */
double knapsack_value_with(const struct knapsack *k, size_t first);

/* That pattern itself: numbers of lengths into items, which has room for knapsack_max_slots(). */
size_t knapsack_pattern_with(size_t *items, const struct knapsack *k, size_t first);

/* The best pattern of all. */
size_t knapsack_pattern(size_t *items, const struct knapsack *k);

size_t knapsack_max_slots(const struct knapsack *k);

#endif
