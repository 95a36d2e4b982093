/* template_places.h -- flags and codes of countries. For the table of templates: each returns
 * whether it has text. */
#ifndef WIKI_TEMPLATE_PLACES_H
#define WIKI_TEMPLATE_PLACES_H

#include <stdbool.h>

#include "wiki/template_call.h"

/* {{flag|FRA}}, {{flag|France}}: the name beside the flag. */
bool template_flag(struct buf *to, const struct template_call *call, const char *parameter);

/* {{flagicon|FRA}}: the flag alone speaks, so its country is named, unless the line does so anyway. */
bool template_flag_icon(struct buf *to, const struct template_call *call, const char *parameter);

/* {{FRA}}, in some wikis {{France}}; {{FRA|Ziel=Paris}}: a country that is a template itself. Returns whether the call is
 * one; there may be no name for it in the language of the wiki. */
bool places_country(struct buf *to, const struct template_call *call);

#endif
