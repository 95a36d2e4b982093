/* solver.h -- the ways to plan, by name. */
#ifndef PACK_SOLVER_H
#define PACK_SOLVER_H

#include <stddef.h>

#include "base/err.h"
#include "pack/histogram.h"
#include "pack/plan.h"

/* "optimal|nnls|best-fit": the names, the default first. */
extern const char solver_names[];

/* Plans with the solver of that name. The histogram has sequences, none over seq_length; max_sequences
 * 0 = any number. ERR_USAGE for a name that is none, ERR_LIMIT when rows are too long for it. */
int solver_plan(struct plan *p, const char *name, const struct histogram *h, size_t seq_length,
                size_t max_sequences, struct err *err);

#endif
