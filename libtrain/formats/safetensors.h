/* safetensors.h -- tensors by name in one file (github.com/huggingface/safetensors, format of
 * 2022): u64 length N, N bytes JSON {name: {dtype, shape, data_offsets}}, then the bytes without
 * holes. */
#ifndef FORMATS_SAFETENSORS_H
#define FORMATS_SAFETENSORS_H

#include <stddef.h>

#include "base/err.h"
#include "formats/tensor_table.h"

/* Adds the tensors of a file to the table, those of types that are not floats too. On failure the
 * table may hold some of them. */
int safetensors_read(struct tensor_table *t, const char *path, struct err *err);

/* Writing: n float tensors at once; metadata {"format": "pt"}. The same input gives the same
 * bytes. */
int safetensors_save(const char *path, const struct float_tensor *tensors, size_t n,
                     struct err *err);

#endif
