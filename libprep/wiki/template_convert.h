/* template_convert.h -- {{convert|5|km|mi}}: "5 kilometres (3.1 mi)". For the table of
 * templates: returns whether it has text. */
#ifndef WIKI_TEMPLATE_CONVERT_H
#define WIKI_TEMPLATE_CONVERT_H

#include <stdbool.h>

#include "wiki/template_call.h"

/* The quantity with its unit in words (in symbols for cvt and abbr=on) and its conversion in
 * brackets, rounded as readers of Wikipedia see it; ranges, feet with inches, several results. */
bool template_convert(struct buf *to, const struct template_call *call, const char *parameter);

/* {{pop density|people|area|km2|sqmi}}: "5.7/km2 (15/sq mi)". */
bool template_density(struct buf *to, const struct template_call *call, const char *parameter);

#endif
