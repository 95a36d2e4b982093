/* unicode_table.h -- the table of unicode.h, which unicode_generate.c makes when bertline is built. */
#ifndef TEXT_UNICODE_TABLE_H
#define TEXT_UNICODE_TABLE_H

#include "text/unicode.h"

extern const uint16_t unicode_table_page[]; /* (UNICODE_END / UNICODE_PAGE) */
extern const struct unicode_point unicode_table_points[];
extern const int32_t unicode_table_pool[];

#endif
