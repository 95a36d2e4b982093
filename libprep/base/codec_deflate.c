/* codec_deflate.c -- libdeflate: two to three times as fast as zlib on blocks that are in memory. */
#include "base/codec_deflate.h"

#include <stdio.h>
#include <stdlib.h>

#include <libdeflate.h>

#include "base/mem.h"

struct codec_deflate {
    int level;
    struct libdeflate_compressor *packer; /* both made when first needed */
    struct libdeflate_decompressor *unpacker;
};

static void *must_have(void *made)
{
    if (!made) {
        fprintf(stderr, "out of memory: cannot make a deflate codec\n");
        exit(1);
    }
    return made;
}

struct codec_deflate *codec_deflate_open(int level)
{
    struct codec_deflate *c = mem_alloc(sizeof *c);

    c->level = level;
    return c;
}

size_t codec_deflate_bound(struct codec_deflate *c, size_t n)
{
    (void)c;
    return libdeflate_zlib_compress_bound(NULL, n);
}

size_t codec_deflate_pack(struct codec_deflate *c, void *to, const void *from, size_t n)
{
    if (!c->packer)
        c->packer = must_have(libdeflate_alloc_compressor(c->level));
    return libdeflate_zlib_compress(c->packer, from, n, to,
                                    libdeflate_zlib_compress_bound(c->packer, n));
}

int codec_deflate_unpack(struct codec_deflate *c, void *to, size_t to_len, const void *from,
                         size_t n, struct err *err)
{
    size_t used;
    size_t made;

    if (!c->unpacker)
        c->unpacker = must_have(libdeflate_alloc_decompressor());
    switch (libdeflate_zlib_decompress_ex(c->unpacker, from, n, to, to_len, &used, &made)) {
    case LIBDEFLATE_SUCCESS:
        break;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
        return err_set(err, ERR_FORMAT, "deflated block holds more than %zu bytes", to_len);
    default:
        return err_set(err, ERR_FORMAT, "deflated block is damaged");
    }
    if (made != to_len)
        return err_set(err, ERR_FORMAT, "deflated block holds %zu bytes, not %zu", made, to_len);
    return 0;
}

uint32_t codec_deflate_crc32(const void *bytes, size_t n)
{
    return libdeflate_crc32(0, bytes, n);
}

void codec_deflate_close(struct codec_deflate *c)
{
    if (!c)
        return;
    libdeflate_free_compressor(c->packer);
    libdeflate_free_decompressor(c->unpacker);
    free(c);
}
