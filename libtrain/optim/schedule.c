/* schedule.c -- in double, in the order of operations of the original, so the values are its bits. */
#include "optim/schedule.h"

#include <math.h>

double schedule_rate(const struct schedule *s, int64_t t)
{
    const double progress = (double)t / (double)s->n_steps;

    if (progress < s->warmup)
        return s->rate * (progress / s->warmup);
    return progress < 1 ? s->rate * sqrt(1.0 - progress) : 0.0;
}
