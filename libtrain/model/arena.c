/* arena.c -- a cursor over one allocation. */
#include "model/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { LINE = 16 }; /* floats of a cache line */

float *arena_take(struct arena *a, size_t rows, size_t cols)
{
    float *at = a->base ? a->base + a->used : NULL;

    assert(cols == 0 || rows <= (SIZE_MAX / sizeof(float) - a->used) / cols / 2);
    /* One line more than needed: the stagger. */
    a->used += (rows * cols + LINE - 1) / LINE * LINE + LINE;
    return at;
}

uint16_t *arena_take_halves(struct arena *a, size_t rows, size_t cols)
{
    return (uint16_t *)(void *)arena_take(a, rows, (cols + 1) / 2);
}

void arena_place(struct arena *a)
{
    uintptr_t start;

    a->block = mem_array(a->used + LINE, sizeof(float));
    start = (uintptr_t)a->block;
    start = (start + LINE * sizeof(float) - 1) / (LINE * sizeof(float)) * (LINE * sizeof(float));
    a->base = (float *)start;
    a->used = 0;
}

size_t arena_bytes(const struct arena *a)
{
    return a->used * sizeof(float);
}

void arena_release(struct arena *a)
{
    free(a->block);
    memset(a, 0, sizeof *a);
}
