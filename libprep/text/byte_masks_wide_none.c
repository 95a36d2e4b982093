/* byte_masks_wide_none.c -- no vector kernels for this processor. */
#include "text/byte_masks_wide.h"

byte_masks_fn byte_masks_wide(size_t number)
{
    (void)number;
    return NULL;
}
