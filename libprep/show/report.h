/* report.h -- statistics as one HTML page that needs nothing else: no script, no font, no network. */
#ifndef SHOW_REPORT_H
#define SHOW_REPORT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"
#include "show/statistics.h"

/* A set of shards on the page. */
struct report_set {
    const char *name;
    const struct statistics *statistics;
    const struct json *metadata; /* of the packs, for their bound; NULL = there are none */
};

/* Appends the page. */
void report_write(struct buf *to, const struct report_set *sets, size_t n);

#endif
