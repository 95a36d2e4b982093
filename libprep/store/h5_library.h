/* h5_library.h -- what reader (h5.c) and writer (h5_writer.c) share of the HDF5 library: turns, errors.
 *
 * The library is not thread-safe: whoever calls it holds the lock, which is one for the process. */
#ifndef STORE_H5_LIBRARY_H
#define STORE_H5_LIBRARY_H

#include "base/err.h"

void h5_lock(void);
void h5_unlock(void);

/* Fills *err with "PATH: WHAT: " and the reason that HDF5 or the system gave; returns -1. To be called
 * under the lock, right after the failure. */
int h5_fail(struct err *err, const char *path, const char *what);

/* The same with "data set 'NAME': WHAT". */
int h5_fail_set(struct err *err, const char *path, const char *name, const char *what);

#endif
