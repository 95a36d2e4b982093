/* find.c -- the library's memmem(), which is linear. */
#define _GNU_SOURCE /* memmem */
#include "squad/find.h"

#include <string.h>

int64_t find_bytes(const char *in, size_t n_in, const char *what, size_t n_what)
{
    const char *at;

    if (n_what == 0)
        return 0;
    if (n_in < n_what)
        return -1;
    at = memmem(in, n_in, what, n_what);
    return at ? at - in : -1;
}
