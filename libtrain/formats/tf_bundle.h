/* tf_bundle.h -- TensorFlow's checkpoints of version 2: PREFIX.index names the tensors, their bytes
 * are in PREFIX.data-00000-of-00001. */
#ifndef FORMATS_TF_BUNDLE_H
#define FORMATS_TF_BUNDLE_H

#include "base/err.h"
#include "formats/tensor_table.h"

/* Adds the variables of a checkpoint. Checksums of the index are verified here, those of a tensor
 * when its values are read. */
int tf_bundle_read(struct tensor_table *t, const char *prefix, struct err *err);

#endif
