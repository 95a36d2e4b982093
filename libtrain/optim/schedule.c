/* schedule.c -- in double, in the order of operations of the original, so the values are its bits. */
#include "optim/schedule.h"

#include <math.h>
#include <string.h>

static const char *const names[] = {"poly", "linear", "cosine", "constant", "wsd"};

/* What is left of the rate after the warm-up, at progress 0 <= p < 1. */
static double share(const struct schedule *s, double p)
{
    const double pi = 3.14159265358979323846;

    switch (s->kind) {
    case SCHEDULE_POLY:
        return sqrt(1.0 - p);
    case SCHEDULE_LINEAR:
        return (1.0 - p) / (1.0 - s->warmup);
    case SCHEDULE_COSINE:
        return 0.5 * (1.0 + cos(pi * (p - s->warmup) / (1.0 - s->warmup)));
    case SCHEDULE_CONSTANT:
        return 1.0;
    case SCHEDULE_WSD:
        return p > 1.0 - s->decay ? (1.0 - p) / s->decay : 1.0;
    }
    return 0.0;
}

double schedule_rate(const struct schedule *s, int64_t t)
{
    const double progress = (double)t / (double)s->n_steps;

    if (progress < s->warmup)
        return s->rate * (progress / s->warmup);
    if (progress >= 1)
        return s->kind == SCHEDULE_CONSTANT ? s->rate : 0.0;
    return s->rate * share(s, progress);
}

const char *schedule_name(enum schedule_kind kind)
{
    return names[kind];
}

bool schedule_find(enum schedule_kind *kind, const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0) {
            *kind = (enum schedule_kind)i;
            return true;
        }
    }
    return false;
}
