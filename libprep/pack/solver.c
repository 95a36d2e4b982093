/* solver.c -- whatever the way, the bound is that of the optimal one: a plan's distance to it says the
 * same for all. */
#include "pack/solver.h"

#include <string.h>

#include "pack/best_fit.h"
#include "pack/nnls.h"
#include "pack/optimal.h"

const char solver_names[] = "optimal|nnls|best-fit";

int solver_plan(struct plan *p, const char *name, const struct histogram *h, size_t seq_length,
                size_t max_sequences, struct err *err)
{
    if (!strcmp(name, "optimal")) {
        optimal_plan(p, h, seq_length, max_sequences);
        return 0;
    }
    if (!strcmp(name, "nnls")) {
        if (nnls_plan(p, h, seq_length, max_sequences, err) < 0)
            return -1;
    } else if (!strcmp(name, "best-fit")) {
        best_fit_plan(p, h, seq_length, max_sequences);
    } else {
        return err_set(err, ERR_USAGE, "'%s' is no solver: %s", name, solver_names);
    }
    p->lower_bound = optimal_bound(h, seq_length, max_sequences);
    return 0;
}
