/* cover.h -- the linear program of packing: patterns, in fractions of packs, that cover a histogram
 * with the fewest packs; and a bound below which no plan, fractional or not, can go.
 *
 * A slot may hold a shorter sequence. Patterns are never listed: the prices of lengths tell which one
 * is missing, and a knapsack finds it. Any set of prices that rise with the length proves a bound,
 * however it was come by: no pack is worth more than the best pattern, so there are at least as many
 * as the worth of all sequences over the worth of that. Prices are made whole numbers for it, and the
 * quotient is taken in integers: rounding in the simplex method can make the bound weaker, not wrong. */
#ifndef PACK_COVER_H
#define PACK_COVER_H

#include <stddef.h>
#include <stdint.h>

#include "pack/histogram.h"

/* Lengths are merged to at most this many rows of the linear program; the bound stays one. */
enum { COVER_MAX_ROWS = 1024 };

/* A pattern and how many packs are filled so. */
struct cover_part {
    int32_t *slots; /* (n_slots) falling */
    size_t n_slots;
    double packs; /* over 0 */
};

struct cover {
    struct cover_part *parts; /* (n_parts) at most as many as lengths */
    size_t n_parts;
    uint64_t lower_bound; /* packs of any plan for the histogram */
};

/* The histogram has sequences, none over T; max_sequences 0 = any number. *work is how many steps (an
 * addition and a comparison each) may still be spent, and is lessened by those that were: when it is
 * used up, what has been reached by then is the result. */
void cover_solve(struct cover *c, int64_t *work, const struct histogram *h, size_t T,
                 size_t max_sequences);
void cover_release(struct cover *c);

#endif
