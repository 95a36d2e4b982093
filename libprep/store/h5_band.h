/* h5_band.h -- the fast way to rows of integers: chunks as they are in the file, unpacked here.
 *
 * HDF5 would inflate with zlib, one caller at a time. For data sets as most shards have them (small
 * integers, filters deflate or zstd, with or without shuffle) chunks are fetched under the lock, and
 * unpacked outside of it, two to three times as fast. All else is left to HDF5. */
#ifndef STORE_H5_BAND_H
#define STORE_H5_BAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/codec_deflate.h"
#include "base/codec_zstd.h"
#include "base/err.h"

/* A band is all chunks that hold the same rows; one is kept. */
struct h5_band {
    bool usable; /* the data set is one of that kind */
    bool shuffled;
    bool zstd;         /* else deflated */
    size_t value_size; /* 1, 2 or 4 bytes, signed */
    size_t n_cols;     /* at least 1 */
    size_t chunk_rows;
    size_t chunk_cols;
    int64_t at;   /* the rows in `values` start at this one; -1: none are there */
    char *values; /* (chunk_rows, n_cols) */
    char *packed;
    size_t packed_cap;
    char *unpacked; /* (chunk_rows, chunk_cols) of one chunk */
    struct codec_deflate *deflate;
    struct codec_zstd *unzstd;
};

/* Looks at an open data set of n_cols columns (0 = vector); `set` is its HDF5 id. Under the lock. */
void h5_band_init(struct h5_band *b, int64_t set, size_t n_cols);

/* Rows [first, first + n) into (n, columns). 1 when it is done, 0 when it is HDF5's turn, as the band
 * is not usable after all; -1 with err, which does not name the file. Takes the lock itself. */
int h5_band_read(int32_t *to, struct h5_band *b, int64_t set, int64_t first, int64_t n,
                 struct err *err);

void h5_band_release(struct h5_band *b);

#endif
