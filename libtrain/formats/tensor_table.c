/* tensor_table.c -- maps, entries and the one conversion of foreign numbers to floats. */
#include "formats/tensor_table.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/half.h"
#include "base/mem.h"

size_t float_tensor_values(const struct float_tensor *t)
{
    size_t n = 1;

    for (size_t i = 0; i < t->n_dims; i++)
        n *= t->dims[i];
    return n;
}

const struct table_file *tensor_table_map(struct tensor_table *t, const char *path, struct err *err)
{
    const int fd = open(path, O_RDONLY | O_NONBLOCK); /* a pipe is refused, not waited for */
    struct table_file *file;
    struct stat st;
    void *map = NULL;

    if (fd < 0) {
        err_errno(err, "cannot open '%s'", path);
        return NULL;
    }
    if (fstat(fd, &st) < 0) {
        err_errno(err, "cannot read '%s'", path);
    } else if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > SIZE_MAX) {
        err_set(err, ERR_FORMAT, "'%s' is not a regular file", path);
    } else if (st.st_size == 0) {
        err_set(err, ERR_FORMAT, "'%s' is empty", path);
    } else {
        map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (map == MAP_FAILED) {
            map = NULL;
            err_errno(err, "cannot map '%s'", path);
        }
    }
    close(fd);
    if (!map)
        return NULL;
    file = mem_alloc(sizeof *file);
    *file = (struct table_file){mem_text(path), map, (size_t)st.st_size};
    t->files = mem_resize(t->files, t->n_files + 1, sizeof(struct table_file *));
    t->files[t->n_files++] = file;
    return file;
}

struct tensor_entry *tensor_table_add(struct tensor_table *t, const char *name,
                                      const struct table_file *file)
{
    struct tensor_entry *e;

    if (t->n == t->cap) {
        t->cap = mem_grow(t->cap, t->n + 1);
        t->entries = mem_resize(t->entries, t->cap, sizeof *t->entries);
    }
    e = &t->entries[t->n++];
    *e = (struct tensor_entry){.name = mem_text(name), .file = file, .type = ""};
    return e;
}

int tensor_entry_shape(struct tensor_entry *e, const int64_t *dims, size_t n_dims, struct err *err)
{
    bool empty = false;
    size_t stride = 1;

    if (n_dims > TENSOR_MAX_DIMS)
        return err_set(err, ERR_LIMIT, "tensor '%s' has %zu dimensions, more than %d", e->name,
                       n_dims, TENSOR_MAX_DIMS);
    for (size_t i = 0; i < n_dims; i++) {
        if (dims[i] < 0)
            return err_set(err, ERR_FORMAT, "dimension %zu of tensor '%s' is not a size", i,
                           e->name);
        e->dims[i] = (size_t)dims[i];
        empty = empty || dims[i] == 0;
    }
    e->n_dims = n_dims;
    for (size_t i = n_dims; i-- > 0 && !empty;) {
        e->strides[i] = stride;
        if (stride > SIZE_MAX / sizeof(double) / e->dims[i])
            return err_set(err, ERR_FORMAT, "shape of tensor '%s' overflows", e->name);
        stride *= e->dims[i];
    }
    e->n_values = empty ? 0 : stride;
    return 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int tensor_table_check_names(const struct tensor_table *t, struct err *err)
{
    const char **names = mem_array(t->n + 1, sizeof *names);
    int rc = 0;

    for (size_t i = 0; i < t->n; i++)
        names[i] = t->entries[i].name;
    qsort(names, t->n, sizeof *names, compare_names);
    for (size_t i = 1; i < t->n && rc == 0; i++)
        if (!strcmp(names[i - 1], names[i]))
            rc = err_set(err, ERR_FORMAT, "tensor '%s' is there twice", names[i]);
    free(names);
    return rc;
}

const struct tensor_entry *tensor_table_find(const struct tensor_table *t, const char *name)
{
    for (size_t i = 0; i < t->n; i++)
        if (!strcmp(t->entries[i].name, name))
            return &t->entries[i];
    return NULL;
}

/* ---- numbers ---- */

static float float_of_bits(uint32_t bits)
{
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

/* IEEE 754 binary16. */
static float float_of_f16(uint16_t half)
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

static size_t width_of(enum number number)
{
    return number == NUMBER_F32 ? 4 : number == NUMBER_F64 ? 8 : 2;
}

/* n values that are `stride` values apart. The bytes need not be aligned: hence the copies. */
static void convert(float *to, size_t n, const unsigned char *from, size_t stride,
                    enum number number)
{
    const size_t step = stride * width_of(number);
    double wide;
    uint16_t narrow;

    if (number == NUMBER_F32 && stride == 1 && n) {
        memcpy(to, from, n * sizeof *to);
        return;
    }
    for (size_t i = 0; i < n; i++, from += step) {
        switch (number) {
        case NUMBER_F32:
            memcpy(&to[i], from, sizeof to[i]);
            break;
        case NUMBER_F64:
            memcpy(&wide, from, sizeof wide);
            to[i] = (float)wide;
            break;
        case NUMBER_F16:
            memcpy(&narrow, from, sizeof narrow);
            to[i] = float_of_f16(narrow);
            break;
        case NUMBER_BF16:
            memcpy(&narrow, from, sizeof narrow);
            to[i] = half_float(narrow);
            break;
        case NUMBER_OTHER:
            break;
        }
    }
}

/* The last dimension is a run of values; the others are counted through like an odometer. */
static void gather(float *to, const struct tensor_entry *e)
{
    const size_t last = e->n_dims ? e->n_dims - 1 : 0;
    const size_t run = e->n_dims ? e->dims[last] : 1;
    const size_t stride = e->n_dims ? e->strides[last] : 1;
    size_t at[TENSOR_MAX_DIMS] = {0};

    for (size_t done = 0; done < e->n_values; done += run) {
        size_t offset = 0;

        for (size_t d = 0; d < last; d++)
            offset += at[d] * e->strides[d];
        convert(to + done, run, e->data + offset * width_of(e->number), stride, e->number);
        for (size_t d = last; d-- > 0;) {
            if (++at[d] < e->dims[d])
                break;
            at[d] = 0;
        }
    }
}

static bool is_whole(const struct tensor_entry *e)
{
    struct crc32c crc;

    if (!e->has_crc)
        return true;
    crc32c_init(&crc);
    return crc32c_masked(&crc, e->data, e->n_bytes) == e->crc;
}

int tensor_entry_floats(float *to, size_t n, const struct tensor_entry *e, struct err *err)
{
    if (n != e->n_values)
        return err_set(err, ERR_FORMAT, "%s: tensor '%s' has %zu values, not %zu", e->file->path,
                       e->name, e->n_values, n);
    if (e->number == NUMBER_OTHER)
        return err_set(err, ERR_FORMAT, "%s: tensor '%s' has dtype %s, which is not a float type",
                       e->file->path, e->name, e->type);
    if (!is_whole(e))
        return err_set(err, ERR_FORMAT,
                       "%s: tensor '%s' at byte %zu is damaged: its checksum (CRC-32C) is wrong",
                       e->file->path, e->name, (size_t)(e->data - e->file->bytes));
    gather(to, e);
    return 0;
}

void tensor_entry_show_shape(char *text, size_t n, const struct tensor_entry *e)
{
    size_t len = 0;

    snprintf(text, n, "one number");
    for (size_t i = 0; i < e->n_dims && len < n; i++)
        len += (size_t)snprintf(text + len, n - len, "%s%zu", i ? " x " : "", e->dims[i]);
}

void tensor_table_pass_over(struct tensor_table *t, const char *name)
{
    enum { ENOUGH = 500 }; /* for a message */

    if (t->passed_over.len < ENOUGH)
        buf_printf(&t->passed_over, "%s'%s'", t->passed_over.len ? ", " : "", name);
    else if (t->passed_over.data[t->passed_over.len - 1] != '.')
        buf_put_text(&t->passed_over, "...");
}

void tensor_table_release(struct tensor_table *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->entries[i].name);
    for (size_t i = 0; i < t->n_files; i++) {
        munmap((void *)t->files[i]->bytes, t->files[i]->len);
        free(t->files[i]->path);
        free(t->files[i]);
    }
    free(t->entries);
    free(t->files);
    buf_release(&t->passed_over);
    *t = (struct tensor_table){0};
}
