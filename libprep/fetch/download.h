/* download.h -- one wanted file into its folder: resumed, checked, and named only when it is right.
 *
 *   <name>.part        the bytes so far; <name>.part.from tells of which version of which URL
 *   <name>             complete and verified */
#ifndef FETCH_DOWNLOAD_H
#define FETCH_DOWNLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "fetch/space.h"
#include "fetch/wanted.h"

struct download_options {
    const char *folder;
    int n_retries;                                 /* of one URL, in a row without progress */
    int pause_ms;                                  /* before the first of them; doubled each time */
    void (*progress)(void *context, size_t n_new); /* may be NULL; on the caller's thread */
    void *context;
    struct space *space; /* what is free in the folder, for all files that are fetched */
    uint64_t *claim;     /* of this file */
};

struct download_result {
    bool present;  /* it was there already, and right */
    bool verified; /* there was a size or checksum to compare with */
};

/* How many bytes are still to come of a file whose size is known, by what is in the folder: 0 when it
 * is not known. */
uint64_t download_missing(const struct wanted_file *file, const char *folder);

/* Tries the URLs in their order until one gives the right file. Its claim is 0 afterwards. */
int download_file(struct download_result *r, const struct wanted_file *file,
                  const struct download_options *o, struct err *err);

#endif
