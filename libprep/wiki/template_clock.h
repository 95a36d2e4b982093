/* template_clock.h -- {{#time: j F Y | 2010-05-03}}, {{CURRENTYEAR}}. For the table of templates: each
 * returns whether it has text. "Now" is the day of the page's revision, never that of the extraction, so the
 * same dump gives the same text. */
#ifndef WIKI_TEMPLATE_CLOCK_H
#define WIKI_TEMPLATE_CLOCK_H

#include <stdbool.h>

#include "wiki/template_call.h"

bool template_time(struct buf *to, const struct template_call *call, const char *parameter);

/* parameter: the format of #time. */
bool template_current(struct buf *to, const struct template_call *call, const char *parameter);

/* {{dts|2010-05-03}}, {{formatdate:...}}: a date that is written in any way, as "3 May 2010"; what
 * is no date stays as it is. */
bool template_any_date(struct buf *to, const struct template_call *call, const char *parameter);

#endif
