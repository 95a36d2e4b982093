/* mem.c -- allocation that does not return on failure. */
#include "base/mem.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_BLOCK = 32 << 20, KEPT_MEMORY = 256 << 20 };

static void out_of_memory(size_t n, size_t size)
{
    fprintf(stderr, "out of memory: cannot allocate %zu x %zu bytes\n", n, size);
    exit(1);
}

void *mem_alloc(size_t size)
{
    return mem_array(1, size);
}

void *mem_array(size_t n, size_t size)
{
    void *block = calloc(n ? n : 1, size ? size : 1);

    if (!block)
        out_of_memory(n, size);
    return block;
}

void *mem_resize(void *block, size_t n, size_t size)
{
    void *moved;

    if (size && n > SIZE_MAX / size)
        out_of_memory(n, size);
    moved = realloc(block, n && size ? n * size : 1);
    if (!moved)
        out_of_memory(n, size);
    return moved;
}

char *mem_text(const char *text)
{
    return mem_text_n(text, strlen(text));
}

char *mem_text_n(const char *text, size_t n)
{
    char *copy = mem_alloc(n + 1);

    memcpy(copy, text, n);
    return copy;
}

size_t mem_grow(size_t have, size_t need)
{
    size_t want = have < 16 ? 16 : have;

    while (want < need)
        want = want > SIZE_MAX / 2 ? need : want * 2;
    return want;
}

void mem_keep_freed(void)
{
    mallopt(M_MMAP_THRESHOLD, KEPT_BLOCK);
    mallopt(M_TRIM_THRESHOLD, KEPT_MEMORY);
}
