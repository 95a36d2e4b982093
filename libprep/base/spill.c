/* spill.c -- bucket sort on disk: the top byte of the key chooses the file, memory sorts the rest.
 *
 * A record is its key, its length and its bytes, in the machine's own order: what wrote a temporary
 * file also reads it. */
#include "base/spill.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/scratch.h"

enum { BUCKET_SHIFT = 56, HEAD_SIZE = sizeof(uint64_t) + sizeof(uint32_t) };

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

static int flush_bucket(struct spill *s, unsigned b, struct err *err)
{
    struct buf *p = &s->pending[b];

    if (p->len == 0)
        return 0;
    if (!s->bucket[b]) {
        s->bucket[b] = open_bucket(s, b, err);
        if (!s->bucket[b])
            return -1;
        setvbuf(s->bucket[b], NULL, _IONBF, 0); /* blocks are large, and errors show at once */
    }
    if (fwrite(p->data, 1, p->len, s->bucket[b]) != p->len)
        return err_errno(err, "cannot write a temporary file in '%s'", s->folder);
    s->size[b] += p->len;
    buf_clear(p);
    return 0;
}

int spill_add(struct spill *s, uint64_t key, const void *bytes, size_t n, struct err *err)
{
    const unsigned b = (unsigned)(key >> BUCKET_SHIFT);
    /* Half its share: a buffer grows by doubling. */
    const size_t share = s->memory / SPILL_BUCKETS / 2;
    const uint32_t len = (uint32_t)n;
    struct buf *p = &s->pending[b];

    if (n > UINT32_MAX)
        return err_set(err, ERR_LIMIT, "record of %zu bytes is too long to sort", n);
    if (p->len && p->len + HEAD_SIZE + n > share && flush_bucket(s, b, err) < 0)
        return -1;
    buf_put(p, &key, sizeof key);
    buf_put(p, &len, sizeof len);
    buf_put(p, bytes, n);
    s->n_records++;
    s->counts[b]++;
    s->n_bytes += n;
    return 0;
}

int spill_flush(struct spill *s, struct err *err)
{
    for (unsigned b = 0; b < SPILL_BUCKETS; b++) {
        FILE *file;

        if (flush_bucket(s, b, err) < 0)
            return -1;
        buf_release(&s->pending[b]);
        file = s->bucket[b];
        s->bucket[b] = NULL;
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
        on_disk = on_disk || s->bucket[b];
    if (!on_disk)
        return 0;
    for (unsigned b = 0; b < SPILL_BUCKETS; b++) {
        if (flush_bucket(s, b, err) < 0)
            return -1;
        buf_release(&s->pending[b]);
    }
    return 0;
}

static int too_large(const struct spill *s, uint64_t size, struct err *err)
{
    return err_set(err, ERR_LIMIT,
                   "%llu bytes have to be sorted at once, more than the memory of %zu bytes allows",
                   (unsigned long long)size, s->memory);
}

/* The files of all members for one bucket; a member without records in it has none. */
static int load_shared(struct spill *s, unsigned b, struct err *err)
{
    int rc = 0;

    buf_clear(&s->sorted);
    for (int member = 0; member < s->n_members && rc == 0; member++) {
        char *name = shared_name(s, member, b);

        if (file_exists(name))
            rc = file_read(&s->sorted, name, SIZE_MAX / 2, err);
        if (rc == 0 && s->sorted.len > s->memory)
            rc = too_large(s, s->sorted.len, err);
        free(name);
    }
    return rc;
}

static int load_bucket(struct spill *s, unsigned b, struct err *err)
{
    const uint64_t size = s->size[b];

    if (s->shared)
        return load_shared(s, b, err);
    if (!s->bucket[b]) {
        buf_release(&s->sorted);
        s->sorted = s->pending[b];
        s->pending[b] = (struct buf){0};
        return 0;
    }
    if (size > s->memory)
        return too_large(s, size, err);
    buf_clear(&s->sorted);
    buf_reserve(&s->sorted, (size_t)size);
    rewind(s->bucket[b]);
    if (fread(s->sorted.data, 1, (size_t)size, s->bucket[b]) != size)
        return err_errno(err, "cannot read a temporary file in '%s'", s->folder);
    s->sorted.len = (size_t)size;
    fclose(s->bucket[b]); /* gives the disk space back for what the records are written to */
    s->bucket[b] = NULL;
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

static void sort_bucket(struct spill *s)
{
    size_t at = 0;

    s->n_order = 0;
    s->at = 0;
    while (at < s->sorted.len) {
        struct spill_record r;
        uint32_t n;

        memcpy(&r.key, s->sorted.data + at, sizeof r.key);
        memcpy(&n, s->sorted.data + at + sizeof r.key, sizeof n);
        r.bytes = s->sorted.data + at + HEAD_SIZE;
        r.n = n;
        if (s->n_order == s->cap_order) {
            s->cap_order = mem_grow(s->cap_order, s->n_order + 1);
            s->order = mem_resize(s->order, s->cap_order, sizeof *s->order);
        }
        s->order[s->n_order++] = r;
        at += HEAD_SIZE + n;
    }
    if (s->n_order)
        qsort(s->order, s->n_order, sizeof *s->order, compare_records);
}

int spill_next(struct spill *s, uint64_t *key, const void **bytes, size_t *n, struct err *err)
{
    if (s->next_bucket == 0 && !s->shared && end_of_adding(s, err) < 0)
        return -1;
    while (s->at == s->n_order) {
        if (s->next_bucket == SPILL_BUCKETS)
            return 0;
        if (load_bucket(s, s->next_bucket++, err) < 0)
            return -1;
        sort_bucket(s);
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
    for (unsigned b = 0; b < SPILL_BUCKETS; b++) {
        if (s->bucket[b])
            fclose(s->bucket[b]);
        buf_release(&s->pending[b]);
    }
    buf_release(&s->sorted);
    free(s->order);
    free(s->folder);
    free(s->shared);
    *s = (struct spill){0};
}
