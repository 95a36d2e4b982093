/* fuzz.h -- a fuzz target is one function of bytes, as libFuzzer and AFL++ call it; replay.c does
 * in tests. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

#endif
