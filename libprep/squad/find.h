/* find.h -- where a text is in another one, as str.find() of Python on valid UTF-8, in bytes. */
#ifndef SQUAD_FIND_H
#define SQUAD_FIND_H

#include <stddef.h>
#include <stdint.h>

/* The byte where the first occurrence begins, -1 when there is none; an empty text is at 0. */
int64_t find_bytes(const char *in, size_t n_in, const char *what, size_t n_what);

#endif
