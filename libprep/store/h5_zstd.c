/* h5_zstd.c -- for data sets that HDF5 has to read or write itself, because h5_band.c and chunks.c do
 * not know their layout. */
#include "store/h5_zstd.h"

#include <stdint.h>
#include <stdlib.h>

#include <hdf5.h>

#include "base/codec_zstd.h"

enum { DEFAULT_LEVEL = 3 };

static size_t expand(struct codec_zstd *codec, size_t n, size_t *room, void **block)
{
    struct err unheard = {0}; /* HDF5 has its own way to say that a filter failed */
    uint64_t size;
    void *to;

    if (codec_zstd_size(&size, *block, n, &unheard) < 0 || size == 0 || size > UINT32_MAX)
        return 0;
    to = malloc((size_t)size);
    if (!to || codec_zstd_unpack(codec, to, (size_t)size, *block, n, &unheard) < 0) {
        free(to);
        return 0;
    }
    free(*block);
    *block = to;
    *room = (size_t)size;
    return (size_t)size;
}

static size_t shrink(struct codec_zstd *codec, size_t n, size_t *room, void **block)
{
    const size_t most = codec_zstd_bound(n);
    void *to = malloc(most);
    size_t made;

    if (!to)
        return 0;
    made = codec_zstd_pack(codec, to, *block, n);
    free(*block);
    *block = to;
    *room = most;
    return made;
}

/* H5Z_func_t: 0 is failure. */
static size_t filter(unsigned flags, size_t n_values, const unsigned *values, size_t n,
                     size_t *room, void **block)
{
    struct codec_zstd *codec = codec_zstd_open(n_values ? (int)values[0] : DEFAULT_LEVEL);
    const size_t made =
        flags & H5Z_FLAG_REVERSE ? expand(codec, n, room, block) : shrink(codec, n, room, block);

    codec_zstd_close(codec);
    return made;
}

void h5_zstd_register(void)
{
    static const H5Z_class2_t class = {
        .version = H5Z_CLASS_T_VERS,
        .id = H5_ZSTD_FILTER,
        .encoder_present = 1,
        .decoder_present = 1,
        .name = "zstd",
        .filter = filter,
    };

    if (H5Zfilter_avail(H5_ZSTD_FILTER) <= 0)
        H5Zregister(&class);
}
