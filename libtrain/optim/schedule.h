/* schedule.h -- the learning rate of a step: linear warm-up, then one of five ways down.
 *
 *   p = t / n_steps;  p < warmup: rate * p / warmup,  afterwards rate times
 *
 *   poly      (1 - p)^0.5                       as PolyWarmUpScheduler of the original: a jump at the
 *                                               end of the warm-up, rate 0 at the last step included
 *   linear    (1 - p) / (1 - warmup)
 *   cosine    (1 + cos(pi (p - warmup) / (1 - warmup))) / 2
 *   constant  1
 *   wsd       1, in the last `decay` of the steps (1 - p) / decay      (warm-up, stable, decay) */
#ifndef OPTIM_SCHEDULE_H
#define OPTIM_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

enum schedule_kind {
    SCHEDULE_POLY,
    SCHEDULE_LINEAR,
    SCHEDULE_COSINE,
    SCHEDULE_CONSTANT,
    SCHEDULE_WSD
};

struct schedule {
    double rate;     /* the largest */
    double warmup;   /* share of the steps, 0..1 */
    int64_t n_steps; /* of the whole training, not of this run */
    enum schedule_kind kind;
    double decay; /* wsd: share of the steps, 0..1 */
};

/* The learning rate of step t, counted from 1. Steps after the last have 0, constant excepted. */
double schedule_rate(const struct schedule *s, int64_t t);

/* "poly", ...; false when there is no schedule of that name. */
const char *schedule_name(enum schedule_kind kind);
bool schedule_find(enum schedule_kind *kind, const char *name);

#endif
