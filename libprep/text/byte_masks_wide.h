/* byte_masks_wide.h -- the kernels of byte_masks.h with vector instructions, the fastest first. */
#ifndef TEXT_BYTE_MASKS_WIDE_H
#define TEXT_BYTE_MASKS_WIDE_H

#include "text/byte_masks.h"

enum { BYTE_MASKS_WIDE_MAX = 2 };

/* Kernel `number` below BYTE_MASKS_WIDE_MAX, NULL when this machine has none such. */
byte_masks_fn byte_masks_wide(size_t number);

#endif
