/* denormals_x86.c -- FTZ (results) and DAZ (operands) in the thread's MXCSR. */
#include <xmmintrin.h>

#include "ops/denormals.h"

enum { FTZ = 0x8000, DAZ = 0x0040 };

unsigned denormals_flush(void)
{
    const unsigned state = _mm_getcsr();

    _mm_setcsr(state | FTZ | DAZ);
    return state;
}

void denormals_restore(unsigned state)
{
    _mm_setcsr(state);
}
