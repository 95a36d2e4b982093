/* philox_wide_none.c -- no vector kernels for this processor. */
#include "base/philox_wide.h"

philox_fn philox_wide(size_t number)
{
    (void)number;
    return NULL;
}
