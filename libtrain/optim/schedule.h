/* schedule.h -- the learning rate of a step: linear warm-up, then the square root of what is left.
 *
 * p = t / n_steps;  p < warmup: rate * p / warmup,  else rate * (1 - p)^0.5.  As PolyWarmUpScheduler
 * of the original, jump at the end of the warm-up and rate 0 at the last step included. */
#ifndef OPTIM_SCHEDULE_H
#define OPTIM_SCHEDULE_H

#include <stdint.h>

struct schedule {
    double rate;     /* the largest */
    double warmup;   /* share of the steps, 0..1 */
    int64_t n_steps; /* of the whole training, not of this run */
};

/* The learning rate of step t, counted from 1. Steps after the last have 0. */
double schedule_rate(const struct schedule *s, int64_t t);

#endif
