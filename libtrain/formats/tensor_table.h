/* tensor_table.h -- the tensors of foreign files by name, whatever format they came in.
 *
 *   safetensors_read()  torch_file_read()  tf_bundle_read()  --> tensor_table --> floats
 *
 * A reader checks everything before it adds a tensor: no entry reaches outside the bytes of its
 * file, and none claims more values than are there. Values are converted when they are asked
 * for. */
#ifndef FORMATS_TENSOR_TABLE_H
#define FORMATS_TENSOR_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { TENSOR_MAX_DIMS = 8 };

/* The types whose values become floats. */
enum number { NUMBER_OTHER, NUMBER_F32, NUMBER_F64, NUMBER_F16, NUMBER_BF16 };

/* What writers are given: a tensor of floats, row by row. */
struct float_tensor {
    const char *name;
    const float *data;
    size_t dims[TENSOR_MAX_DIMS];
    size_t n_dims;
};

size_t float_tensor_values(const struct float_tensor *t);

struct table_file {
    char *path;
    const unsigned char *bytes; /* (len) a map that lives as long as the table */
    size_t len;
};

struct tensor_entry {
    char *name;
    const struct table_file *file;
    const char *type; /* what the file calls it, for messages; a constant */
    enum number number;
    size_t dims[TENSOR_MAX_DIMS];
    size_t strides[TENSOR_MAX_DIMS]; /* in values */
    size_t n_dims;
    size_t n_values;
    const unsigned char *data; /* the first value; little-endian, of any alignment */
    size_t n_bytes;            /* from there to the end of what is the tensor's */
    bool has_crc;
    uint32_t crc; /* masked CRC-32C of the n_bytes, checked when the values are read */
};

struct tensor_table {
    struct tensor_entry *entries; /* (n) in the order of the files */
    size_t n;
    size_t cap;
    struct table_file **files; /* (n_files) */
    size_t n_files;
    struct buf passed_over; /* what of the files is no tensor: "'epoch', 'optimizer'" */
};

/* The whole file as bytes; stays mapped until the release. NULL with err. */
const struct table_file *tensor_table_map(struct tensor_table *t, const char *path,
                                          struct err *err);

/* A new entry at the end, all zero but for name and file. Lives until the next one. */
struct tensor_entry *tensor_table_add(struct tensor_table *t, const char *name,
                                      const struct table_file *file);

/* Sets dims, strides (row by row) and n_values; the sizes are foreign. */
int tensor_entry_shape(struct tensor_entry *e, const int64_t *dims, size_t n_dims, struct err *err);

/* ERR_FORMAT when two tensors have one name. */
int tensor_table_check_names(const struct tensor_table *t, struct err *err);

const struct tensor_entry *tensor_table_find(const struct tensor_table *t, const char *name);

/* to = the n values as floats, row by row. ERR_FORMAT when there are not n of them, when the type
 * is no floating-point one and when the checksum is wrong. */
int tensor_entry_floats(float *to, size_t n, const struct tensor_entry *e, struct err *err);

/* "2 x 768" */
void tensor_entry_show_shape(char *text, size_t n, const struct tensor_entry *e);

/* Notes something that was not taken. */
void tensor_table_pass_over(struct tensor_table *t, const char *name);

void tensor_table_release(struct tensor_table *t);

#endif
