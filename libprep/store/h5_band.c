/* h5_band.c -- one band in memory, refilled when rows of another are asked for. */
#include "store/h5_band.h"

#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

#include "base/mem.h"
#include "store/h5_library.h"
#include "store/h5_zstd.h"

enum {
    MAX_BAND = 32 << 20, /* bytes; what has larger chunks is left to HDF5 */
    PACKED_SLACK = 1 << 12
};

/* Whether the filters are one of the two codecs, or shuffle and one of them. */
static bool good_filters(bool *shuffled, bool *zstd, hid_t plan)
{
    const int n = H5Pget_nfilters(plan);
    H5Z_filter_t ids[2] = {0, 0};

    for (int i = 0; i < n && i < 2; i++) {
        size_t n_values = 0;
        unsigned flags, config;

        ids[i] = H5Pget_filter2(plan, (unsigned)i, &flags, &n_values, NULL, 0, NULL, &config);
    }
    *shuffled = n == 2 && ids[0] == H5Z_FILTER_SHUFFLE;
    if (n != 1 && !*shuffled)
        return false;
    *zstd = ids[n - 1] == H5_ZSTD_FILTER;
    return *zstd || ids[n - 1] == H5Z_FILTER_DEFLATE;
}

static size_t size_of_type(hid_t set)
{
    const hid_t type = H5Dget_type(set);
    size_t size = 0;

    if (H5Tequal(type, H5T_NATIVE_INT8) > 0)
        size = 1;
    else if (H5Tequal(type, H5T_NATIVE_INT16) > 0)
        size = 2;
    else if (H5Tequal(type, H5T_NATIVE_INT32) > 0)
        size = 4;
    H5Tclose(type);
    return size;
}

void h5_band_init(struct h5_band *b, int64_t set, size_t n_cols)
{
    const hid_t plan = H5Dget_create_plist(set);
    const int n_dims = n_cols ? 2 : 1;
    hsize_t chunk[2] = {1, 1};

    *b = (struct h5_band){.at = -1, .n_cols = n_cols ? n_cols : 1};
    b->value_size = size_of_type(set);
    if (b->value_size && H5Pget_layout(plan) == H5D_CHUNKED &&
        H5Pget_chunk(plan, n_dims, chunk) == n_dims && good_filters(&b->shuffled, &b->zstd, plan)) {
        /* Chunks are at most 4 GiB, so the products do not overflow. */
        b->chunk_rows = chunk[0];
        b->chunk_cols = chunk[1];
        b->usable = chunk[0] && chunk[1] && chunk[0] * b->n_cols <= MAX_BAND / b->value_size &&
                    chunk[0] * chunk[1] <= MAX_BAND / b->value_size;
    }
    H5Pclose(plan);
}

/* The bytes of the chunk at that row and column. 0 when there is none of the usual kind. */
static size_t fetch(struct h5_band *b, hid_t set, int64_t row, size_t column)
{
    const size_t full = b->chunk_rows * b->chunk_cols * b->value_size;
    const size_t most = b->zstd ? codec_zstd_bound(full) : codec_deflate_bound(full);
    const hsize_t offset[2] = {(hsize_t)row, column};
    hsize_t size = 0;
    uint32_t skipped = 0;
    bool good;

    h5_lock();
    good = H5Dget_chunk_storage_size(set, offset, &size) >= 0 && size > 0 &&
           size <= most + PACKED_SLACK;
    if (good && size > b->packed_cap) {
        b->packed = mem_resize(b->packed, size, 1);
        b->packed_cap = size;
    }
    good = good && H5Dread_chunk(set, H5P_DEFAULT, offset, &skipped, b->packed) >= 0;
    h5_unlock();
    return good && skipped == 0 ? (size_t)size : 0;
}

/* Moves an unpacked chunk to its columns of the band. */
static void place(struct h5_band *b, size_t column)
{
    const size_t n_values = b->chunk_rows * b->chunk_cols;
    const size_t size = b->value_size;
    const size_t n = b->n_cols - column < b->chunk_cols ? b->n_cols - column : b->chunk_cols;

    for (size_t row = 0; row < b->chunk_rows; row++) {
        char *to = b->values + (row * b->n_cols + column) * size;
        const size_t at = row * b->chunk_cols;

        if (!b->shuffled || size == 1) {
            memcpy(to, b->unpacked + at * size, n * size);
            continue;
        }
        for (size_t byte = 0; byte < size; byte++)
            for (size_t i = 0; i < n; i++)
                to[i * size + byte] = b->unpacked[byte * n_values + at + i];
    }
}

/* Fills the band that starts at `row`. */
static int fill(struct h5_band *b, hid_t set, int64_t row, struct err *err)
{
    const size_t chunk_size = b->chunk_rows * b->chunk_cols * b->value_size;

    if (!b->values) {
        b->values = mem_array(b->chunk_rows * b->n_cols, b->value_size);
        b->unpacked = mem_alloc(chunk_size);
        b->deflate = codec_deflate_open(1);
        b->unzstd = codec_zstd_open(1);
    }
    b->at = -1;
    for (size_t column = 0; column < b->n_cols; column += b->chunk_cols) {
        const size_t n = fetch(b, set, row, column);

        if (n == 0)
            return 0;
        if ((b->zstd ? codec_zstd_unpack(b->unzstd, b->unpacked, chunk_size, b->packed, n, err)
                     : codec_deflate_unpack(b->deflate, b->unpacked, chunk_size, b->packed, n,
                                            err)) < 0)
            return -1;
        place(b, column);
    }
    b->at = row;
    return 1;
}

static void widen(int32_t *to, const char *from, size_t n, size_t value_size)
{
    if (value_size == 4) {
        memcpy(to, from, n * 4);
        return;
    }
    /* A loop for each, so that compilers make vectors of them. */
    if (value_size == 1) {
        for (size_t i = 0; i < n; i++) {
            const unsigned char byte = (unsigned char)from[i];

            to[i] = byte < 128 ? byte : byte - 256;
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        int16_t wide;

        memcpy(&wide, from + 2 * i, 2);
        to[i] = wide;
    }
}

int h5_band_read(int32_t *to, struct h5_band *b, int64_t set, int64_t first, int64_t n,
                 struct err *err)
{
    while (n > 0 && b->usable) {
        const int64_t rows = (int64_t)b->chunk_rows;
        const int64_t start = first - first % rows;
        const int64_t take = start + rows - first < n ? start + rows - first : n;
        int rc = 1;

        if (b->at != start)
            rc = fill(b, set, start, err);
        if (rc < 0)
            return -1;
        b->usable = rc > 0;
        if (!b->usable)
            break;
        widen(to, b->values + (size_t)(first - start) * b->n_cols * b->value_size,
              (size_t)take * b->n_cols, b->value_size);
        to += (size_t)take * b->n_cols;
        first += take;
        n -= take;
    }
    return b->usable;
}

void h5_band_release(struct h5_band *b)
{
    free(b->values);
    free(b->packed);
    free(b->unpacked);
    codec_deflate_close(b->deflate);
    codec_zstd_close(b->unzstd);
    *b = (struct h5_band){0};
}
