/* torch_file.h -- the files of torch.save(): .pt, .bin, .pth, in their zip form and the one of
 * PyTorch before 1.6; read by pickle.h, so nothing in them is run. */
#ifndef FORMATS_TORCH_FILE_H
#define FORMATS_TORCH_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "formats/tensor_table.h"

/* Whether the first bytes of a file are those of torch.save(). */
bool torch_file_is_one(const unsigned char *bytes, size_t n);

/* Adds the tensors of the state_dict: the pickled dict, or the one in it at 'model', 'state_dict',
 * 'model_state_dict' or 'module'. What stands beside it goes to t->passed_over. */
int torch_file_read(struct tensor_table *t, const char *path, struct err *err);

/* Writes {key: OrderedDict of the n tensors}, float32, in the zip form that every PyTorch since 1.4
 * reads, with weights_only too. Tensors with the same data share a storage. The same input gives
 * the same bytes. */
int torch_file_save(const char *path, const char *key, const struct float_tensor *tensors, size_t n,
                    struct err *err);

#endif
