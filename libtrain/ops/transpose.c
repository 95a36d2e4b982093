/* transpose.c -- the plain loop, and the choice. */
#include "ops/transpose.h"

#include <stdint.h>
#include <string.h>

enum { WIDE = 16 };

void transpose_plain(void *to, size_t to_ld, const void *from, size_t from_ld, size_t rows,
                     size_t cols)
{
    for (size_t j = 0; j < cols; j++) {
        uint32_t words[WIDE] = {0};

        for (size_t i = 0; i < rows; i++)
            memcpy(&words[i], (const char *)from + (i * from_ld + j) * sizeof *words,
                   sizeof *words);
        memcpy((char *)to + j * to_ld * sizeof *words, words, sizeof words);
    }
}

void transpose_words(void *to, size_t to_ld, const void *from, size_t from_ld, size_t rows,
                     size_t cols)
{
    if (transpose_wide_works())
        transpose_wide(to, to_ld, from, from_ld, rows, cols);
    else
        transpose_plain(to, to_ld, from, from_ld, rows, cols);
}
