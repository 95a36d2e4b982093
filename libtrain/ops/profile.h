/* profile.h -- where the time of a training goes: by operation, and as a trace Chrome draws.
 *
 * A NULL profile measures nothing. Times are those of the thread that waits for all others. */
#ifndef OPS_PROFILE_H
#define OPS_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/team.h"

enum { PROFILE_NAMES = 64 };

struct profile_event {
    const char *name;
    double start; /* seconds, monotonic */
    double seconds;
};

/* Of one name. */
struct profile_total {
    const char *name; /* lives as long as the program */
    int64_t n_calls;
    double seconds;
};

struct profile {
    struct profile_event *events; /* (n_events), the first million */
    size_t n_events, cap;
    struct profile_total totals[PROFILE_NAMES]; /* in the order of their first calls */
    size_t n_totals;
};

double profile_now(void);

/* What began at `start` ends now. */
void profile_add(struct profile *p, const char *name, double start);

/* lanes_run(), measured under that name. */
void profile_lanes(struct profile *p, const char *name, struct team *team, size_t n_items,
                   void (*fn)(void *context, size_t lane, size_t item), void *context);

/* The events as a JSON document in Chrome's trace format (chrome://tracing, Perfetto). */
void profile_trace(struct buf *to, const struct profile *p);

void profile_release(struct profile *p);

#endif
