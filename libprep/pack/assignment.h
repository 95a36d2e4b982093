/* assignment.h -- which sequence fills which slot of a plan, and where its pack stands in the output.
 *
 * The sequences of a length are spread over the slots of that length by a random one-to-one map, and
 * so are the packs over the output: both are functions of the seed, so nothing has to be stored for
 * a sequence, and the result depends on the order of the input and the seed only. */
#ifndef PACK_ASSIGNMENT_H
#define PACK_ASSIGNMENT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/permutation.h"
#include "pack/histogram.h"
#include "pack/plan.h"

struct slot_run; /* the same slot of all packs of a pattern */

struct assignment {
    const struct histogram *histogram;
    struct permutation *order; /* (max_len + 1) of the sequences of a length */
    uint64_t *n_longer;        /* (max_len + 1) sequences over a length */
    uint64_t *n_placed;        /* (max_len + 1) so far */
    struct slot_run *runs;     /* (n_runs) the longest slots first */
    size_t n_runs;
    struct permutation pack_order; /* of all packs */
    unsigned key_shift;
};

/* The plan must cover the histogram; both are borrowed. */
void assignment_init(struct assignment *a, const struct plan *plan, const struct histogram *h,
                     uint64_t seed);

/* The key of the pack of the next sequence of that length. Keys of packs are all different, spread
 * evenly over 64 bits, and their order is that of the packs in the output. ERR_FORMAT when there are
 * more sequences of that length than the histogram counts. */
int assignment_next(uint64_t *key, struct assignment *a, size_t len, struct err *err);

/* The number of the pack in the output, from 0, that a key belongs to. */
uint64_t assignment_pack(const struct assignment *a, uint64_t key);

void assignment_release(struct assignment *a);

#endif
