/* optimal.h -- plans at the optimum: the linear program of packing (cover.h), made whole. */
#ifndef PACK_OPTIMAL_H
#define PACK_OPTIMAL_H

#include <stddef.h>
#include <stdint.h>

#include "pack/histogram.h"
#include "pack/plan.h"

/* Fills *p with its lower bound. max_sequences 0 = any number. */
void optimal_plan(struct plan *p, const struct histogram *h, size_t seq_length,
                  size_t max_sequences);

/* A lower bound for plans of others: the better one of plan_lower_bound() and of the linear program,
 * as far as it gets in a second or so. */
uint64_t optimal_bound(const struct histogram *h, size_t seq_length, size_t max_sequences);

#endif
