/* half.h -- numbers of 16 bits: the upper half of a float (bfloat16), its range and three digits. */
#ifndef BASE_HALF_H
#define BASE_HALF_H

#include <stdint.h>

/* To the nearest, ties to even. NaN stays NaN. */
uint16_t half_round(float x);

float half_float(uint16_t x);

#endif
