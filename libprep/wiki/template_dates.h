/* template_dates.h -- {{birth date|1815|12|10|df=y}}, {{as of|2010|5}} and their like. For the table
 * of templates.c: each returns whether it has text. */
#ifndef WIKI_TEMPLATE_DATES_H
#define WIKI_TEMPLATE_DATES_H

#include <stdbool.h>

#include "wiki/template_call.h"

/* Year, month, day as arguments, or a text that is a date already. */
bool template_date(struct buf *to, const struct template_call *call, const char *parameter);

/* The date with the age on the day of the page's revision, "(age 36)" with parameter "age" and "(36
 * years ago)" with "years". */
bool template_born(struct buf *to, const struct template_call *call, const char *parameter);

/* The date of death with the age, when that of birth follows: "27 November 1852 (aged 36)". */
bool template_died(struct buf *to, const struct template_call *call, const char *parameter);

/* {{生年月日と年齢|1961|11|23}}: the date with the age; parameter "d": birth, then death, which is shown. */
bool template_japanese_life(struct buf *to, const struct template_call *call,
                            const char *parameter);

/* parameter "b": {{birth year and age|1980}}; "d": {{death year and age|2000|1940}}. */
bool template_year_and_age(struct buf *to, const struct template_call *call, const char *parameter);

/* Whole years from one date to another or to the day of the revision. */
bool template_age(struct buf *to, const struct template_call *call, const char *parameter);

/* {{decade link|1987}}: "1980s". */
bool template_decade(struct buf *to, const struct template_call *call, const char *parameter);

bool template_as_of(struct buf *to, const struct template_call *call, const char *parameter);

#endif
