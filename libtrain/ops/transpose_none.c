/* transpose_none.c -- for CPUs without AVX-512. */
#include <assert.h>

#include "ops/transpose.h"

bool transpose_wide_works(void)
{
    return false;
}

void transpose_wide(void *to, size_t to_ld, const void *from, size_t from_ld, size_t rows,
                    size_t cols)
{
    assert(!transpose_wide_works());
    transpose_plain(to, to_ld, from, from_ld, rows, cols);
}
