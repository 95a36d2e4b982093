/* codec_zstd.c -- libzstd with a context a codec, so that its tables are made once. */
#include "base/codec_zstd.h"

#include <stdio.h>
#include <stdlib.h>

#include <zstd.h>

#include "base/mem.h"

struct codec_zstd {
    int level;
    ZSTD_CCtx *packer; /* both made when first needed */
    ZSTD_DCtx *unpacker;
};

static void *must_have(void *made)
{
    if (!made) {
        fprintf(stderr, "out of memory: cannot make a zstd codec\n");
        exit(1);
    }
    return made;
}

struct codec_zstd *codec_zstd_open(int level)
{
    struct codec_zstd *c = mem_alloc(sizeof *c);

    c->level = level;
    return c;
}

size_t codec_zstd_bound(size_t n)
{
    return ZSTD_compressBound(n);
}

size_t codec_zstd_pack(struct codec_zstd *c, void *to, const void *from, size_t n)
{
    size_t made;

    if (!c->packer)
        c->packer = must_have(ZSTD_createCCtx());
    made = ZSTD_compressCCtx(c->packer, to, ZSTD_compressBound(n), from, n, c->level);
    if (ZSTD_isError(made)) {
        /* There is room by the contract, so only memory can be missing. */
        fprintf(stderr, "out of memory: cannot compress with zstd\n");
        exit(1);
    }
    return made;
}

int codec_zstd_size(uint64_t *size, const void *from, size_t n, struct err *err)
{
    const unsigned long long stated = ZSTD_getFrameContentSize(from, n);

    if (stated == ZSTD_CONTENTSIZE_ERROR || stated == ZSTD_CONTENTSIZE_UNKNOWN)
        return err_set(err, ERR_FORMAT, "zstd block is damaged");
    *size = stated;
    return 0;
}

int codec_zstd_unpack(struct codec_zstd *c, void *to, size_t to_len, const void *from, size_t n,
                      struct err *err)
{
    size_t made;

    if (!c->unpacker)
        c->unpacker = must_have(ZSTD_createDCtx());
    made = ZSTD_decompressDCtx(c->unpacker, to, to_len, from, n);
    if (ZSTD_isError(made))
        return err_set(err, ERR_FORMAT, "zstd block is damaged: %s", ZSTD_getErrorName(made));
    if (made != to_len)
        return err_set(err, ERR_FORMAT, "zstd block holds %zu bytes, not %zu", made, to_len);
    return 0;
}

void codec_zstd_close(struct codec_zstd *c)
{
    if (!c)
        return;
    ZSTD_freeCCtx(c->packer);
    ZSTD_freeDCtx(c->unpacker);
    free(c);
}
