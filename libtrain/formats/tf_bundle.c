/* tf_bundle.c -- tensor_bundle.proto of TensorFlow, read from a sorted table.
 *
 *   key ""     BundleHeaderProto { 1 shards, 2 byte order (0 = little) }
 *   key NAME   BundleEntryProto { 1 type, 2 shape { 2 dim { 1 size } }, 3 shard, 4 offset, 5 size,
 *              6 masked CRC-32C, 7 slices of a variable that is kept in parts } */
#include "formats/tf_bundle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "formats/sstable.h"

enum { MAX_SHARDS = 4096, MAX_TENSORS = 1 << 17, MAX_INDEX = 1 << 26 };

/* tensorflow/core/framework/types.proto; of other types only that they are no floats matters. */
static const struct data_type {
    uint64_t id;
    const char *name;
    size_t width; /* 0 = not known */
    enum number number;
} data_types[] = {
    {1, "float32", 4, NUMBER_F32}, {2, "float64", 8, NUMBER_F64},    {3, "int32", 4, NUMBER_OTHER},
    {4, "uint8", 1, NUMBER_OTHER}, {7, "string", 0, NUMBER_OTHER},   {9, "int64", 8, NUMBER_OTHER},
    {10, "bool", 1, NUMBER_OTHER}, {14, "bfloat16", 2, NUMBER_BF16}, {19, "float16", 2, NUMBER_F16},
};
static const struct data_type other_type = {0, "of another type", 0, NUMBER_OTHER};

static const struct data_type *find_type(uint64_t id)
{
    for (size_t i = 0; i < sizeof data_types / sizeof data_types[0]; i++)
        if (data_types[i].id == id)
            return &data_types[i];
    return &other_type;
}

/* ---- protocol buffers ---- */

struct message {
    const unsigned char *at;
    const unsigned char *end;
};

struct field {
    uint64_t number;
    uint64_t value;      /* varints, fixed numbers */
    struct message body; /* what has a length */
};

static bool take_varint(uint64_t *value, struct message *m)
{
    *value = 0;
    for (unsigned shift = 0; shift < 64 && m->at < m->end; shift += 7) {
        const unsigned char byte = *m->at++;

        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

static bool take_fixed(uint64_t *value, struct message *m, size_t width)
{
    if ((size_t)(m->end - m->at) < width)
        return false;
    *value = 0;
    memcpy(value, m->at, width);
    m->at += width;
    return true;
}

/* 1 with a field, 0 at the end, -1 with err. */
static int next_field(struct field *f, struct message *m, struct err *err)
{
    uint64_t tag = 0, len = 0;
    bool fine;

    *f = (struct field){0};
    if (m->at == m->end)
        return 0;
    fine = take_varint(&tag, m);
    f->number = tag >> 3;
    if (fine) {
        switch (tag & 7) {
        case 0:
            fine = take_varint(&f->value, m);
            break;
        case 1:
            fine = take_fixed(&f->value, m, 8);
            break;
        case 2:
            fine = take_varint(&len, m) && len <= (size_t)(m->end - m->at);
            f->body = (struct message){m->at, m->at + len};
            m->at += fine ? len : 0;
            break;
        case 5:
            fine = take_fixed(&f->value, m, 4);
            break;
        default:
            fine = false;
        }
    }
    return fine ? 1 : err_set(err, ERR_FORMAT, "a damaged entry");
}

/* ---- entries ---- */

struct bundle {
    struct tensor_table *table;
    const char *prefix;
    const struct table_file **shards; /* (n_shards) */
    uint64_t n_shards;
};

struct variable {
    const struct data_type *type;
    int64_t dims[TENSOR_MAX_DIMS];
    size_t n_dims;
    uint64_t shard, offset, size, crc;
    bool has_crc, is_sliced;
};

static int read_dim(int64_t *size, struct message m, struct err *err)
{
    struct field f;
    int rc;

    *size = 0;
    while ((rc = next_field(&f, &m, err)) > 0)
        if (f.number == 1)
            *size = (int64_t)f.value;
    return rc;
}

static int read_shape(struct variable *v, struct message m, struct err *err)
{
    struct field f;
    int rc;

    while ((rc = next_field(&f, &m, err)) > 0) {
        if (f.number != 2)
            continue;
        if (v->n_dims == TENSOR_MAX_DIMS)
            return err_set(err, ERR_LIMIT, "more than %d dimensions", TENSOR_MAX_DIMS);
        if (read_dim(&v->dims[v->n_dims++], f.body, err) < 0)
            return -1;
    }
    return rc;
}

static int read_variable(struct variable *v, struct message m, struct err *err)
{
    struct field f;
    int rc;

    *v = (struct variable){.type = &other_type};
    while ((rc = next_field(&f, &m, err)) > 0) {
        switch (f.number) {
        case 1:
            v->type = find_type(f.value);
            break;
        case 2:
            if (read_shape(v, f.body, err) < 0)
                return -1;
            break;
        case 3:
            v->shard = f.value;
            break;
        case 4:
            v->offset = f.value;
            break;
        case 5:
            v->size = f.value;
            break;
        case 6:
            v->crc = f.value;
            v->has_crc = true;
            break;
        case 7:
            v->is_sliced = true;
            break;
        default:
            break;
        }
    }
    return rc;
}

static int open_shards(struct bundle *b, struct message m, struct err *err)
{
    uint64_t byte_order = 0;
    struct field f;
    int rc;

    while ((rc = next_field(&f, &m, err)) > 0) {
        if (f.number == 1)
            b->n_shards = f.value;
        else if (f.number == 2)
            byte_order = f.value;
    }
    if (rc < 0)
        return -1;
    if (byte_order != 0)
        return err_set(err, ERR_FORMAT, "its byte order is not little-endian");
    if (b->n_shards < 1 || b->n_shards > MAX_SHARDS)
        return err_set(err, ERR_FORMAT, "%" PRIu64 " data files, not between 1 and %d", b->n_shards,
                       MAX_SHARDS);
    b->shards = mem_array((size_t)b->n_shards, sizeof(const struct table_file *));
    return 0;
}

/* Mapped when its first tensor is met. */
static const struct table_file *shard_of(struct bundle *b, uint64_t shard, struct err *err)
{
    if (shard >= b->n_shards) {
        err_set(err, ERR_FORMAT, "is in data file %" PRIu64 " of %" PRIu64, shard, b->n_shards);
        return NULL;
    }
    if (!b->shards[shard]) {
        struct buf path = {0};

        buf_printf(&path, "%s.data-%05" PRIu64 "-of-%05" PRIu64, b->prefix, shard, b->n_shards);
        b->shards[shard] = tensor_table_map(b->table, path.data, err);
        buf_release(&path);
    }
    return b->shards[shard];
}

static int add_variable(struct bundle *b, const char *name, const struct variable *v,
                        struct err *err)
{
    const struct table_file *file = shard_of(b, v->shard, err);
    struct tensor_entry *e;

    if (!file)
        return -1;
    if (b->table->n >= MAX_TENSORS)
        return err_set(err, ERR_LIMIT, "over %d tensors", MAX_TENSORS);
    if (v->is_sliced)
        return err_set(err, ERR_FORMAT,
                       "is kept in slices (a partitioned variable); save it whole");
    if (v->offset > file->len || v->size > file->len - v->offset)
        return err_set(err, ERR_FORMAT,
                       "%" PRIu64 " bytes at byte %" PRIu64 " of '%s', which has %zu", v->size,
                       v->offset, file->path, file->len);
    e = tensor_table_add(b->table, name, file);
    e->type = v->type->name;
    e->number = v->type->number;
    e->data = file->bytes + v->offset;
    e->n_bytes = (size_t)v->size;
    e->has_crc = v->has_crc;
    e->crc = (uint32_t)v->crc;
    if (tensor_entry_shape(e, v->dims, v->n_dims, err) < 0)
        return -1;
    if (v->type->width && e->n_values * v->type->width != v->size)
        return err_set(err, ERR_FORMAT, "has %" PRIu64 " bytes, not those of its shape", v->size);
    return 0;
}

static int visit(void *context, const char *key, size_t n_key, const unsigned char *value, size_t n,
                 struct err *err)
{
    struct bundle *b = context;
    const struct message m = {value, value + n};
    struct variable v;

    if (!b->shards) {
        if (n_key)
            return err_set(err, ERR_FORMAT, "a sorted table, but not of a TensorFlow checkpoint");
        return open_shards(b, m, err) < 0 ? err_in(err, "header") : 0;
    }
    if (memchr(key, 0, n_key)) /* a slice: its variable is refused */
        return 0;
    if (!strcmp(key, "_CHECKPOINTABLE_OBJECT_GRAPH")) {
        tensor_table_pass_over(b->table, key);
        return 0;
    }
    if (read_variable(&v, m, err) < 0 || add_variable(b, key, &v, err) < 0)
        return err_in(err, "variable '%s'", key);
    return 0;
}

int tf_bundle_read(struct tensor_table *t, const char *prefix, struct err *err)
{
    struct bundle b = {.table = t, .prefix = prefix};
    char *path = file_beside(prefix, ".index");
    const struct table_file *index = tensor_table_map(t, path, err);
    int rc = -1;

    if (index && index->len > MAX_INDEX)
        err_set(err, ERR_LIMIT, "%s: %zu bytes, an index has up to %d", path, index->len,
                MAX_INDEX);
    else if (index && sstable_each(index->bytes, index->len, visit, &b, err) < 0)
        err_in(err, "%s", path);
    else if (index)
        rc = 0;
    free(b.shards);
    free(path);
    return rc;
}
