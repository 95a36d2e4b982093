/* progress.h -- one line on a terminal: rate, percent, time left. Silent in a pipe.
 *
 *   tokenize: 1.2 GiB of 3.4 GiB  35 %  0:52 left  41.0 MiB/s
 *
 * Shown after a second, renewed once a second, gone at the end. */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

enum progress_unit { PROGRESS_BYTES, PROGRESS_COUNT };

struct progress {
    bool shown; /* whether there is a line to clear */
    bool on;
    const char *label;
    enum progress_unit unit;
    uint64_t total; /* 0 = not known */
    double start;   /* seconds, monotonic */
    double last;
};

/* quiet, or a stderr that is no terminal, switches it off. */
void progress_open(struct progress *p, const char *label, enum progress_unit unit, uint64_t total,
                   bool quiet);
void progress_at(struct progress *p, uint64_t done);
void progress_clear(struct progress *p); /* until the next progress_at(), for a message */
void progress_close(struct progress *p);

#endif
