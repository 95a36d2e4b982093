/* row_block.c -- a few rows at a time are laid out and moved on to chunks, so that they stay in the
 * cache; the chunks' place() puts them into the block. */
#include "store/row_block.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/shard_rows.h"

enum {
    MAX_CHUNKS = 4, /* of input_ids in a block: data sets with longer chunks are narrow */
    MAX_STEP = 256, /* rows laid out at once */
    ALIGNMENT = 8
};

/* In front of each part; both are multiples of ALIGNMENT bytes. */
struct part_head {
    uint64_t set;
    uint64_t n_rows;
    uint64_t len;
    uint64_t documents : 1;
    uint64_t packed : 1;
};

struct row_block {
    struct shard_rows *rows;
    struct chunks chunks;            /* of the wide data sets */
    enum format_set of[FORMAT_SETS]; /* the data set of each of those */
    struct buf narrow[FORMAT_SETS];  /* values of the others */
    bool wide[FORMAT_SETS];
    size_t number[FORMAT_SETS]; /* of a wide one among the chunks */
    struct buf documents;
    bool tells_documents;
    size_t n_rows;
    struct buf parts;
};

static size_t chunk_rows(const struct shard_shape *shape, enum format_set set)
{
    return format_chunk_rows(shape, format_of(set, shape->packed));
}

static bool is_wide(const struct shard_shape *shape, enum format_set set)
{
    return chunk_rows(shape, set) <= MAX_CHUNKS * chunk_rows(shape, SET_INPUT_IDS);
}

size_t row_block_size(const struct shard_shape *shape)
{
    size_t most = 1;

    /* All are powers of two times the least. */
    for (int i = 0; i < FORMAT_SETS; i++)
        if (format_of((enum format_set)i, shape->packed)->name &&
            is_wide(shape, (enum format_set)i) && chunk_rows(shape, (enum format_set)i) > most)
            most = chunk_rows(shape, (enum format_set)i);
    return most;
}

static void put_part(struct buf *to, const struct part_head *head, const void *bytes)
{
    static const char zeros[ALIGNMENT] = {0};

    buf_put(to, head, sizeof *head);
    buf_put(to, bytes, head->len);
    buf_put(to, zeros, (ALIGNMENT - head->len % ALIGNMENT) % ALIGNMENT);
}

static int place(void *context, size_t number, uint64_t first_row, size_t n_rows,
                 const void *packed, size_t packed_len, struct err *err)
{
    struct row_block *b = context;
    const struct part_head head = {
        .set = b->of[number], .n_rows = n_rows, .len = packed_len, .packed = 1};

    (void)first_row;
    (void)err;
    put_part(&b->parts, &head, packed);
    return 0;
}

struct row_block *row_block_open(const struct shard_shape *shape, enum chunk_packing packing,
                                 bool tells_documents)
{
    struct row_block *b = mem_alloc(sizeof *b);
    const size_t size = row_block_size(shape);

    b->rows = shard_rows_open(shape, size < MAX_STEP ? size : MAX_STEP);
    b->tells_documents = tells_documents;
    b->chunks = (struct chunks){.context = b, .place = place, .packing = packing};
    for (int i = 0; i < FORMAT_SETS; i++) {
        const struct format *f = format_of((enum format_set)i, shape->packed);

        b->wide[i] = f->name && is_wide(shape, (enum format_set)i);
        if (!b->wide[i])
            continue;
        b->number[i] =
            chunks_add(&b->chunks, h5_type_size(f->type), format_columns(shape, f->width),
                       chunk_rows(shape, (enum format_set)i));
        b->of[b->number[i]] = (enum format_set)i;
    }
    return b;
}

/* The rows laid out so far to chunks and values. */
static void move_on(struct row_block *b)
{
    struct shard_rows *r = b->rows;
    struct err never = {0}; /* place() does not fail */

    for (int i = 0; i < FORMAT_SETS; i++) {
        if (b->wide[i])
            chunks_append_ints(&b->chunks, b->number[i], r->set[i], r->n, &never);
        else if (r->set[i])
            buf_put(&b->narrow[i], r->set[i], r->n * r->width[i] * sizeof *r->set[i]);
    }
    if (b->tells_documents)
        buf_put(&b->documents, r->documents, r->n * sizeof *r->documents);
    shard_rows_clear(r);
}

int row_block_put(struct row_block *b, const struct sequence *const *sequences, size_t n,
                  struct err *err)
{
    if (shard_rows_put(b->rows, sequences, n, err) < 0)
        return -1;
    b->n_rows++;
    if (b->rows->n == b->rows->max_rows)
        move_on(b);
    return 0;
}

void row_block_end(struct row_block *b, struct buf *to)
{
    struct err never = {0};

    assert(b->n_rows <= row_block_size(&b->rows->shape));
    move_on(b);
    chunks_finish(&b->chunks, &never);
    buf_put(to, b->parts.data, b->parts.len);
    for (int i = 0; i < FORMAT_SETS; i++) {
        const struct part_head head = {
            .set = (uint64_t)i, .n_rows = b->n_rows, .len = b->narrow[i].len};

        if (head.len)
            put_part(to, &head, b->narrow[i].data);
        buf_clear(&b->narrow[i]);
    }
    if (b->documents.len) {
        const struct part_head head = {
            .documents = 1, .n_rows = b->n_rows, .len = b->documents.len};

        put_part(to, &head, b->documents.data);
    }
    buf_clear(&b->documents);
    buf_clear(&b->parts);
    b->n_rows = 0;
}

void row_block_close(struct row_block *b)
{
    if (!b)
        return;
    for (int i = 0; i < FORMAT_SETS; i++)
        buf_release(&b->narrow[i]);
    buf_release(&b->documents);
    buf_release(&b->parts);
    chunks_release(&b->chunks);
    shard_rows_release(b->rows);
    free(b);
}

bool row_block_next(struct row_part *p, const void *block, size_t size)
{
    const char *at = (const char *)block + p->next;
    struct part_head head;

    if (p->next == size)
        return false;
    memcpy(&head, at, sizeof head);
    *p = (struct row_part){.set = (enum format_set)head.set,
                           .documents = head.documents,
                           .packed = head.packed,
                           .n_rows = head.n_rows,
                           .bytes = at + sizeof head,
                           .len = head.len};
    p->next = (size_t)(at - (const char *)block) + sizeof head +
              (head.len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return true;
}
