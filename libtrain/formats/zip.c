/* zip.c -- PKWARE's APPNOTE 6.3: local headers, a directory at the end, 64-bit sizes where 32 are
 * not enough.
 *
 *   header name extra bytes | header name extra bytes | directory | [zip64 end, locator] | end
 *
 * The directory is believed for names and sizes; where an entry's bytes begin is only to be had
 * from its local header, whose extra field PyTorch makes long to align them. */
#include "formats/zip.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec_deflate.h"
#include "base/mem.h"

enum {
    LOCAL_SIZE = 30,
    ENTRY_SIZE = 46,
    END_SIZE = 22,
    END64_SIZE = 56,
    LOCATOR_SIZE = 20,
    MAX_COMMENT = 0xffff,
    ZIP64_TAG = 1,
    PADDING_TAG = 0x4246, /* "FB", as PyTorch pads */
    ALIGNMENT = 64,
    VERSION_STORED = 20, /* 2.0 */
    VERSION_ZIP64 = 45   /* 4.5 */
};

static const uint32_t LOCAL_MAGIC = 0x04034b50;
static const uint32_t ENTRY_MAGIC = 0x02014b50;
static const uint32_t END_MAGIC = 0x06054b50;
static const uint32_t END64_MAGIC = 0x06064b50;
static const uint32_t LOCATOR_MAGIC = 0x07064b50;

static uint16_t get16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const unsigned char *p)
{
    return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t get64(const unsigned char *p)
{
    return get32(p) | (uint64_t)get32(p + 4) << 32;
}

bool zip_is_one(const unsigned char *bytes, size_t n)
{
    return n >= 4 && (get32(bytes) == LOCAL_MAGIC || get32(bytes) == END_MAGIC);
}

struct archive {
    const unsigned char *bytes;
    size_t len;
    uint64_t directory; /* where it begins */
    uint64_t directory_len;
    uint64_t n_entries;
};

/* The end record is the last thing but for a comment. */
static int find_end(size_t *at, const struct archive *a, struct err *err)
{
    const size_t most = END_SIZE + MAX_COMMENT;
    const size_t first = a->len > most ? a->len - most : 0;

    for (size_t i = a->len >= END_SIZE ? a->len - END_SIZE + 1 : 0; i-- > first;)
        if (get32(a->bytes + i) == END_MAGIC) {
            *at = i;
            return 0;
        }
    return err_set(err, ERR_FORMAT,
                   "the zip archive has no directory at its end: the file is cut short");
}

static int read_end(struct archive *a, struct err *err)
{
    const unsigned char *p;
    size_t at = 0;

    if (find_end(&at, a, err) < 0)
        return -1;
    p = a->bytes + at;
    a->n_entries = get16(p + 10);
    a->directory_len = get32(p + 12);
    a->directory = get32(p + 16);
    if (at >= LOCATOR_SIZE && get32(p - LOCATOR_SIZE) == LOCATOR_MAGIC) {
        const uint64_t end64 = get64(p - LOCATOR_SIZE + 8);

        if (end64 > at || at - end64 < END64_SIZE || get32(a->bytes + end64) != END64_MAGIC)
            return err_set(err, ERR_FORMAT, "the zip archive's 64-bit end record is not there");
        p = a->bytes + end64;
        a->n_entries = get64(p + 32);
        a->directory_len = get64(p + 40);
        a->directory = get64(p + 48);
    }
    if (a->directory > at || a->directory_len > at - a->directory)
        return err_set(err, ERR_FORMAT, "the zip archive's directory is not inside the file");
    if (a->n_entries > a->directory_len / ENTRY_SIZE)
        return err_set(err, ERR_FORMAT,
                       "the zip archive's directory of %" PRIu64 " bytes cannot name %" PRIu64
                       " entries",
                       a->directory_len, a->n_entries);
    return 0;
}

struct sizes {
    uint64_t packed, unpacked, at;
};

/* Sizes that are all ones in the entry are in its extra field, in this order. */
static void widen(struct sizes *s, const unsigned char *extra, size_t n)
{
    uint64_t *const fields[] = {&s->unpacked, &s->packed, &s->at};

    while (n >= 4) {
        const unsigned char *p = extra + 4;
        size_t len = get16(extra + 2);

        if (len > n - 4)
            return;
        n -= 4 + len;
        extra += 4 + len;
        if (get16(p - 4) != ZIP64_TAG)
            continue;
        for (size_t i = 0; i < 3 && len >= 8; i++)
            if (*fields[i] == UINT32_MAX) {
                *fields[i] = get64(p);
                p += 8;
                len -= 8;
            }
        return;
    }
}

/* Where the bytes of the entry are, by its local header. */
static int locate(struct zip_entry *e, const struct archive *a, const struct sizes *s,
                  struct err *err)
{
    uint64_t begin;

    if (s->at > a->len || a->len - s->at < LOCAL_SIZE || get32(a->bytes + s->at) != LOCAL_MAGIC)
        return err_set(err, ERR_FORMAT, "zip entry '%s' is not where the directory says", e->name);
    begin = s->at + LOCAL_SIZE + get16(a->bytes + s->at + 26) + get16(a->bytes + s->at + 28);
    if (begin > a->len || s->packed > a->len - begin)
        return err_set(err, ERR_FORMAT,
                       "zip entry '%s' of %" PRIu64 " bytes goes beyond the end of the file",
                       e->name, s->packed);
    if (e->is_stored && s->packed != s->unpacked)
        return err_set(err, ERR_FORMAT, "zip entry '%s' is stored in another size than it has",
                       e->name);
    e->bytes = a->bytes + begin;
    e->len = (size_t)s->packed;
    return 0;
}

static int read_entry(struct zip_entry *e, size_t *taken, const struct archive *a,
                      const unsigned char *p, size_t left, struct err *err)
{
    struct sizes s;
    size_t n_name, n_extra;

    if (left < ENTRY_SIZE || get32(p) != ENTRY_MAGIC)
        return err_set(err, ERR_FORMAT, "the zip archive's directory is damaged");
    n_name = get16(p + 28);
    n_extra = get16(p + 30);
    *taken = ENTRY_SIZE + n_name + n_extra + get16(p + 32);
    if (*taken > left)
        return err_set(err, ERR_FORMAT, "the zip archive's directory is damaged");
    e->name = mem_text_n((const char *)p + ENTRY_SIZE, n_name);
    e->is_stored = get16(p + 10) == 0 && !(get16(p + 8) & 1);
    e->crc = get32(p + 16);
    s = (struct sizes){.packed = get32(p + 20), .unpacked = get32(p + 24), .at = get32(p + 42)};
    widen(&s, p + ENTRY_SIZE + n_name, n_extra);
    return locate(e, a, &s, err);
}

static int compare_entries(const void *a, const void *b)
{
    const struct zip_entry *const x = a;
    const struct zip_entry *const y = b;

    return strcmp(x->name, y->name);
}

int zip_open(struct zip *z, const unsigned char *bytes, size_t n, struct err *err)
{
    struct archive a = {.bytes = bytes, .len = n};
    size_t at = 0;
    size_t held = 0;

    *z = (struct zip){0};
    if (read_end(&a, err) < 0)
        return -1;
    z->entries = mem_array((size_t)a.n_entries + 1, sizeof *z->entries);
    while (z->n < a.n_entries) {
        size_t taken = 0;

        if (read_entry(&z->entries[z->n++], &taken, &a, bytes + a.directory + at,
                       (size_t)a.directory_len - at, err) < 0) {
            zip_release(z);
            return -1;
        }
        /* Checksums of many that are the same bytes would take forever. */
        if (z->entries[z->n - 1].len > n - held) {
            zip_release(z);
            return err_set(err, ERR_FORMAT, "entries of the zip archive share their bytes");
        }
        held += z->entries[z->n - 1].len;
        at += taken;
    }
    qsort(z->entries, z->n, sizeof *z->entries, compare_entries);
    return 0;
}

struct zip_entry *zip_find(const struct zip *z, const char *name)
{
    const struct zip_entry key = {.name = (char *)name};

    return bsearch(&key, z->entries, z->n, sizeof key, compare_entries);
}

int zip_check(struct zip_entry *e, struct err *err)
{
    if (e->is_checked)
        return 0;
    if (!e->is_stored)
        return err_set(err, ERR_FORMAT,
                       "zip entry '%s' is compressed or encrypted; PyTorch stores it as it is",
                       e->name);
    if (e->crc != 0 && codec_deflate_crc32(e->bytes, e->len) != e->crc)
        return err_set(err, ERR_FORMAT, "zip entry '%s' is damaged: its checksum is wrong",
                       e->name);
    e->is_checked = true;
    return 0;
}

void zip_release(struct zip *z)
{
    for (size_t i = 0; i < z->n; i++)
        free(z->entries[i].name);
    free(z->entries);
    *z = (struct zip){0};
}

/* ---- writing ---- */

static void put16(struct buf *b, unsigned value)
{
    buf_put_byte(b, (char)(value & 255));
    buf_put_byte(b, (char)(value >> 8));
}

static uint32_t narrow(uint64_t n)
{
    return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

/* What local header and directory entry have in common, from the flags to the name's length. */
static void put_middle(struct buf *b, const char *name, uint32_t crc, uint64_t n, bool wide)
{
    put16(b, 0);                /* flags */
    put16(b, 0);                /* stored */
    buf_put_u32(b, 0x00210000); /* 1 January 1980, the first day there is */
    buf_put_u32(b, crc);
    buf_put_u32(b, wide ? UINT32_MAX : (uint32_t)n);
    buf_put_u32(b, wide ? UINT32_MAX : (uint32_t)n);
    put16(b, (unsigned)strlen(name));
}

static void put_local(struct buf *b, const char *name, uint32_t crc, uint64_t n, bool wide,
                      uint64_t at)
{
    const size_t fixed = LOCAL_SIZE + strlen(name) + (wide ? 20 : 0) + 4;
    const size_t padding = (ALIGNMENT - (at + fixed) % ALIGNMENT) % ALIGNMENT;

    buf_put_u32(b, LOCAL_MAGIC);
    put16(b, wide ? VERSION_ZIP64 : VERSION_STORED);
    put_middle(b, name, crc, n, wide);
    put16(b, (unsigned)((wide ? 20 : 0) + 4 + padding));
    buf_put_text(b, name);
    if (wide) {
        put16(b, ZIP64_TAG);
        put16(b, 16);
        buf_put_u64(b, n);
        buf_put_u64(b, n);
    }
    put16(b, PADDING_TAG);
    put16(b, (unsigned)padding);
    for (size_t i = 0; i < padding; i++)
        buf_put_byte(b, 'Z');
}

static void put_entry(struct buf *b, const char *name, uint32_t crc, uint64_t n, bool wide,
                      uint64_t at)
{
    const bool far = at >= UINT32_MAX;
    const unsigned extra = (wide ? 16 : 0) + (far ? 8 : 0);

    buf_put_u32(b, ENTRY_MAGIC);
    put16(b, VERSION_ZIP64);
    put16(b, wide || far ? VERSION_ZIP64 : VERSION_STORED);
    put_middle(b, name, crc, n, wide);
    put16(b, extra ? extra + 4 : 0);
    put16(b, 0); /* comment */
    put16(b, 0); /* disk */
    put16(b, 0); /* attributes */
    buf_put_u32(b, 0);
    buf_put_u32(b, narrow(at));
    buf_put_text(b, name);
    if (!extra)
        return;
    put16(b, ZIP64_TAG);
    put16(b, extra);
    if (wide) {
        buf_put_u64(b, n);
        buf_put_u64(b, n);
    }
    if (far)
        buf_put_u64(b, at);
}

int zip_write(struct zip_writer *w, const char *name, const void *bytes, size_t n, struct err *err)
{
    const uint32_t crc = codec_deflate_crc32(bytes, n);
    const uint64_t at = w->sink->len;
    const bool wide = n >= UINT32_MAX;
    struct buf header = {0};
    int rc;

    put_local(&header, name, crc, n, wide, at);
    put_entry(&w->directory, name, crc, n, wide, at);
    w->n++;
    rc = sink_write(w->sink, header.data, header.len, err);
    buf_release(&header);
    return rc < 0 ? -1 : sink_write(w->sink, bytes, n, err);
}

int zip_write_end(struct zip_writer *w, struct err *err)
{
    const uint64_t at = w->sink->len;
    const uint64_t len = w->directory.len;
    struct buf *b = &w->directory;

    if (w->n >= 0xffff || at + len >= UINT32_MAX) {
        buf_put_u32(b, END64_MAGIC);
        buf_put_u64(b, END64_SIZE - 12);
        put16(b, VERSION_ZIP64);
        put16(b, VERSION_ZIP64);
        buf_put_u64(b, 0); /* two numbers of disks */
        buf_put_u64(b, w->n);
        buf_put_u64(b, w->n);
        buf_put_u64(b, len);
        buf_put_u64(b, at);
        buf_put_u32(b, LOCATOR_MAGIC);
        buf_put_u32(b, 0);
        buf_put_u64(b, at + len);
        buf_put_u32(b, 1);
    }
    buf_put_u32(b, END_MAGIC);
    buf_put_u32(b, 0); /* two numbers of disks */
    put16(b, w->n < 0xffff ? (unsigned)w->n : 0xffff);
    put16(b, w->n < 0xffff ? (unsigned)w->n : 0xffff);
    buf_put_u32(b, narrow(len));
    buf_put_u32(b, narrow(at));
    put16(b, 0); /* comment */
    return sink_write(w->sink, b->data, b->len, err);
}

void zip_writer_release(struct zip_writer *w)
{
    buf_release(&w->directory);
    *w = (struct zip_writer){0};
}
