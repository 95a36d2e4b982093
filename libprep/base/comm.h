/* comm.h -- the ranks of one run. comm_mpi.c speaks MPI, comm_solo.c is the only rank; CMake chooses.
 *
 * Sums are made in rank order, so they do not depend on timing. */
#ifndef BASE_COMM_H
#define BASE_COMM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct comm {
    int rank;
    int size;  /* 1 when the program was not started by mpirun */
    void *mpi; /* the back end's own */
};

int comm_open(struct comm *c, struct err *err);

/* x[i] = sum over the ranks of their x[i], the same bits on every rank. */
int comm_sum_floats(struct comm *c, float *x, size_t n, struct err *err);
int comm_sum_doubles(struct comm *c, double *x, size_t n, struct err *err);

/* The same of whole numbers, exact as long as the sums fit. */
int comm_sum_counts(struct comm *c, uint64_t *x, size_t n, struct err *err);

/* The same for numbers of 16 bits: the upper half of a float (bfloat16). They are added as floats, the
 * sum is rounded once, to nearest even. */
int comm_sum_halves(struct comm *c, uint16_t *x, size_t n, struct err *err);

/* The largest value over the ranks, e.g. of an error or stop flag. */
int comm_max(struct comm *c, int64_t *x, struct err *err);

/* Rank 0's bytes to all. */
int comm_share(struct comm *c, void *bytes, size_t n, struct err *err);

int comm_barrier(struct comm *c, struct err *err);

/* One rank cannot go on: end them all. Does not return when there are others. */
void comm_abort(struct comm *c);

void comm_close(struct comm *c);

#endif
