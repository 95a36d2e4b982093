/* denormals_none.c -- CPUs that compute with subnormal numbers at full speed. */
#include "ops/denormals.h"

unsigned denormals_flush(void)
{
    return 0;
}

void denormals_restore(unsigned state)
{
    (void)state;
}
