/* memory.h -- what a training will hold, said before it begins instead of found out by the kernel. */
#ifndef RUN_MEMORY_H
#define RUN_MEMORY_H

#include <stdint.h>

#include "base/err.h"
#include "run/training.h"

/* Bytes of one rank. */
struct memory {
    uint64_t model;       /* weights, gradients and two moments */
    uint64_t activations; /* of a micro batch */
    uint64_t data;        /* batches and decoded rows */
};

/* Of a training whose caller's fields are filled, before training_init(). */
struct memory memory_of(const struct training *t);
uint64_t memory_total(const struct memory *m);

/* What the machine has and this process may use; 0 when that cannot be told. */
uint64_t memory_available(void);

/* ERR_LIMIT when `n_ranks` such ranks do not fit into `available`. */
int memory_check(const struct memory *m, int n_ranks, uint64_t available, struct err *err);

#endif
