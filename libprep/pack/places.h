/* places.h -- a plan and lengths in their order -> where each sequence goes: its pack and its offset,
 * for those who pack data of their own. The same sequences meet as in shards packed with that seed. */
#ifndef PACK_PLACES_H
#define PACK_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "pack/histogram.h"
#include "pack/plan.h"

struct place {
    uint64_t pack;
    uint32_t offset; /* tokens in front of it in the pack */
    uint32_t len;    /* of the sequence */
};

/* Fills pack and offset of places (n), whose lengths are given and are those of the histogram. In a
 * pack the shortest sequence comes first, of equal ones the first. */
int places_find(struct place *places, size_t n, const struct plan *plan, const struct histogram *h,
                uint64_t seed, struct err *err);

#endif
