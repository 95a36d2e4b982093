/* safetensors.c -- weights by name: foreign files in through a map, our checkpoints out.
 *
 * A header is believed only after all of it has been checked: every size is the product of its
 * shape, and sorted by their place the tensors cover the rest of the file without hole or overlap.
 * Hosts are little-endian, as the format is. */
#include "formats/safetensors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sink.h"

enum {
    LENGTH_BYTES = 8,
    MAX_HEADER = 100000000, /* the limit of the reference implementation */
    HEADER_ALIGN = 8        /* its writer pads the header with blanks to a multiple of this */
};

static const char METADATA_KEY[] = "__metadata__";

static const struct dtype {
    const char *name;
    size_t width;
    enum number number;
} dtypes[] = {
    {"F32", 4, NUMBER_F32},   {"F64", 8, NUMBER_F64},       {"F16", 2, NUMBER_F16},
    {"BF16", 2, NUMBER_BF16}, {"BOOL", 1, NUMBER_OTHER},    {"U8", 1, NUMBER_OTHER},
    {"I8", 1, NUMBER_OTHER},  {"F8_E5M2", 1, NUMBER_OTHER}, {"F8_E4M3", 1, NUMBER_OTHER},
    {"I16", 2, NUMBER_OTHER}, {"U16", 2, NUMBER_OTHER},     {"I32", 4, NUMBER_OTHER},
    {"U32", 4, NUMBER_OTHER}, {"I64", 8, NUMBER_OTHER},     {"U64", 8, NUMBER_OTHER},
};

static const struct dtype *find_dtype(const char *name)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++)
        if (!strcmp(dtypes[i].name, name))
            return &dtypes[i];
    return NULL;
}

static int read_shape(struct tensor_entry *e, const struct json *shape, struct err *err)
{
    int64_t dims[TENSOR_MAX_DIMS];
    size_t n;

    if (!shape || json_kind_of(shape) != JSON_KIND_LIST)
        return err_set(err, ERR_FORMAT, "tensor '%s' has no shape", e->name);
    n = json_count(shape);
    for (size_t i = 0; i < n && i < TENSOR_MAX_DIMS; i++)
        dims[i] = json_int_or(json_item(shape, i), -1);
    return tensor_entry_shape(e, dims, n, err);
}

/* Only the offsets' own sense is checked here: that they fit together is seen in check_cover(). */
static int read_place(struct tensor_entry *e, size_t width, const struct json *offsets,
                      const unsigned char *data, size_t n_data, struct err *err)
{
    const int64_t begin = json_int_or(json_item(offsets, 0), -1);
    const int64_t end = json_int_or(json_item(offsets, 1), -1);

    if (!offsets || json_kind_of(offsets) != JSON_KIND_LIST || json_count(offsets) != 2 ||
        begin < 0 || end < begin)
        return err_set(err, ERR_FORMAT, "data_offsets of tensor '%s' are not a range", e->name);
    if ((uint64_t)end > n_data)
        return err_set(err, ERR_FORMAT,
                       "tensor '%s' ends at byte %" PRId64 " of the data, which has %zu", e->name,
                       end, n_data);
    if (e->n_values * width != (size_t)(end - begin))
        return err_set(err, ERR_FORMAT, "tensor '%s' has %" PRId64 " bytes, not those of its shape",
                       e->name, end - begin);
    e->data = data + begin;
    e->n_bytes = (size_t)(end - begin);
    return 0;
}

struct header_visit {
    struct tensor_table *t;
    const struct table_file *file;
    const unsigned char *data;
    size_t n_data;
    struct err *err;
};

static int visit_metadata(void *context, const char *key, const struct json *value)
{
    struct err *err = context;

    if (json_kind_of(value) != JSON_KIND_TEXT)
        return err_set(err, ERR_FORMAT, "metadata '%s' is not a text", key);
    return 0;
}

static int visit_tensor(void *context, const char *key, const struct json *value)
{
    struct header_visit *v = context;
    const struct dtype *dtype;
    struct tensor_entry *e;

    if (!strcmp(key, METADATA_KEY)) {
        if (json_kind_of(value) != JSON_KIND_MAP)
            return err_set(v->err, ERR_FORMAT, "'%s' is not a map", METADATA_KEY);
        return json_each(value, visit_metadata, v->err);
    }
    if (json_kind_of(value) != JSON_KIND_MAP)
        return err_set(v->err, ERR_FORMAT, "tensor '%s' is not described by a map", key);
    dtype = find_dtype(json_text_or(json_member(value, "dtype"), ""));
    if (!dtype)
        return err_set(v->err, ERR_FORMAT, "tensor '%s' has the unknown dtype '%s'", key,
                       json_text_or(json_member(value, "dtype"), ""));
    e = tensor_table_add(v->t, key, v->file);
    e->type = dtype->name;
    e->number = dtype->number;
    if (read_shape(e, json_member(value, "shape"), v->err) < 0)
        return -1;
    return read_place(e, dtype->width, json_member(value, "data_offsets"), v->data, v->n_data,
                      v->err);
}

static int compare_places(const void *a, const void *b)
{
    const struct tensor_entry *const x = *(const struct tensor_entry *const *)a;
    const struct tensor_entry *const y = *(const struct tensor_entry *const *)b;

    if (x->data != y->data)
        return x->data < y->data ? -1 : 1;
    return (x->n_bytes > y->n_bytes) - (x->n_bytes < y->n_bytes);
}

static int check_cover(const struct tensor_entry *entries, size_t n, const struct header_visit *v)
{
    const struct tensor_entry **by_place = mem_array(n + 1, sizeof(const struct tensor_entry *));
    const unsigned char *end = v->data;
    int rc = 0;

    for (size_t i = 0; i < n; i++)
        by_place[i] = &entries[i];
    qsort(by_place, n, sizeof(const struct tensor_entry *), compare_places);
    for (size_t i = 0; i < n && rc == 0; i++) {
        const unsigned char *begin = by_place[i]->data;

        if (begin != end)
            rc = err_set(v->err, ERR_FORMAT, "tensor '%s' %s", by_place[i]->name,
                         begin < end ? "overlaps another one" : "leaves a hole before its data");
        end = begin + by_place[i]->n_bytes;
    }
    if (rc == 0 && end != v->data + v->n_data)
        rc = err_set(v->err, ERR_FORMAT, "%zu bytes after the last tensor",
                     (size_t)(v->data + v->n_data - end));
    free(by_place);
    return rc;
}

static int read_header(struct tensor_table *t, const struct table_file *file, struct err *err)
{
    struct header_visit v = {.t = t, .file = file, .err = err};
    const size_t first = t->n;
    struct json *header;
    uint64_t len;
    int rc = -1;

    if (file->len < LENGTH_BYTES)
        return err_set(err, ERR_FORMAT, "has %zu bytes: not a safetensors file", file->len);
    memcpy(&len, file->bytes, LENGTH_BYTES);
    if (len > MAX_HEADER)
        return err_set(err, ERR_FORMAT, "a header of %" PRIu64 " bytes, over the limit of %d", len,
                       MAX_HEADER);
    if (len > file->len - LENGTH_BYTES)
        return err_set(err, ERR_FORMAT, "a header of %" PRIu64 " bytes in a file of %zu", len,
                       file->len);
    if (len == 0 || file->bytes[LENGTH_BYTES] != '{')
        return err_set(err, ERR_FORMAT, "the header does not start with '{'");
    header = json_parse((const char *)file->bytes + LENGTH_BYTES, (size_t)len, err);
    if (!header)
        return err_in(err, "header");
    v.data = file->bytes + LENGTH_BYTES + len;
    v.n_data = file->len - LENGTH_BYTES - (size_t)len;
    if (json_each(header, visit_tensor, &v) == 0)
        rc = check_cover(t->entries + first, t->n - first, &v);
    json_release(header);
    return rc;
}

int safetensors_read(struct tensor_table *t, const char *path, struct err *err)
{
    const struct table_file *file = tensor_table_map(t, path, err);

    if (!file)
        return -1;
    return read_header(t, file, err) < 0 ? err_in(err, "%s", path) : 0;
}

static size_t bytes_of(const struct float_tensor *t)
{
    return float_tensor_values(t) * sizeof *t->data;
}

static int compare_names(const void *a, const void *b)
{
    const struct float_tensor *const *x = a;
    const struct float_tensor *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static void put_header(struct buf *header, const struct float_tensor *const *tensors, size_t n)
{
    size_t at = 0;

    buf_printf(header, "{\"%s\":{\"format\":\"pt\"}", METADATA_KEY);
    for (size_t i = 0; i < n; i++) {
        const struct float_tensor *e = tensors[i];
        const size_t end = at + bytes_of(e);

        buf_put_byte(header, ',');
        json_write_text(header, e->name, strlen(e->name));
        buf_put_text(header, ":{\"dtype\":\"F32\",\"shape\":[");
        for (size_t d = 0; d < e->n_dims; d++)
            buf_printf(header, "%s%zu", d ? "," : "", e->dims[d]);
        buf_printf(header, "],\"data_offsets\":[%zu,%zu]}", at, end);
        at = end;
    }
    buf_put_byte(header, '}');
    while (header->len % HEADER_ALIGN)
        buf_put_byte(header, ' ');
}

int safetensors_save(const char *path, const struct float_tensor *tensors, size_t n,
                     struct err *err)
{
    const struct float_tensor **by_name = mem_array(n + 1, sizeof(const struct float_tensor *));
    struct buf header = {0};
    struct buf length = {0};
    struct sink out = {0};
    int rc = -1;

    for (size_t i = 0; i < n; i++)
        by_name[i] = &tensors[i];
    if (n)
        qsort(by_name, n, sizeof(const struct float_tensor *), compare_names);
    put_header(&header, by_name, n);
    buf_put_u64(&length, header.len);
    if (sink_open(&out, path, err) < 0 || sink_write(&out, length.data, length.len, err) < 0 ||
        sink_write(&out, header.data, header.len, err) < 0)
        goto out;
    for (size_t i = 0; i < n; i++)
        if (sink_write(&out, by_name[i]->data, bytes_of(by_name[i]), err) < 0)
            goto out;
    rc = sink_commit(&out, err);
out:
    sink_close(&out);
    buf_release(&length);
    buf_release(&header);
    free(by_name);
    return rc;
}
