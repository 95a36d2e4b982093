/* countries.h -- the names of countries, in the languages whose wikis name them by a code. */
#ifndef WIKI_COUNTRIES_H
#define WIKI_COUNTRIES_H

#include <stddef.h>

/* The name in `language` (NULL: English) of the country that a code of ISO 3166-1, the IOC or FIFA
 * stands for: its first byte, and its length in *len, which is 0 when the country has no name in
 * that language here. NULL when there is no such country. */
const char *countries_of_code(size_t *len, const char *code, size_t n, const char *language);

/* The same by its English name, or its name in that language. */
const char *countries_of_name(size_t *len, const char *name, size_t n, const char *language);

#endif
