/* codec_deflate.c -- libdeflate: two to three times as fast as zlib on blocks that are in memory; our own
 * encoder for rows of numbers, in the frame that zlib gives a stream (RFC 1950). */
#include "base/codec_deflate.h"

#include <stdio.h>
#include <stdlib.h>

#include <libdeflate.h>

#include "base/mem.h"
#include "base/quick_deflate.h"

enum { HEAD_SIZE = 2, SUM_SIZE = 4 };

struct codec_deflate {
    int level;
    struct quick_deflate *quick; /* each made when first needed */
    struct libdeflate_compressor *packer;
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

size_t codec_deflate_bound(size_t n)
{
    const size_t quick = HEAD_SIZE + quick_deflate_bound(n) + SUM_SIZE;
    const size_t full = libdeflate_zlib_compress_bound(NULL, n);

    return quick > full ? quick : full;
}

static size_t pack_quickly(struct codec_deflate *c, uint8_t *to, const void *from, size_t n)
{
    const uint32_t sum = libdeflate_adler32(1, from, n);
    size_t len = HEAD_SIZE;

    if (!c->quick)
        c->quick = quick_deflate_open();
    to[0] = 0x78; /* deflate with a window of 32 KiB */
    to[1] = 0x01; /* the fastest level; makes the two a multiple of 31 */
    len += quick_deflate_pack(c->quick, to + len, from, n);
    for (unsigned shift = 32; shift > 0; shift -= 8)
        to[len++] = (uint8_t)(sum >> (shift - 8));
    return len;
}

size_t codec_deflate_pack(struct codec_deflate *c, void *to, const void *from, size_t n)
{
    if (c->level == CODEC_DEFLATE_QUICK)
        return pack_quickly(c, to, from, n);
    if (!c->packer)
        c->packer = must_have(libdeflate_alloc_compressor(c->level));
    return libdeflate_zlib_compress(c->packer, from, n, to, codec_deflate_bound(n));
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
    quick_deflate_close(c->quick);
    libdeflate_free_compressor(c->packer);
    libdeflate_free_decompressor(c->unpacker);
    free(c);
}
