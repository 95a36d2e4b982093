/* prefetch.h -- a thread that reads the batches of the next step while this one is computed.
 *
 * What it reads is decided before it starts (positions of the stream), so it changes nothing but the
 * time at which reading happens. An error is kept until the step that needs the data. */
#ifndef DATA_PREFETCH_H
#define DATA_PREFETCH_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "data/batch.h"
#include "data/stream.h"

struct prefetch;

/* Which rows each step takes. */
struct prefetch_plan {
    uint64_t position;      /* of the first step's first row */
    uint64_t rows_per_step; /* of all ranks */
    size_t rows;            /* of a micro batch */
    size_t n_micros;        /* of this rank in a step */
    size_t first_micro;     /* this rank's first in the step */
    int64_t n_steps;        /* after which it has nothing more to do */
    uint64_t end; /* where the stream ends, 0 = never: the last batches are smaller, or empty */
};

/* The stream is borrowed and nobody else may use it until prefetch_close(). */
struct prefetch *prefetch_open(struct stream *s, const struct prefetch_plan *plan);

/* The batches of the next step, (n_micros), which live until the next call. */
int prefetch_next(const struct batch **batches, struct prefetch *p, struct err *err);

void prefetch_close(struct prefetch *p); /* NULL is fine */

#endif
