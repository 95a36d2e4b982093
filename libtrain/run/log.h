/* log.h -- what a training says: records for machines in NVIDIA's dllogger format, lines for people.
 *
 *   DLLL {"timestamp": "1700000000.123456", "datetime": "2023-11-14 22:13:20.123456",
 *         "elapsedtime": "12.345678", "type": "LOG", "step": [0, 100], "data": {...}}
 *
 * (one line each). An all-zero log says nothing: that is what all ranks but the first have. */
#ifndef RUN_LOG_H
#define RUN_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"

struct log {
    FILE *records;
    char *path;
    FILE *speech;     /* borrowed */
    const char *name; /* the tool's, before each line of speech */
    bool quiet;       /* warnings only */
    double start;     /* seconds, monotonic */
};

/* path: the file of records, its folder made where missing; NULL = none. `append` goes on with the
 * file of an earlier run. */
int log_open(struct log *l, const char *path, bool append, FILE *speech, const char *name,
             bool quiet, struct err *err);

/* One record; all take `data`, a map. */
void log_parameter(struct log *l, struct json *data);                         /* "PARAMETER" */
void log_step(struct log *l, int64_t epoch, int64_t step, struct json *data); /* [epoch, step] */
void log_summary(struct log *l, struct json *data);                           /* [] */

void log_say(struct log *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_warn(struct log *l, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Seconds since log_open(). */
double log_elapsed(const struct log *l);

/* Releases; an error when a record could not be written. */
int log_close(struct log *l, struct err *err);

#endif
