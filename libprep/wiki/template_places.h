/* template_places.h -- flags and codes of countries. For the table of templates: each returns
 * whether it has text. */
#ifndef WIKI_TEMPLATE_PLACES_H
#define WIKI_TEMPLATE_PLACES_H

#include <stdbool.h>

#include "wiki/templates.h"

/* {{flag|FRA}}, {{flag|France}}: the name beside the flag. */
bool template_flag(struct buf *to, const struct template_call *call, const char *parameter);

/* {{flagicon|FRA}}: the flag alone speaks, so its country is named, unless the line does so anyway. */
bool template_flag_icon(struct buf *to, const struct template_call *call, const char *parameter);

/* {{FRA}}: the country a code of ISO 3166-1, the IOC or FIFA stands for, in English; NULL when it is none. */
const char *places_country(const char *code, size_t n);

#endif
