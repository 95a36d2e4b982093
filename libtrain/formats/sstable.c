/* sstable.c -- LevelDB's table_format.md.
 *
 *   blocks of entries | meta blocks | index: last key -> place of block | 48 bytes: places, magic
 *
 *   block   entries, u32 places of restarts, u32 their number | u8 compression | u32 masked CRC-32C
 *   entry   varints: bytes shared with the key before, further bytes of the key, bytes of the
 * value */
#include "formats/sstable.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/crc32c.h"
#include "formats/snappy.h"

enum {
    FOOTER_SIZE = 48,
    TRAILER_SIZE = 5, /* of a block */
    RAW = 0,
    SNAPPY = 1,
    MAX_KEY = 4096,
    MAX_BLOCK = 1 << 26 /* of the unpacked bytes; LevelDB's are of 4 KB, TensorFlow's of 256 */
};

static const unsigned char magic[8] = {0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb};

struct table {
    const unsigned char *bytes;
    size_t len;
    struct crc32c crc;
    struct buf last; /* the key before, over all blocks */
    bool any;
    sstable_visit *visit;
    void *context;
};

struct place {
    uint64_t at, len;
};

bool sstable_is_one(const unsigned char *bytes, size_t n)
{
    return n >= FOOTER_SIZE && !memcmp(bytes + n - sizeof magic, magic, sizeof magic);
}

/* Moves *at on; false when the varint does not end before `end`. */
static bool take_varint(uint64_t *value, const unsigned char **at, const unsigned char *end)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
        const unsigned char byte = *(*at)++;

        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

static bool take_place(struct place *p, const unsigned char **at, const unsigned char *end)
{
    return take_varint(&p->at, at, end) && take_varint(&p->len, at, end);
}

static uint32_t get32(const unsigned char *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* *entries and *n are those of the block at p; unpacked into `room` where they are compressed. */
static int open_block(const unsigned char **entries, size_t *n, struct buf *room,
                      const struct table *t, const struct place *p, struct err *err)
{
    const unsigned char *block = t->bytes + p->at;
    uint64_t n_restarts;

    if (p->at > t->len || p->len > t->len - p->at || t->len - p->at - p->len < TRAILER_SIZE)
        return err_set(err, ERR_FORMAT,
                       "block of %" PRIu64 " bytes at byte %" PRIu64 " is not inside the table",
                       p->len, p->at);
    if (crc32c_masked(&t->crc, block, (size_t)p->len + 1) != get32(block + p->len + 1))
        return err_set(err, ERR_FORMAT,
                       "block at byte %" PRIu64 " is damaged: its checksum (CRC-32C) is wrong",
                       p->at);
    *entries = block;
    *n = (size_t)p->len;
    if (block[p->len] == SNAPPY) {
        if (snappy_unpack(room, block, (size_t)p->len, MAX_BLOCK, err) < 0)
            return err_in(err, "block at byte %" PRIu64, p->at);
        *entries = (const unsigned char *)room->data;
        *n = room->len;
    } else if (block[p->len] != RAW) {
        return err_set(err, ERR_FORMAT,
                       "block at byte %" PRIu64 " is compressed by method %u, which is not snappy",
                       p->at, block[p->len]);
    }
    n_restarts = *n >= 4 ? get32(*entries + *n - 4) : UINT64_MAX;
    if (n_restarts > (*n - 4) / 4)
        return err_set(err, ERR_FORMAT, "block at byte %" PRIu64 " has no room for its restarts",
                       p->at);
    *n -= 4 * ((size_t)n_restarts + 1);
    return 0;
}

static int each_entry(struct table *t, const struct place *p, struct buf *key,
                      int (*then)(struct table *t, const struct buf *key,
                                  const unsigned char *value, size_t n, struct err *err),
                      struct err *err)
{
    const unsigned char *at = NULL, *end;
    struct buf room = {0};
    size_t n = 0;
    int rc = open_block(&at, &n, &room, t, p, err);

    end = rc == 0 ? at + n : at;
    if (rc == 0 && n == 0) /* an index may not name nothing a million times */
        rc = err_set(err, ERR_FORMAT, "block at byte %" PRIu64 " is empty", p->at);
    buf_clear(key);
    while (rc == 0 && at < end) {
        uint64_t shared, fresh, n_value;

        if (!take_varint(&shared, &at, end) || !take_varint(&fresh, &at, end) ||
            !take_varint(&n_value, &at, end) || shared > key->len || fresh > (size_t)(end - at) ||
            n_value > (size_t)(end - at) - fresh || shared + fresh > MAX_KEY) {
            rc = err_set(err, ERR_FORMAT, "block at byte %" PRIu64 " has a damaged entry", p->at);
            break;
        }
        key->len = (size_t)shared;
        buf_put(key, at, (size_t)fresh);
        at += fresh;
        rc = then(t, key, at, (size_t)n_value, err);
        at += n_value;
    }
    buf_release(&room);
    return rc;
}

static bool is_after(const struct buf *key, const struct buf *last)
{
    const size_t n = key->len < last->len ? key->len : last->len;
    const int order = n ? memcmp(key->data, last->data, n) : 0;

    return order ? order > 0 : key->len > last->len;
}

/* Rising keys also keep a table from naming one block again and again. */
static int visit_entry(struct table *t, const struct buf *key, const unsigned char *value, size_t n,
                       struct err *err)
{
    if (t->any && !is_after(key, &t->last))
        return err_set(err, ERR_FORMAT, "the keys of the table do not rise");
    t->any = true;
    buf_clear(&t->last);
    buf_put(&t->last, key->data, key->len);
    return t->visit(t->context, t->last.data ? t->last.data : "", t->last.len, value, n, err);
}

static int visit_block(struct table *t, const struct buf *key, const unsigned char *value, size_t n,
                       struct err *err)
{
    struct buf inner = {0};
    struct place p;
    int rc;

    (void)key;
    if (!take_place(&p, &value, value + n))
        return err_set(err, ERR_FORMAT, "the index of the table has a damaged entry");
    rc = each_entry(t, &p, &inner, visit_entry, err);
    buf_release(&inner);
    return rc;
}

int sstable_each(const unsigned char *bytes, size_t n, sstable_visit *visit, void *context,
                 struct err *err)
{
    struct table t = {.bytes = bytes, .visit = visit, .context = context};
    struct place meta, index;
    struct buf key = {0};
    const unsigned char *at, *end;
    int rc;

    if (!sstable_is_one(bytes, n))
        return err_set(err, ERR_FORMAT, "not a sorted table: it does not end as one");
    t.len = n - FOOTER_SIZE;
    at = bytes + t.len;
    end = bytes + n - sizeof magic;
    if (!take_place(&meta, &at, end) || !take_place(&index, &at, end))
        return err_set(err, ERR_FORMAT, "the end of the table is damaged");
    crc32c_init(&t.crc);
    rc = each_entry(&t, &index, &key, visit_block, err);
    buf_release(&key);
    buf_release(&t.last);
    return rc;
}
