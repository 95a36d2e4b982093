/* arena.c -- a cursor over one allocation. */
#define _DEFAULT_SOURCE /* madvise */
#include "model/arena.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"

enum {
    LINE = 16,                                  /* floats of a cache line */
    HUGE_PAGE = (2 << 20) / (int)sizeof(float), /* floats too */
};

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

/* Columns of an array are a page apart: of small pages the CPU would remember too few. They are asked
 * for before the first touch; without them the arena is only slower. */
void arena_place(struct arena *a)
{
    const size_t boundary = (a->used < HUGE_PAGE ? LINE : HUGE_PAGE) * sizeof(float);
    uintptr_t start;

    a->block = mem_array(a->used + boundary / sizeof(float), sizeof(float));
    start = ((uintptr_t)a->block + boundary - 1) / boundary * boundary;
    a->base = (float *)start;
    if (a->used >= HUGE_PAGE)
        (void)madvise(a->base, a->used * sizeof(float), MADV_HUGEPAGE);
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
