/* catalog.h -- the sources that are known by name, with all that is known of their files.
 *
 *   enwiki, dewiki, zh_yuewiki...   the newest dump of that Wikipedia; enwiki-20240601: that one */
#ifndef FETCH_CATALOG_H
#define FETCH_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fetch/wanted.h"

struct catalog_entry {
    const char *source; /* by which it is asked for; a source may have several entries */
    const char *name;
    const char *url;
    int64_t size; /* -1 = not known */
    enum digest digest;
    const char *hex;
    const char *const (*members)[2]; /* name and SHA-256, ended by NULL; NULL = none */
    const char *what;
};

/* The table of known files, for showing: how many, and the i-th. */
size_t catalog_count(void);
const struct catalog_entry *catalog_at(size_t i);

/* Adds the files of the source: 1, 0 when it is not known, -1 with err. */
int catalog_find(struct wanted *w, const char *source, struct err *err);

#endif
