/* nnls.h -- non-negative least-squares histogram packing (arXiv:2107.02027), as the original packs. */
#ifndef PACK_NNLS_H
#define PACK_NNLS_H

#include <stddef.h>

#include "base/err.h"
#include "pack/histogram.h"
#include "pack/plan.h"

enum { NNLS_MAX_LENGTH = 1024, NNLS_MAX_SLOTS = 16 };

/* Patterns fill a pack to the last token; the mixture x >= 0 minimises the weighted squares of
 * A x - histogram, is rounded, and again for what is left; best-fit packs the last rest. Of
 * a limit over NNLS_MAX_SLOTS sequences no more are used, but where there is none. The lower bound is
 * left 0. ERR_LIMIT for rows over NNLS_MAX_LENGTH tokens. */
int nnls_plan(struct plan *p, const struct histogram *h, size_t seq_length, size_t max_sequences,
              struct err *err);

#endif
