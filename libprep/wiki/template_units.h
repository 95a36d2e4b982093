/* template_units.h -- {{val|...}}, {{frac|...}}: numbers with their units. For the table of templates: each returns whether it has text. */
#ifndef WIKI_TEMPLATE_UNITS_H
#define WIKI_TEMPLATE_UNITS_H

#include <stdbool.h>

#include "wiki/template_call.h"

/* {{val|1.5|0.2|e=3|u=kg}}: "1.5±0.2×10^3 kg". */
bool template_val(struct buf *to, const struct template_call *call, const char *parameter);

/* {{unité|12000|km|2}}: "12 000 km2". */
bool template_unit(struct buf *to, const struct template_call *call, const char *parameter);

/* {{euro|9.5}}: the number and the sign `parameter`, as the wiki's language has them: "9,5 €". */
bool template_money(struct buf *to, const struct template_call *call, const char *parameter);

/* {{frac|3|1|4}}: "3 1/4". */
bool template_fraction(struct buf *to, const struct template_call *call, const char *parameter);

/* {{ordinal|22}}: "22nd". */
bool template_ordinal(struct buf *to, const struct template_call *call, const char *parameter);

/* {{height|m=1.8}}, {{height|ft=5|in=11}}. */
bool template_height(struct buf *to, const struct template_call *call, const char *parameter);

/* {{track gauge|4ft8.5in}}: "4 ft 8.5 in". */
bool template_gauge(struct buf *to, const struct template_call *call, const char *parameter);

#endif
