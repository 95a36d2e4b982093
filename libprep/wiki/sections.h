/* sections.h -- the sections of an article that are not its text: References, See also, ... */
#ifndef WIKI_SECTIONS_H
#define WIKI_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a heading is, in any of the larger languages, that of a list of sources, of links or of
 * literature, or is one of `more` ('|' between, may be NULL). Case does not matter. */
bool sections_is_apparatus(const char *heading, size_t n, const char *more);

#endif
