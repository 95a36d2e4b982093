/* safetensors.h -- tensors by name in one file (github.com/huggingface/safetensors, format of 2022):
 * u64 length N, N bytes JSON {name: {dtype, shape, data_offsets}}, then the bytes without holes. */
#ifndef MODEL_SAFETENSORS_H
#define MODEL_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { SAFETENSORS_MAX_DIMS = 8 };

/* Reading: the file is mapped; everything in the header is checked before anything is used. */
struct safetensors {
    struct safetensor *tensors; /* (n) in the order of the header */
    size_t n;
    char *path;
    void *map;
    size_t map_len;
};

struct safetensor {
    char *name;
    char dtype[8]; /* "F32", "BF16", "I64", ... */
    size_t dims[SAFETENSORS_MAX_DIMS];
    size_t n_dims;
    size_t n_values;
    const void *data; /* in the map */
    size_t n_bytes;
};

int safetensors_open(struct safetensors *s, const char *path, struct err *err);
const struct safetensor *safetensors_find(const struct safetensors *s, const char *name);

/* Copies n values as floats; dtypes F32, F64, F16, BF16 convert, others are ERR_FORMAT. */
int safetensors_floats(float *to, size_t n, const struct safetensors *s,
                       const struct safetensor *tensor, struct err *err);
void safetensors_close(struct safetensors *s);

/* Writing: n float tensors at once; metadata {"format": "pt"}. The same input gives the same bytes. */
struct safetensors_entry {
    const char *name;
    const float *data;
    size_t dims[SAFETENSORS_MAX_DIMS];
    size_t n_dims;
};
int safetensors_save(const char *path, const struct safetensors_entry *entries, size_t n,
                     struct err *err);

#endif
