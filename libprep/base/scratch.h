/* scratch.h -- unnamed temporary files: they are gone when we are, however we end.
 *
 *      open --> put, put, put --> map --> read as one block of memory
 *
 * The pages of a mapped file belong to the system, which drops them when memory is short: data that
 * grow with the input are kept here, not in blocks of our own. */
#ifndef BASE_SCRATCH_H
#define BASE_SCRATCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

struct scratch {
    FILE *file;
    char *folder;
    uint64_t len;      /* bytes put */
    const void *bytes; /* (len) after scratch_map(), NULL when len is 0 */
};

/* A new unnamed file in `folder`, for reading and writing; NULL with err. */
FILE *scratch_file(const char *folder, struct err *err);

int scratch_open(struct scratch *s, const char *folder, struct err *err);
int scratch_put(struct scratch *s, const void *bytes, size_t n, struct err *err);

/* After the last put. */
int scratch_map(struct scratch *s, struct err *err);

void scratch_close(struct scratch *s); /* back to all-zero */

#endif
