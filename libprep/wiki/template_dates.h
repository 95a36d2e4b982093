/* template_dates.h -- {{birth date|1815|12|10|df=y}}, {{as of|2010|5}} and their like. For the table
 * of templates.c: each returns whether it has text. */
#ifndef WIKI_TEMPLATE_DATES_H
#define WIKI_TEMPLATE_DATES_H

#include <stdbool.h>

#include "wiki/templates.h"

/* Year, month, day as arguments, or a text that is a date already. Ages are left out: they would be
 * those of the day of extraction. */
bool template_date(struct buf *to, const struct template_call *call, const char *parameter);

bool template_as_of(struct buf *to, const struct template_call *call, const char *parameter);

#endif
