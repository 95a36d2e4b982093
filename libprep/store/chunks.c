/* chunks.c -- the queue is twice the team, so a slow chunk keeps nobody waiting for long. */
#include "store/chunks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/codec_deflate.h"
#include "base/codec_zstd.h"
#include "base/mem.h"

enum { CHUNK_SIZE = 256 << 10, MAX_CHUNK_ROWS = 1 << 16, ZSTD_LEVEL = 1 };

struct chunk {
    size_t set;
    uint64_t first_row;
    size_t n_rows;
    char *block; /* while it waits; afterwards memory for the next one */
    size_t block_size;
    char *shuffled;
    char *packed;
    size_t room; /* of both */
    size_t packed_len;
    struct codec_deflate *deflate; /* one of the two, when first needed */
    struct codec_zstd *zstd;
};

int chunks_level(enum chunk_packing packing)
{
    return packing == CHUNK_ZSTD ? ZSTD_LEVEL : CODEC_DEFLATE_QUICK;
}

size_t chunks_rows(size_t row_size)
{
    size_t n = 1;

    while (n * 2 * row_size <= CHUNK_SIZE && n < MAX_CHUNK_ROWS)
        n *= 2;
    return n;
}

size_t chunks_share(size_t row_size, size_t longest_row, uint64_t n_rows)
{
    const size_t longest_chunk = chunks_rows(longest_row);
    const uint64_t n_chunks = n_rows / longest_chunk + (n_rows % longest_chunk > 0);
    size_t n;

    assert(n_rows > 0);
    n = (size_t)(n_rows / n_chunks + (n_rows % n_chunks > 0));
    while (n < n_rows && n * 2 <= chunks_rows(row_size))
        n *= 2;
    return n;
}

size_t chunks_add(struct chunks *c, size_t value_size, size_t n_values, size_t chunk_rows)
{
    struct chunk_set set = {
        .value_size = value_size, .row_size = value_size * n_values, .chunk_rows = chunk_rows};

    c->sets = mem_resize(c->sets, c->n_sets + 1, sizeof *c->sets);
    c->sets[c->n_sets] = set;
    return c->n_sets++;
}

/* Four bytes a value, in a loop that compilers turn into vector instructions. */
static void shuffle_words(char *to, const char *from, size_t n_values)
{
    for (size_t i = 0; i < n_values; i++) {
        uint32_t value;

        memcpy(&value, from + i * sizeof value, sizeof value);
        to[i] = (char)value;
        to[n_values + i] = (char)(value >> 8);
        to[2 * n_values + i] = (char)(value >> 16);
        to[3 * n_values + i] = (char)(value >> 24);
    }
}

/* HDF5's shuffle filter: first the lowest byte of every value, then the next one. Ids leave two of
 * four bytes almost always zero, which deflate then passes in no time. */
static void shuffle(char *to, const char *from, size_t n_values, size_t value_size)
{
    if (value_size == sizeof(uint32_t)) {
        shuffle_words(to, from, n_values);
        return;
    }
    for (size_t byte = 0; byte < value_size; byte++)
        for (size_t i = 0; i < n_values; i++)
            to[byte * n_values + i] = from[i * value_size + byte];
}

static size_t bound(struct chunk *k, const struct chunks *c, size_t size)
{
    if (c->packing == CHUNK_ZSTD) {
        if (!k->zstd)
            k->zstd = codec_zstd_open(chunks_level(c->packing));
        return codec_zstd_bound(size);
    }
    if (!k->deflate)
        k->deflate = codec_deflate_open(chunks_level(c->packing));
    return codec_deflate_bound(size);
}

static void pack(void *context, size_t index)
{
    const struct chunks *c = context;
    struct chunk *k = &c->queue[index];
    const struct chunk_set *set = &c->sets[k->set];
    const size_t size = set->row_size * set->chunk_rows;
    const char *from = k->block;
    size_t room;

    if (c->packing == CHUNK_PLAIN) {
        k->packed_len = size;
        return;
    }
    room = bound(k, c, size);
    if (room > k->room) {
        k->packed = mem_resize(k->packed, room, 1);
        k->shuffled = mem_resize(k->shuffled, room, 1);
        k->room = room;
    }
    if (set->value_size > 1) {
        shuffle(k->shuffled, k->block, size / set->value_size, set->value_size);
        from = k->shuffled;
    }
    k->packed_len = c->packing == CHUNK_ZSTD
                        ? codec_zstd_pack(k->zstd, k->packed, from, size)
                        : codec_deflate_pack(k->deflate, k->packed, from, size);
}

int chunks_flush(struct chunks *c, struct err *err)
{
    int rc = 0;

    if (c->n_queue)
        team_run(c->team, c->n_queue, pack, c);
    for (size_t i = 0; i < c->n_queue; i++) {
        struct chunk *k = &c->queue[i];

        if (rc == 0)
            rc = c->place(c->context, k->set, k->first_row, k->n_rows,
                          c->packing == CHUNK_PLAIN ? k->block : k->packed, k->packed_len, err);
    }
    c->n_queue = 0;
    return rc;
}

static void swap_blocks(struct chunk *k, struct chunk_set *set)
{
    char *block = k->block;
    const size_t size = k->block_size;

    k->block = set->block;
    k->block_size = set->block_size;
    set->block = block;
    set->block_size = size;
}

/* Puts the block of a set in the queue; the set gets one that was used before. */
static int enqueue(struct chunks *c, size_t at, struct err *err)
{
    struct chunk_set *set = &c->sets[at];
    struct chunk *k;

    if (!c->queue) {
        c->queue_cap = c->team ? 2 * team_size(c->team) : 1;
        c->queue = mem_array(c->queue_cap, sizeof *c->queue);
    }
    k = &c->queue[c->n_queue++];
    k->set = at;
    k->first_row = set->n_queued;
    k->n_rows = set->n_rows;
    memset(set->block + set->n_rows * set->row_size, 0,
           (set->chunk_rows - set->n_rows) * set->row_size);
    swap_blocks(k, set);
    set->n_queued += set->n_rows;
    set->n_rows = 0;
    return c->n_queue == c->queue_cap ? chunks_flush(c, err) : 0;
}

void *chunks_reserve(struct chunks *c, size_t at, size_t *n)
{
    struct chunk_set *set = &c->sets[at];
    const size_t room = set->chunk_rows - set->n_rows;
    const size_t size = set->chunk_rows * set->row_size;

    if (set->block_size < size) {
        set->block = mem_resize(set->block, size, 1);
        set->block_size = size;
    }
    if (*n > room)
        *n = room;
    return set->block + set->n_rows * set->row_size;
}

int chunks_advance(struct chunks *c, size_t at, size_t n, struct err *err)
{
    struct chunk_set *set = &c->sets[at];

    set->n_rows += n;
    return set->n_rows == set->chunk_rows ? enqueue(c, at, err) : 0;
}

int chunks_append(struct chunks *c, size_t at, const void *rows, size_t n, struct err *err)
{
    const size_t row_size = c->sets[at].row_size;
    const char *from = rows;

    while (n) {
        size_t take = n;
        void *to = chunks_reserve(c, at, &take);

        memcpy(to, from, take * row_size);
        if (chunks_advance(c, at, take, err) < 0)
            return -1;
        from += take * row_size;
        n -= take;
    }
    return 0;
}

int chunks_append_ints(struct chunks *c, size_t at, const int32_t *rows, size_t n, struct err *err)
{
    const size_t width = c->sets[at].row_size / c->sets[at].value_size;
    int32_t lost = 0;

    if (c->sets[at].value_size == sizeof *rows)
        return chunks_append(c, at, rows, n, err);
    assert(c->sets[at].value_size == 1);
    while (n) {
        size_t take = n;
        int8_t *to = chunks_reserve(c, at, &take);

        for (size_t i = 0; i < take * width; i++) {
            to[i] = (int8_t)rows[i];
            lost |= rows[i] ^ to[i];
        }
        assert(!lost);
        if (chunks_advance(c, at, take, err) < 0)
            return -1;
        rows += take * width;
        n -= take;
    }
    return 0;
}

int chunks_append_packed(struct chunks *c, size_t at, const void *packed, size_t packed_len,
                         size_t n_rows, struct err *err)
{
    struct chunk_set *set = &c->sets[at];
    const uint64_t first_row = set->n_queued;

    assert(set->n_rows == 0 && !set->tail_rows && n_rows > 0 && n_rows <= set->chunk_rows);
    if (n_rows < set->chunk_rows) {
        set->tail = mem_resize(set->tail, packed_len, 1);
        memcpy(set->tail, packed, packed_len);
        set->tail_len = packed_len;
        set->tail_rows = n_rows;
        return 0;
    }
    set->n_queued += n_rows;
    if (chunks_flush(c, err) < 0)
        return -1;
    return c->place(c->context, at, first_row, n_rows, packed, packed_len, err);
}

static int finish_tail(struct chunks *c, size_t at, struct err *err)
{
    struct chunk_set *set = &c->sets[at];
    const uint64_t first_row = set->n_queued;
    const size_t n_rows = set->tail_rows;

    set->n_queued += n_rows;
    set->tail_rows = 0;
    if (chunks_flush(c, err) < 0)
        return -1;
    return c->place(c->context, at, first_row, n_rows, set->tail, set->tail_len, err);
}

int chunks_finish(struct chunks *c, struct err *err)
{
    for (size_t i = 0; i < c->n_sets; i++) {
        if (c->sets[i].tail_rows && finish_tail(c, i, err) < 0)
            return -1;
        if (c->sets[i].n_rows && enqueue(c, i, err) < 0)
            return -1;
    }
    return chunks_flush(c, err);
}

void chunks_release(struct chunks *c)
{
    for (size_t i = 0; i < c->n_sets; i++) {
        free(c->sets[i].block);
        free(c->sets[i].tail);
    }
    for (size_t i = 0; i < c->queue_cap; i++) {
        free(c->queue[i].block);
        free(c->queue[i].shuffled);
        free(c->queue[i].packed);
        codec_deflate_close(c->queue[i].deflate);
        codec_zstd_close(c->queue[i].zstd);
    }
    free(c->sets);
    free(c->queue);
    *c = (struct chunks){0};
}
