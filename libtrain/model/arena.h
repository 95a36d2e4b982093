/* arena.h -- one block of floats cut into arrays: a plan walks over its arrays twice, first to
 * measure, then to place.
 *
 * Arrays begin on a cache line, and no two of a large power of two in size begin at the same
 * distance from one, which would make them compete for the same sets of the cache. */
#ifndef MODEL_ARENA_H
#define MODEL_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena {
    float *base; /* NULL while measuring */
    size_t used; /* floats */
    void *block; /* what arena_place() allocated */
};

/* The next array of rows * cols floats; NULL while measuring. */
float *arena_take(struct arena *a, size_t rows, size_t cols);

/* The same of halves (base/half.h). */
uint16_t *arena_take_halves(struct arena *a, size_t rows, size_t cols);

/* Allocates what was taken so far, zeroed; the walk then starts again. */
void arena_place(struct arena *a);

size_t arena_bytes(const struct arena *a);
void arena_release(struct arena *a);

#endif
