/* source_gzip.c -- zlib over pulled blocks, a member at a time. */
#include "base/source_gzip.h"

#include <stdlib.h>

#include <zlib.h>

#include "base/mem.h"

enum { GZIP_WINDOW = 15 + 16, MAX_READ = 1 << 30 }; /* zlib's: 32 KiB, and a gzip header */

struct source_gzip {
    z_stream z;
    source_pull *pull;
    void *context;
    uint64_t taken; /* compressed bytes pulled */
    bool between;   /* no member has begun since the last ended */
    bool ended;     /* the input has */
    struct err err; /* comes after the bytes before it */
};

bool source_gzip_knows(const unsigned char *bytes, size_t n)
{
    return n >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

static void *allocate(void *context, uInt n, uInt size)
{
    (void)context;
    return mem_array(n, size);
}

static void release(void *context, void *block)
{
    (void)context;
    free(block);
}

struct source_gzip *source_gzip_open(source_pull *pull, void *context)
{
    struct source_gzip *s = mem_alloc(sizeof *s);

    s->pull = pull;
    s->context = context;
    s->z.zalloc = allocate;
    s->z.zfree = release;
    inflateInit2(&s->z, GZIP_WINDOW); /* fails for want of memory only */
    return s;
}

/* The next compressed bytes, where none are left. */
static int refill(struct source_gzip *s)
{
    const void *block;
    int64_t n;

    if (s->z.avail_in)
        return 0;
    n = s->pull(s->context, &block, &s->err);
    if (n < 0)
        return -1;
    if (n == 0 && !s->between)
        return err_set(&s->err, ERR_FORMAT, "byte %llu: gzip stream is cut off",
                       (unsigned long long)s->taken);
    s->ended = n == 0;
    s->taken += (uint64_t)n;
    s->z.next_in = (Bytef *)(uintptr_t)block;
    s->z.avail_in = (uInt)n;
    return 0;
}

/* Files from tapes are filled up with zero bytes. */
static void skip_zeros(struct source_gzip *s)
{
    while (s->z.avail_in && *s->z.next_in == 0) {
        s->z.next_in++;
        s->z.avail_in--;
    }
    if (s->z.avail_in) {
        inflateReset(&s->z);
        s->between = false;
    }
}

static int decode(struct source_gzip *s)
{
    const int rc = inflate(&s->z, Z_NO_FLUSH);

    s->between = rc == Z_STREAM_END;
    if (rc == Z_OK || rc == Z_BUF_ERROR || rc == Z_STREAM_END)
        return 0;
    return err_set(&s->err, ERR_FORMAT, "byte %llu: gzip stream is damaged: %s",
                   (unsigned long long)(s->taken - s->z.avail_in),
                   s->z.msg ? s->z.msg : "it needs a dictionary");
}

int64_t source_gzip_read(struct source_gzip *s, void *to, size_t n, struct err *err)
{
    const uInt wanted = n < MAX_READ ? (uInt)n : MAX_READ;

    s->z.next_out = to;
    s->z.avail_out = wanted;
    while (s->z.avail_out && !s->ended && !s->err.kind) {
        if (refill(s) == 0 && s->between)
            skip_zeros(s);
        else if (!s->err.kind)
            decode(s);
    }
    if (s->z.avail_out == wanted && s->err.kind) {
        *err = s->err;
        return -1;
    }
    return (int64_t)(wanted - s->z.avail_out);
}

void source_gzip_close(struct source_gzip *s)
{
    if (!s)
        return;
    inflateEnd(&s->z);
    free(s);
}
