/* source_bzip2.c -- segments are decoded in any order and judged in the order of the file.
 *
 *   segments --parallel_map--> decoded, or as they were --judge--> ready bytes --> the reader
 *
 * A segment that does not decode may have been cut by a magic that is none: it is kept, and tried
 * again with the next one behind it. A block that swells beyond all measure (run lengths allow 46
 * MB) is decoded by the judge, a piece at a time, so that memory stays bounded. */
#include "base/source_bzip2.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bzip2_block.h"
#include "base/bzip2_segments.h"
#include "base/mem.h"
#include "base/parallel.h"

enum {
    OUT_MAX = 4 << 20, /* of a block decoded by a worker; text has less than 1 MB */
    PIECE = 1 << 18,
    END_BITS = 48 + 32,
    HEADER_BITS = 32
};

/* In front of every worked batch. */
struct verdict {
    struct bzip2_segment segment;
    bool decoded; /* else the bytes are the segment's own */
    uint32_t crc; /* of the block */
};

enum state { IN_STREAM, AFTER_STREAM };

struct source_bzip2 {
    struct bzip2_segments segments;
    struct bzip2_block *block;    /* the judge's own */
    struct bzip2_block **workers; /* (n_threads), opened at need */
    size_t n_threads;

    /* The judge's. */
    enum state state;
    uint32_t crc;                 /* of the stream so far */
    struct buf pending;           /* a segment that did not decode, with what was joined to it */
    struct bzip2_segment waiting; /* what `pending` is */
    struct err waiting_err;
    bool streaming; /* `block` has more to give */

    /* Without threads: what is read from. */
    struct buf in, out;
    /* Ready bytes; with threads they belong to the other side until all are taken. */
    const unsigned char *ready;
    size_t n_ready;
    bool over;
    struct err err; /* why it is over */

    bool threaded;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stop;
};

/* The segment, then its bytes. */
static int read_segment(void *context, struct buf *in, struct err *err)
{
    struct source_bzip2 *s = context;
    struct bzip2_segment segment = {0};
    int got;

    buf_put(in, &segment, sizeof segment);
    got = bzip2_segments_next(&s->segments, &segment, in, err);
    if (got <= 0) {
        buf_clear(in);
        return got;
    }
    memcpy(in->data, &segment, sizeof segment);
    in->len += BZIP2_BLOCK_PAD;
    return 1;
}

/* Whether the block is in `out`, whole, right and no longer than allowed. */
static bool decode(struct bzip2_block *b, struct buf *out, const struct bzip2_segment *segment,
                   const unsigned char *bytes)
{
    struct err ignored = {0};
    size_t n = 0;

    if (segment->kind != BZIP2_BLOCK ||
        bzip2_block_load(b, bytes, segment->from, segment->to, segment->level, &ignored) < 0)
        return false;
    for (size_t got = 1; got; out->len += got, n += got) {
        if (n > OUT_MAX)
            return false;
        got = bzip2_block_take(b, (unsigned char *)buf_reserve(out, PIECE), PIECE);
    }
    return bzip2_block_check(b, &ignored) == 0;
}

static int work_segment(void *context, size_t worker, struct buf *out, struct buf *in,
                        struct err *err)
{
    struct source_bzip2 *s = context;
    struct verdict v = {0};
    const unsigned char *bytes = (const unsigned char *)in->data + sizeof v.segment;

    (void)err;
    if (!s->workers[worker])
        s->workers[worker] = bzip2_block_open();
    memcpy(&v.segment, in->data, sizeof v.segment);
    buf_put(out, &v, sizeof v);
    v.decoded = decode(s->workers[worker], out, &v.segment, bytes);
    v.crc = bzip2_block_crc(s->workers[worker]);
    if (!v.decoded) {
        out->len = sizeof v;
        buf_put(out, bytes, in->len - sizeof v.segment);
    }
    memcpy(out->data, &v, sizeof v);
    return 0;
}

static int fail_at(const struct bzip2_segment *segment, struct err *err)
{
    return err_in(err, "byte %llu", (unsigned long long)(segment->start / 8));
}

static void add_crc(struct source_bzip2 *s, uint32_t crc)
{
    s->crc = (s->crc << 1 | s->crc >> 31) ^ crc;
}

/* Starts to stream the pending segment, if it decodes; else waiting_err says why not. */
static void try_pending(struct source_bzip2 *s)
{
    const unsigned char *bytes = (const unsigned char *)s->pending.data;
    const struct bzip2_segment *w = &s->waiting;
    unsigned char *piece = mem_alloc(PIECE);
    bool ok = false;

    if (!s->block)
        s->block = bzip2_block_open();
    if (w->kind != BZIP2_BLOCK)
        err_set(&s->waiting_err, ERR_FORMAT, "no bzip2 block here");
    else if (bzip2_block_load(s->block, bytes, w->from, w->to, w->level, &s->waiting_err) == 0) {
        /* Nothing wrong is handed out: once for the checksum, and once more for the bytes. */
        while (bzip2_block_take(s->block, piece, PIECE) > 0)
            ;
        ok = bzip2_block_check(s->block, &s->waiting_err) == 0 &&
             bzip2_block_load(s->block, bytes, w->from, w->to, w->level, &s->waiting_err) == 0;
    }
    free(piece);
    if (ok) {
        s->streaming = true;
        add_crc(s, bzip2_block_crc(s->block));
    }
}

/* Joins the bits of the segment to the pending ones, which end in the byte where these start. */
static int join_pending(struct source_bzip2 *s, const struct bzip2_segment *segment,
                        const char *bytes, size_t n, struct err *err)
{
    const size_t shared = segment->from ? 1 : 0;

    /* `pending` and `bytes` both end in the pad. */
    s->pending.len -= BZIP2_BLOCK_PAD + shared;
    if (s->pending.len > BZIP2_SEGMENT_MAX) {
        *err = s->waiting_err;
        return fail_at(&s->waiting, err);
    }
    s->waiting.to += segment->to - segment->from;
    buf_put(&s->pending, bytes, n);
    return 0;
}

/* The end of a stream: its checksum, then the header of the next one, zeros, or nothing. */
static int judge_end(struct source_bzip2 *s, const struct bzip2_segment *e,
                     const unsigned char *bytes, struct err *err)
{
    const size_t rest = (e->from + END_BITS + 7) / 8;
    uint64_t stated = 0;

    if (e->to < e->from + END_BITS) {
        err_set(err, ERR_FORMAT, "bzip2 stream is cut off");
        return fail_at(e, err);
    }
    for (size_t i = 0; i < 5; i++)
        stated = stated << 8 | bytes[6 + i];
    if ((uint32_t)(stated >> (8 - e->from)) != s->crc) {
        err_set(err, ERR_FORMAT, "bzip2 stream is damaged: wrong checksum");
        return fail_at(e, err);
    }
    s->crc = 0;
    s->state = AFTER_STREAM;
    if (e->to == 8 * rest + HEADER_BITS && !memcmp(bytes + rest, "BZh", 3) &&
        bytes[rest + 3] >= '1' && bytes[rest + 3] <= '9') {
        s->state = IN_STREAM;
        return 0;
    }
    for (size_t i = rest; i < e->to / 8; i++) {
        if (bytes[i])
            return err_set(err, ERR_FORMAT, "byte %llu: no bzip2 data after the end of a stream",
                           (unsigned long long)e->start / 8 + i);
    }
    return 0;
}

static int judge_other(const struct source_bzip2 *s, const struct bzip2_segment *segment,
                       const unsigned char *bytes, struct err *err)
{
    for (size_t i = 0; s->state == AFTER_STREAM && i < segment->to / 8; i++) {
        if (bytes[i])
            return err_set(err, ERR_FORMAT, "byte %llu: no bzip2 data after the end of a stream",
                           (unsigned long long)segment->start / 8 + i);
    }
    if (s->state == AFTER_STREAM)
        return 0;
    err_set(err, ERR_FORMAT, "no bzip2 block here");
    return fail_at(segment, err);
}

/* A worked segment, in order. Its bytes are ready in `out` or will come from s->block. */
static int judge(struct source_bzip2 *s, const struct buf *out, struct err *err)
{
    const char *bytes = out->data + sizeof(struct verdict);
    const size_t n = out->len - sizeof(struct verdict);
    struct verdict v;

    memcpy(&v, out->data, sizeof v);
    if (s->pending.len) {
        if (v.decoded) {
            *err = s->waiting_err;
            return fail_at(&s->waiting, err);
        }
        if (join_pending(s, &v.segment, bytes, n, err) < 0)
            return -1;
    } else if (v.decoded) {
        if (s->state == AFTER_STREAM) {
            err_set(err, ERR_FORMAT, "a bzip2 block outside a stream");
            return fail_at(&v.segment, err);
        }
        add_crc(s, v.crc);
        s->ready = (const unsigned char *)bytes;
        s->n_ready = n;
        return 0;
    } else if (v.segment.kind == BZIP2_END && s->state == IN_STREAM) {
        return judge_end(s, &v.segment, (const unsigned char *)bytes, err);
    } else if (v.segment.kind != BZIP2_BLOCK) {
        return judge_other(s, &v.segment, (const unsigned char *)bytes, err);
    } else {
        s->waiting = v.segment;
        buf_put(&s->pending, bytes, n);
    }
    try_pending(s);
    return 0;
}

/* After the last segment: did the file end where it may? */
static int judge_all(const struct source_bzip2 *s, struct err *err)
{
    if (s->pending.len) {
        err_set(err, ERR_FORMAT, "bzip2 stream is cut off or damaged in this block");
        return fail_at(&s->waiting, err);
    }
    if (s->state == IN_STREAM)
        return err_set(err, ERR_FORMAT, "byte %llu: bzip2 stream is cut off",
                       (unsigned long long)s->segments.base + s->segments.window.len);
    return 0;
}

/* The next piece of the judge's block into `piece`: whether there was one. */
static bool stream(struct source_bzip2 *s, struct buf *piece)
{
    if (!s->streaming)
        return false;
    buf_clear(piece);
    s->n_ready = bzip2_block_take(s->block, (unsigned char *)buf_reserve(piece, PIECE), PIECE);
    s->ready = (const unsigned char *)piece->data;
    s->streaming = s->n_ready > 0;
    if (!s->streaming)
        buf_clear(&s->pending);
    return s->streaming;
}

/* Without threads: until bytes are ready or it is over. */
static int step(struct source_bzip2 *s, struct err *err)
{
    while (!s->n_ready && !s->over) {
        int got;

        if (stream(s, &s->out))
            break;
        buf_clear(&s->in);
        buf_clear(&s->out);
        got = read_segment(s, &s->in, err);
        if (got == 0)
            got = judge_all(s, err);
        else if (got > 0 && work_segment(s, 0, &s->out, &s->in, err) == 0)
            got = judge(s, &s->out, err) < 0 ? -1 : 1;
        s->over = got <= 0;
        if (got < 0)
            s->err = *err;
    }
    return s->err.kind && !s->n_ready ? -1 : 0;
}

/* With threads: waits until the reader has taken what is ready. Called locked. */
static int hand_over(struct source_bzip2 *s, struct err *err)
{
    pthread_cond_broadcast(&s->changed);
    while (s->n_ready && !s->stop)
        pthread_cond_wait(&s->changed, &s->lock);
    return s->stop ? err_set(err, ERR_IO, "stopped") : 0;
}

static int write_segment(void *context, const struct buf *out, struct err *err)
{
    struct source_bzip2 *s = context;
    int rc;

    pthread_mutex_lock(&s->lock);
    rc = judge(s, out, err);
    if (rc == 0 && s->n_ready)
        rc = hand_over(s, err);
    while (rc == 0 && stream(s, &s->out))
        rc = hand_over(s, err);
    pthread_mutex_unlock(&s->lock);
    return rc;
}

static void *thread_main(void *arg)
{
    struct source_bzip2 *s = arg;
    const struct parallel plan = {.context = s,
                                  .n_threads = s->n_threads,
                                  .read = read_segment,
                                  .work = work_segment,
                                  .write = write_segment};
    struct err err = {0};

    if (parallel_map(&plan, &err) == 0)
        judge_all(s, &err);
    pthread_mutex_lock(&s->lock);
    s->over = true;
    s->err = err;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

struct source_bzip2 *source_bzip2_open(source_pull *pull, void *context, size_t n_threads)
{
    struct source_bzip2 *s = mem_alloc(sizeof *s);

    bzip2_segments_init(&s->segments, pull, context);
    s->n_threads = parallel_threads(n_threads);
    s->workers = mem_array(s->n_threads, sizeof(struct bzip2_block *));
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    /* Without a thread it is only slower. */
    s->threaded = s->n_threads > 1 && pthread_create(&s->thread, NULL, thread_main, s) == 0;
    return s;
}

int64_t source_bzip2_read(struct source_bzip2 *s, void *to, size_t n, struct err *err)
{
    int rc = 0;

    if (s->threaded)
        pthread_mutex_lock(&s->lock);
    if (!s->threaded)
        rc = step(s, err);
    while (s->threaded && !s->n_ready && !s->over)
        pthread_cond_wait(&s->changed, &s->lock);
    if (n > s->n_ready)
        n = s->n_ready;
    if (n)
        memcpy(to, s->ready, n);
    else if (s->err.kind) {
        *err = s->err;
        rc = -1;
    }
    s->ready += n;
    s->n_ready -= n;
    if (s->threaded) {
        if (!s->n_ready)
            pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
    }
    return rc < 0 ? -1 : (int64_t)n;
}

void source_bzip2_close(struct source_bzip2 *s)
{
    if (!s)
        return;
    if (s->threaded) {
        pthread_mutex_lock(&s->lock);
        s->stop = true;
        pthread_cond_broadcast(&s->changed);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->thread, NULL);
    }
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    for (size_t i = 0; i < s->n_threads; i++)
        bzip2_block_close(s->workers[i]);
    bzip2_block_close(s->block);
    bzip2_segments_release(&s->segments);
    buf_release(&s->pending);
    buf_release(&s->in);
    buf_release(&s->out);
    free(s->workers);
    free(s);
}
