/* safetensors.c -- weights by name: foreign files in through a map, our checkpoints out.
 *
 * A header is believed only after all of it has been checked: every size is the product of its
 * shape, and sorted by their place the tensors cover the rest of the file without hole or overlap.
 * So nothing reached through a struct safetensor can lie outside the map. Hosts are little-endian,
 * as the format is. */
#include "model/safetensors.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

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

static const struct {
    const char *name;
    size_t width;
} dtypes[] = {
    {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1},
    {"I16", 2},  {"U16", 2}, {"F16", 2}, {"BF16", 2},    {"I32", 4},
    {"U32", 4},  {"F32", 4}, {"F64", 8}, {"I64", 8},     {"U64", 8},
};

/* 0 when there is no such type. */
static size_t dtype_width(const char *name)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof dtypes[0]; i++)
        if (!strcmp(dtypes[i].name, name))
            return dtypes[i].width;
    return 0;
}

static bool product_fits(size_t *product, size_t a, size_t b)
{
    if (b != 0 && a > SIZE_MAX / b)
        return false;
    *product = a * b;
    return true;
}

static int read_shape(struct safetensor *t, const struct json *shape, struct err *err)
{
    bool empty = false;

    if (!shape || json_kind_of(shape) != JSON_KIND_LIST)
        return err_set(err, ERR_FORMAT, "tensor '%s' has no shape", t->name);
    t->n_dims = json_count(shape);
    if (t->n_dims > SAFETENSORS_MAX_DIMS)
        return err_set(err, ERR_LIMIT, "tensor '%s' has %zu dimensions, more than %d", t->name,
                       t->n_dims, SAFETENSORS_MAX_DIMS);
    t->n_values = 1;
    for (size_t i = 0; i < t->n_dims; i++) {
        const int64_t dim = json_int_or(json_item(shape, i), -1);

        if (dim < 0 || (uint64_t)dim > SIZE_MAX)
            return err_set(err, ERR_FORMAT, "dimension %zu of tensor '%s' is not a size", i,
                           t->name);
        t->dims[i] = (size_t)dim;
        empty = empty || dim == 0;
    }
    for (size_t i = 0; i < t->n_dims && !empty; i++)
        if (!product_fits(&t->n_values, t->n_values, t->dims[i]))
            return err_set(err, ERR_FORMAT, "shape of tensor '%s' overflows", t->name);
    if (empty)
        t->n_values = 0;
    return 0;
}

/* Only the offsets' own sense is checked here: that they fit the file is seen in check_cover(). */
static int read_place(struct safetensor *t, const struct json *offsets, const unsigned char *data,
                      size_t n_data, struct err *err)
{
    const int64_t begin = json_int_or(json_item(offsets, 0), -1);
    const int64_t end = json_int_or(json_item(offsets, 1), -1);
    size_t n_bytes;

    if (!offsets || json_kind_of(offsets) != JSON_KIND_LIST || json_count(offsets) != 2 ||
        begin < 0 || end < begin)
        return err_set(err, ERR_FORMAT, "data_offsets of tensor '%s' are not a range", t->name);
    if ((uint64_t)end > n_data)
        return err_set(err, ERR_FORMAT,
                       "tensor '%s' ends at byte %" PRId64 " of the data, which has %zu", t->name,
                       end, n_data);
    if (!product_fits(&n_bytes, t->n_values, dtype_width(t->dtype)) ||
        n_bytes != (size_t)(end - begin))
        return err_set(err, ERR_FORMAT, "tensor '%s' has %" PRId64 " bytes, not those of its shape",
                       t->name, end - begin);
    t->data = data + begin;
    t->n_bytes = n_bytes;
    return 0;
}

struct header_visit {
    struct safetensors *s;
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
    struct safetensor *t = &v->s->tensors[v->s->n];
    const char *dtype;

    if (!strcmp(key, METADATA_KEY)) {
        if (json_kind_of(value) != JSON_KIND_MAP)
            return err_set(v->err, ERR_FORMAT, "'%s' is not a map", METADATA_KEY);
        return json_each(value, visit_metadata, v->err);
    }
    if (json_kind_of(value) != JSON_KIND_MAP)
        return err_set(v->err, ERR_FORMAT, "tensor '%s' is not described by a map", key);
    t->name = mem_text(key);
    v->s->n++;
    dtype = json_text_or(json_member(value, "dtype"), "");
    if (dtype_width(dtype) == 0)
        return err_set(v->err, ERR_FORMAT, "tensor '%s' has the unknown dtype '%s'", key, dtype);
    snprintf(t->dtype, sizeof t->dtype, "%s", dtype);
    if (read_shape(t, json_member(value, "shape"), v->err) < 0)
        return -1;
    return read_place(t, json_member(value, "data_offsets"), v->data, v->n_data, v->err);
}

static int compare_places(const void *a, const void *b)
{
    const struct safetensor *const x = *(const struct safetensor *const *)a;
    const struct safetensor *const y = *(const struct safetensor *const *)b;

    if (x->data != y->data)
        return (const char *)x->data < (const char *)y->data ? -1 : 1;
    return (x->n_bytes > y->n_bytes) - (x->n_bytes < y->n_bytes);
}

static int check_cover(const struct safetensors *s, const unsigned char *data, size_t n_data,
                       struct err *err)
{
    const struct safetensor **by_place = mem_array(s->n, sizeof(const struct safetensor *));
    const unsigned char *end = data;
    int rc = 0;

    for (size_t i = 0; i < s->n; i++)
        by_place[i] = &s->tensors[i];
    if (s->n)
        qsort(by_place, s->n, sizeof(const struct safetensor *), compare_places);
    for (size_t i = 0; i < s->n && rc == 0; i++) {
        const unsigned char *begin = by_place[i]->data;

        if (begin != end)
            rc = err_set(err, ERR_FORMAT, "tensor '%s' %s", by_place[i]->name,
                         begin < end ? "overlaps another one" : "leaves a hole before its data");
        end = begin + by_place[i]->n_bytes;
    }
    if (rc == 0 && end != data + n_data)
        rc = err_set(err, ERR_FORMAT, "%zu bytes after the last tensor",
                     (size_t)(data + n_data - end));
    free(by_place);
    return rc;
}

static int map_file(struct safetensors *s, const char *path, struct err *err)
{
    const int fd = open(path, O_RDONLY);
    struct stat st;

    if (fd < 0)
        return err_errno(err, "cannot open '%s'", path);
    if (fstat(fd, &st) < 0) {
        err_errno(err, "cannot read '%s'", path);
        goto fail;
    }
    if (!S_ISREG(st.st_mode) || st.st_size < LENGTH_BYTES || (uint64_t)st.st_size > SIZE_MAX) {
        err_set(err, ERR_FORMAT, "'%s' is not a safetensors file", path);
        goto fail;
    }
    s->map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (s->map == MAP_FAILED) {
        s->map = NULL;
        err_errno(err, "cannot map '%s'", path);
        goto fail;
    }
    s->map_len = (size_t)st.st_size;
    close(fd);
    return 0;
fail:
    close(fd);
    return -1;
}

static int read_header(struct safetensors *s, struct err *err)
{
    const unsigned char *bytes = s->map;
    struct header_visit v = {.s = s, .err = err};
    struct json *header;
    uint64_t len;
    int rc = -1;

    memcpy(&len, bytes, LENGTH_BYTES);
    if (len > MAX_HEADER)
        return err_set(err, ERR_FORMAT, "a header of %" PRIu64 " bytes, over the limit of %d", len,
                       MAX_HEADER);
    if (len > s->map_len - LENGTH_BYTES)
        return err_set(err, ERR_FORMAT, "a header of %" PRIu64 " bytes in a file of %zu", len,
                       s->map_len);
    if (len == 0 || bytes[LENGTH_BYTES] != '{')
        return err_set(err, ERR_FORMAT, "the header does not start with '{'");
    header = json_parse((const char *)bytes + LENGTH_BYTES, (size_t)len, err);
    if (!header)
        return err_in(err, "header");
    v.data = bytes + LENGTH_BYTES + len;
    v.n_data = s->map_len - LENGTH_BYTES - (size_t)len;
    s->tensors = mem_array(json_count(header) + 1, sizeof *s->tensors);
    if (json_each(header, visit_tensor, &v) == 0)
        rc = check_cover(s, v.data, v.n_data, err);
    json_release(header);
    return rc;
}

int safetensors_open(struct safetensors *s, const char *path, struct err *err)
{
    *s = (struct safetensors){0};
    if (map_file(s, path, err) < 0)
        return -1;
    s->path = mem_text(path);
    if (read_header(s, err) < 0) {
        safetensors_close(s);
        return err_in(err, "%s", path);
    }
    return 0;
}

const struct safetensor *safetensors_find(const struct safetensors *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (!strcmp(s->tensors[i].name, name))
            return &s->tensors[i];
    return NULL;
}

static float float_of_bits(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_of_half(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t exponent = (half >> 10) & 31u;
    const uint32_t fraction = half & 1023u;

    if (exponent == 31)
        return float_of_bits(sign | 0x7f800000u | fraction << 13);
    if (exponent == 0) { /* zero or subnormal: fraction * 2^-24 */
        const float value = (float)fraction * 0x1p-24f;

        return sign ? -value : value;
    }
    return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

/* The data of a foreign file need not be aligned to its type: hence the copies. */
int safetensors_floats(float *to, size_t n, const struct safetensors *s,
                       const struct safetensor *tensor, struct err *err)
{
    const unsigned char *from = tensor->data;

    if (n != tensor->n_values)
        return err_set(err, ERR_FORMAT, "%s: tensor '%s' has %zu values, not %zu", s->path,
                       tensor->name, tensor->n_values, n);
    if (!strcmp(tensor->dtype, "F32")) {
        if (n)
            memcpy(to, from, n * sizeof *to);
    } else if (!strcmp(tensor->dtype, "F64")) {
        for (size_t i = 0; i < n; i++) {
            double value;

            memcpy(&value, from + i * sizeof value, sizeof value);
            to[i] = (float)value;
        }
    } else if (!strcmp(tensor->dtype, "F16") || !strcmp(tensor->dtype, "BF16")) {
        const bool is_half = tensor->dtype[0] == 'F';

        for (size_t i = 0; i < n; i++) {
            uint16_t value;

            memcpy(&value, from + i * sizeof value, sizeof value);
            to[i] = is_half ? float_of_half(value) : float_of_bits((uint32_t)value << 16);
        }
    } else {
        return err_set(err, ERR_FORMAT, "%s: tensor '%s' has dtype %s, which is not a float type",
                       s->path, tensor->name, tensor->dtype);
    }
    return 0;
}

void safetensors_close(struct safetensors *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->tensors[i].name);
    free(s->tensors);
    free(s->path);
    if (s->map)
        munmap(s->map, s->map_len);
    *s = (struct safetensors){0};
}

static size_t entry_bytes(const struct safetensors_entry *e)
{
    size_t n = sizeof *e->data;

    for (size_t i = 0; i < e->n_dims; i++)
        n *= e->dims[i];
    return n;
}

static int compare_names(const void *a, const void *b)
{
    const struct safetensors_entry *const *x = a;
    const struct safetensors_entry *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static void put_header(struct buf *header, const struct safetensors_entry *const *entries, size_t n)
{
    size_t at = 0;

    buf_printf(header, "{\"%s\":{\"format\":\"pt\"}", METADATA_KEY);
    for (size_t i = 0; i < n; i++) {
        const struct safetensors_entry *e = entries[i];
        const size_t end = at + entry_bytes(e);

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

int safetensors_save(const char *path, const struct safetensors_entry *entries, size_t n,
                     struct err *err)
{
    const struct safetensors_entry **by_name =
        mem_array(n, sizeof(const struct safetensors_entry *));
    struct buf header = {0};
    struct buf length = {0};
    struct sink out = {0};
    int rc = -1;

    for (size_t i = 0; i < n; i++)
        by_name[i] = &entries[i];
    if (n)
        qsort(by_name, n, sizeof(const struct safetensors_entry *), compare_names);
    put_header(&header, by_name, n);
    buf_put_u64(&length, header.len);
    if (sink_open(&out, path, err) < 0 || sink_write(&out, length.data, length.len, err) < 0 ||
        sink_write(&out, header.data, header.len, err) < 0)
        goto out;
    for (size_t i = 0; i < n; i++)
        if (sink_write(&out, by_name[i]->data, entry_bytes(by_name[i]), err) < 0)
            goto out;
    rc = sink_commit(&out, err);
out:
    sink_close(&out);
    buf_release(&length);
    buf_release(&header);
    free(by_name);
    return rc;
}
