/* spill.c -- bucket sort: the top byte of the key chooses the bucket, memory sorts the rest.
 *
 * A record is its key, its length and its bytes, in the machine's own order: what wrote a temporary
 * file also reads it. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "base/spill.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/scratch.h"

enum {
    BUCKET_SHIFT = 56,
    HEAD_SIZE = sizeof(uint64_t) + sizeof(uint32_t),
    BLOCK_SIZE = 1 << 14,
    BLOCKS_PER_BUCKET = 4, /* that the memory has room for, at least */
    ALIGNMENT = sizeof(struct spill_block),
    FEW = 16 /* records that are sorted by insertion */
};

int spill_open(struct spill *s, const char *folder, size_t memory, struct err *err)
{
    FILE *probe;

    *s = (struct spill){.memory = memory};
    /* Now, not after hours of adding, is the time to say that the folder cannot be used. */
    probe = scratch_file(folder, err);
    if (!probe)
        return -1;
    fclose(probe);
    s->folder = mem_text(folder);
    return 0;
}

int spill_open_shared(struct spill *s, const char *folder, const char *name, int member,
                      int n_members, size_t memory, struct err *err)
{
    if (spill_open(s, folder, memory, err) < 0)
        return -1;
    s->shared = file_join(folder, name);
    s->member = member;
    s->n_members = n_members;
    return 0;
}

static char *shared_name(const struct spill *s, int member, unsigned b)
{
    struct buf name = {0};

    buf_printf(&name, "%s.%d.%u", s->shared, member, b);
    return name.data;
}

static FILE *open_bucket(struct spill *s, unsigned b, struct err *err)
{
    char *name;
    FILE *file;

    if (!s->shared)
        return scratch_file(s->folder, err);
    name = shared_name(s, s->member, b);
    file = fopen(name, "ab");
    if (!file)
        err_errno(err, "cannot make '%s'", name);
    free(name);
    return file;
}

static int too_large(const struct spill *s, uint64_t size, struct err *err)
{
    return err_set(err, ERR_LIMIT,
                   "%llu bytes have to be sorted at once, more than the memory of %zu bytes allows",
                   (unsigned long long)size, s->memory);
}

static int flush_bucket(struct spill *s, unsigned b, struct err *err)
{
    struct spill_bucket *bucket = &s->buckets[b];

    if (bucket->first && !bucket->file) {
        bucket->file = open_bucket(s, b, err);
        if (!bucket->file)
            return -1;
        setvbuf(bucket->file, NULL, _IONBF, 0); /* blocks are large, and errors show at once */
    }
    for (const struct spill_block *block = bucket->first; block; block = block->next) {
        if (fwrite(block + 1, 1, block->len, bucket->file) != block->len)
            return err_errno(err, "cannot write a temporary file in '%s'", s->folder);
        bucket->size += block->len;
    }
    bucket->first = bucket->last = NULL;
    bucket->room = 0;
    return 0;
}

static int flush_all(struct spill *s, struct err *err)
{
    for (unsigned b = 0; b < SPILL_BUCKETS; b++)
        if (flush_bucket(s, b, err) < 0)
            return -1;
    s->n_used = 0;
    return 0;
}

/* Pages of it come into being when they are first written to. */
static int get_memory(struct spill *s, struct err *err)
{
    void *blocks = mmap(NULL, s->memory, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (blocks == MAP_FAILED)
        return err_errno(err, "cannot get %zu bytes of memory to sort in", s->memory);
    s->blocks = blocks;
    return 0;
}

static void give_memory_back(struct spill *s)
{
    if (s->blocks)
        munmap(s->blocks, s->memory);
    s->blocks = NULL;
    s->n_used = 0;
}

/* A new last block with room for a record of that size. */
static int add_block(struct spill *s, unsigned b, size_t size, struct err *err)
{
    const size_t share = s->memory / SPILL_BUCKETS / BLOCKS_PER_BUCKET;
    const size_t usual = share < BLOCK_SIZE ? share : BLOCK_SIZE;
    const size_t want = sizeof(struct spill_block) + size;
    const size_t all = ((want > usual ? want : usual) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct spill_bucket *bucket = &s->buckets[b];
    struct spill_block *block;

    if (all > s->memory)
        return too_large(s, size, err);
    if (!s->blocks && get_memory(s, err) < 0)
        return -1;
    if (all > s->memory - s->n_used && flush_all(s, err) < 0)
        return -1;
    assert(s->blocks);
    block = (struct spill_block *)(void *)(s->blocks + s->n_used);
    s->n_used += all;
    *block = (struct spill_block){0};
    if (bucket->last)
        bucket->last->next = block;
    else
        bucket->first = block;
    bucket->last = block;
    bucket->room = all - sizeof *block;
    return 0;
}

int spill_add(struct spill *s, uint64_t key, const void *bytes, size_t n, struct err *err)
{
    const unsigned b = (unsigned)(key >> BUCKET_SHIFT);
    const uint32_t len = (uint32_t)n;
    struct spill_bucket *bucket = &s->buckets[b];
    char *to;

    if (n > UINT32_MAX)
        return err_set(err, ERR_LIMIT, "record of %zu bytes is too long to sort", n);
    if (HEAD_SIZE + n > bucket->room && add_block(s, b, HEAD_SIZE + n, err) < 0)
        return -1;
    to = (char *)(bucket->last + 1) + bucket->last->len;
    memcpy(to, &key, sizeof key);
    memcpy(to + sizeof key, &len, sizeof len);
    if (n)
        memcpy(to + HEAD_SIZE, bytes, n);
    bucket->last->len += HEAD_SIZE + n;
    bucket->room -= HEAD_SIZE + n;
    s->n_records++;
    s->counts[b]++;
    s->n_bytes += n;
    return 0;
}

int spill_flush(struct spill *s, struct err *err)
{
    if (flush_all(s, err) < 0)
        return -1;
    give_memory_back(s);
    for (unsigned b = 0; b < SPILL_BUCKETS; b++) {
        FILE *file = s->buckets[b].file;

        s->buckets[b].file = NULL;
        if (file && fclose(file) != 0)
            return err_errno(err, "cannot write a temporary file in '%s'", s->folder);
    }
    return 0;
}

void spill_seek(struct spill *s, unsigned bucket)
{
    s->next_bucket = bucket;
    s->at = s->n_order = 0;
}

/* Before the first bucket is read: either all records are in memory, or all are in files. */
static int end_of_adding(struct spill *s, struct err *err)
{
    bool on_disk = false;

    for (unsigned b = 0; b < SPILL_BUCKETS; b++)
        on_disk = on_disk || s->buckets[b].file;
    if (!on_disk)
        return 0;
    if (flush_all(s, err) < 0)
        return -1;
    give_memory_back(s);
    return 0;
}

/* The files of all members for one bucket; a member without records in it has none. */
static int load_shared(struct spill *s, unsigned b, struct err *err)
{
    int rc = 0;

    buf_clear(&s->loaded);
    for (int member = 0; member < s->n_members && rc == 0; member++) {
        char *name = shared_name(s, member, b);

        if (file_exists(name))
            rc = file_read(&s->loaded, name, SIZE_MAX / 2, err);
        if (rc == 0 && s->loaded.len > s->memory)
            rc = too_large(s, s->loaded.len, err);
        free(name);
    }
    return rc;
}

static int load_file(struct spill *s, struct spill_bucket *bucket, struct err *err)
{
    const size_t size = (size_t)bucket->size;

    if (bucket->size > s->memory)
        return too_large(s, bucket->size, err);
    buf_clear(&s->loaded);
    buf_reserve(&s->loaded, size);
    rewind(bucket->file);
    if (fread(s->loaded.data, 1, size, bucket->file) != size)
        return err_errno(err, "cannot read a temporary file in '%s'", s->folder);
    s->loaded.len = size;
    fclose(bucket->file); /* gives the disk space back for what the records are written to */
    bucket->file = NULL;
    return 0;
}

static int compare_records(const void *a, const void *b)
{
    const struct spill_record *x = a;
    const struct spill_record *y = b;
    const size_t shorter = x->n < y->n ? x->n : y->n;
    int order;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    order = shorter ? memcmp(x->bytes, y->bytes, shorter) : 0;
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

static void insert_sorted(struct spill_record *r, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct spill_record moved = r[i];
        size_t to = i;

        for (; to > 0 && compare_records(&r[to - 1], &moved) > 0; to--)
            r[to] = r[to - 1];
        r[to] = moved;
    }
}

/* First by as many of the next bits as there are places for all, so a place has about one record; keys
 * that are not spread make some places large. */
static void sort_records(struct spill *s)
{
    const size_t n = s->n_order;
    unsigned bits = 1;
    size_t *ends;
    size_t at = 0;

    while (bits < BUCKET_SHIFT && n >> bits)
        bits++;
    ends = mem_array(((size_t)1 << bits) + 1, sizeof *ends);
    for (size_t i = 0; i < n; i++)
        ends[(s->order[i].key << (64 - BUCKET_SHIFT) >> (64 - bits)) + 1]++;
    for (size_t i = 0; i < (size_t)1 << bits; i++)
        ends[i + 1] += ends[i];
    /* Now where each place begins; when all records have moved, where it ends. */
    for (size_t i = 0; i < n; i++)
        s->other[ends[s->order[i].key << (64 - BUCKET_SHIFT) >> (64 - bits)]++] = s->order[i];
    for (size_t i = 0; i < (size_t)1 << bits; i++) {
        if (ends[i] - at <= FEW)
            insert_sorted(s->other + at, ends[i] - at);
        else
            qsort(s->other + at, ends[i] - at, sizeof *s->other, compare_records);
        at = ends[i];
    }
    free(ends);
}

/* Adds the records in `bytes` (len) to the order. */
static void find_records(struct spill *s, const char *bytes, size_t len)
{
    size_t at = 0;

    while (at < len) {
        struct spill_record r;
        uint32_t n;

        memcpy(&r.key, bytes + at, sizeof r.key);
        memcpy(&n, bytes + at + sizeof r.key, sizeof n);
        r.bytes = bytes + at + HEAD_SIZE;
        r.n = n;
        if (s->n_order == s->cap_order) {
            s->cap_order = mem_grow(s->cap_order, s->n_order + 1);
            s->order = mem_resize(s->order, s->cap_order, sizeof *s->order);
            s->other = mem_resize(s->other, s->cap_order, sizeof *s->other);
        }
        s->order[s->n_order++] = r;
        at += HEAD_SIZE + n;
    }
}

/* The records of a bucket, sorted. */
static int read_bucket(struct spill *s, unsigned b, struct err *err)
{
    struct spill_bucket *bucket = &s->buckets[b];
    struct spill_record *sorted;

    s->n_order = 0;
    s->at = 0;
    if (s->shared || bucket->file) {
        if ((s->shared ? load_shared(s, b, err) : load_file(s, bucket, err)) < 0)
            return -1;
        find_records(s, s->loaded.data, s->loaded.len);
    }
    for (const struct spill_block *block = bucket->first; block; block = block->next)
        find_records(s, (const char *)(block + 1), block->len);
    if (s->n_order == 0)
        return 0;
    sort_records(s);
    sorted = s->other;
    s->other = s->order;
    s->order = sorted;
    return 0;
}

int spill_next(struct spill *s, uint64_t *key, const void **bytes, size_t *n, struct err *err)
{
    if (s->next_bucket == 0 && !s->shared && end_of_adding(s, err) < 0)
        return -1;
    while (s->at == s->n_order) {
        if (s->next_bucket == SPILL_BUCKETS)
            return 0;
        if (read_bucket(s, s->next_bucket++, err) < 0)
            return -1;
        if (s->shared && s->n_order != s->counts[s->next_bucket - 1])
            return err_set(err, ERR_IO, "%s.*.%u: %zu records where %llu were written", s->shared,
                           s->next_bucket - 1, s->n_order,
                           (unsigned long long)s->counts[s->next_bucket - 1]);
    }
    *key = s->order[s->at].key;
    *bytes = s->order[s->at].bytes;
    *n = s->order[s->at].n;
    s->at++;
    return 1;
}

void spill_close(struct spill *s)
{
    for (unsigned b = 0; b < SPILL_BUCKETS; b++)
        if (s->buckets[b].file)
            fclose(s->buckets[b].file);
    give_memory_back(s);
    buf_release(&s->loaded);
    free(s->order);
    free(s->other);
    free(s->folder);
    free(s->shared);
    *s = (struct spill){0};
}
