/* parallel.h -- read | work | write: batches of bytes through all cores, in order.
 *
 *      read (one at a time) --> in  --> work (n at a time) --> out --> write (one at a time, in order)
 *
 * The output is the same for any number of threads, because work() sees one batch only and write()
 * sees the batches in the order in which read() made them. At most 2 n + 2 batches exist at once. Any
 * of the n threads, the caller's among them, may be the one to call any of the three. */
#ifndef BASE_PARALLEL_H
#define BASE_PARALLEL_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct parallel {
    void *context;    /* handed to all three */
    size_t n_threads; /* in all, the caller included; 0 = one for each core */

    /* Fills the empty buffer with the next batch. 1 with a batch, 0 at the end, -1 with err. */
    int (*read)(void *context, struct buf *in, struct err *err);

    /* Turns in into out (empty at the call); worker is 0..n_threads-1, for state of its own. */
    int (*work)(void *context, size_t worker, struct buf *out, struct buf *in, struct err *err);

    int (*write)(void *context, const struct buf *out, struct err *err);
};

/* Runs until read() is at its end or a call fails. What was read before a failing read() is still
 * worked on and written, so a cut-off input gives all that came before the cut; the error is
 * returned after that. The first failure in batch order wins. */
int parallel_map(const struct parallel *p, struct err *err);

/* How many threads to use when n were asked for: n, or the cores we may run on when n is 0. */
size_t parallel_threads(size_t n);

#endif
