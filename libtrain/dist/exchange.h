/* exchange.h -- data parallel training: every rank has all parameters and takes the same steps.
 *
 * Gradients are summed in the order of the ranks, so all ranks have the same bits and, running the
 * same optimiser on them, keep the same parameters. That they really do is checked, not believed. */
#ifndef DIST_EXCHANGE_H
#define DIST_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/comm.h"
#include "base/err.h"

/* Rank 0's n floats to all. */
int exchange_share(struct comm *c, float *x, size_t n, struct err *err);

/* x = sum over the ranks of their x. `halves`: with 16 bits a number on the way (bfloat16, added in
 * fp32): half the bytes, three digits. */
int exchange_sum(struct comm *c, float *x, size_t n, bool halves, struct err *err);

/* ERR_USAGE on every rank unless all have the same bytes. */
int exchange_agree(struct comm *c, const void *bytes, size_t n, const char *what, struct err *err);

/* ERR_IO on every rank unless all have the same n floats (seen by their hashes); `what` names
 * them in the message. */
int exchange_check(struct comm *c, const float *x, size_t n, const char *what, struct err *err);

#endif
