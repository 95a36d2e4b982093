/* philox_wide.h -- the kernels of philox.h with vector instructions, the fastest first. */
#ifndef BASE_PHILOX_WIDE_H
#define BASE_PHILOX_WIDE_H

#include "base/philox.h"

enum { PHILOX_WIDE_MAX = 2, PHILOX_ROUNDS = 10 };

static const uint32_t PHILOX_MULTIPLIER_0 = 0xD2511F53u;
static const uint32_t PHILOX_MULTIPLIER_1 = 0xCD9E8D57u;
static const uint32_t PHILOX_STEP_0 = 0x9E3779B9u; /* of the key, between rounds */
static const uint32_t PHILOX_STEP_1 = 0xBB67AE85u;

/* Kernel `number` below PHILOX_WIDE_MAX, NULL when this machine has none such. */
philox_fn philox_wide(size_t number);

#endif
