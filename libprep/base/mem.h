/* mem.h -- small blocks. When there is no memory left the program ends with a message, so no caller
 * has a branch that no test can reach. What grows with the input has a limit of its own. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* A zeroed block of `size` bytes; release with free(). */
void *mem_alloc(size_t size);

/* A zeroed array of n elements of `size` bytes each; n * size may not overflow. */
void *mem_array(size_t n, size_t size);

/* `block` (or NULL) resized to n elements of `size` bytes; new bytes are not zeroed. */
void *mem_resize(void *block, size_t n, size_t size);

/* A copy of the string, or of the first n bytes with a terminating zero. */
char *mem_text(const char *text);
char *mem_text_n(const char *text, size_t n);

/* The next capacity for an array that needs `need` elements: at least double `have`. */
size_t mem_grow(size_t have, size_t need);

/* From now on freed blocks of up to 32 MiB stay with the program, 256 MiB of them at most, for those who
 * take and free large ones all the time: pages that come anew have to be cleared by the kernel first. */
void mem_keep_freed(void);

#endif
