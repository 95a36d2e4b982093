/* h5_zstd.h -- HDF5's registered filter 32015 (Zstandard), which the library itself does not have. */
#ifndef STORE_H5_ZSTD_H
#define STORE_H5_ZSTD_H

enum { H5_ZSTD_FILTER = 32015 };

/* Makes the filter known to HDF5, if it is not yet. Under the lock. */
void h5_zstd_register(void);

#endif
