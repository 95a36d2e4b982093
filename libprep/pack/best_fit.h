/* best_fit.h -- best-fit decreasing: from the longest length down, each sequence goes into the fullest
 * pack that has room for it. */
#ifndef PACK_BEST_FIT_H
#define PACK_BEST_FIT_H

#include <stddef.h>

#include "pack/histogram.h"
#include "pack/plan.h"

/* Equal lengths are both stacked in a pack and spread over packs, and the plan with fewer packs is
 * taken. Cost depends on T, not on the number of sequences; the lower bound is left 0. */
void best_fit_plan(struct plan *p, const struct histogram *h, size_t seq_length,
                   size_t max_sequences);

#endif
