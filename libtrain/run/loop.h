/* loop.h -- one step of a training: load, count, compute, exchange, update. train.c decides what happens
 * between two of them. */
#ifndef RUN_LOOP_H
#define RUN_LOOP_H

#include <stdint.h>

#include "base/err.h"
#include "data/prefetch.h"
#include "ops/profile.h"
#include "run/training.h"

/* Sums over the batches of a step, then over the ranks, as arrays of doubles. */
struct counts {
    double n[TASK_PARTS]; /* labels of each part of the loss */
    double n_sequences;
    double n_tokens;
};
struct losses {
    double parts[TASK_PARTS]; /* the step's: means, times their weights */
    double n_right[TASK_PARTS];
};

/* What was done since some moment, for rates. */
struct span {
    double start; /* seconds */
    struct counts counts;
    int64_t n_steps;
};

struct loop {
    struct training *t;
    struct prefetch *prefetch;
    struct profile profile;
    struct profile *measure; /* &profile in the steps that are profiled, else NULL */
    struct counts counts;    /* of the last step, over all ranks */
    struct losses losses;
    double norm; /* of its gradients */
    double rate;
    struct span since_log;
    struct span whole;
    double longest_step; /* seconds, for the time limit */
    double last_save;
    const char *stopped; /* by what, NULL = by nothing */
};

/* The loss of the last step: its parts together. */
double loop_loss(const struct loop *l);

/* Takes the next step, which changes the training's weights and state, and adds it to the spans. */
int loop_step(struct loop *l, struct err *err);

/* Calls phase, measured under that name when the present step is profiled. */
int loop_phase(const char *name, int (*phase)(struct loop *l, struct err *err), struct loop *l,
               struct err *err);

#endif
