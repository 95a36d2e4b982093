/* tables.h -- a table -> sentences: each row a paragraph, "Year: 1998; Title: X". */
#ifndef WIKI_TABLES_H
#define WIKI_TABLES_H

#include <stddef.h>

#include "base/buf.h"

enum { TABLES_MAX_COLUMNS = 64, TABLES_MAX_HEADER = 200 };

/* Appends a line for the caption and for each row of one table, "{|" and "|}" with it (n bytes from
 * expand_text()). Headers of columns stand before their cells; cells that span rows or columns
 * count for each of them. Tables inside cells are left out. */
void tables_text(struct buf *to, const char *text, size_t n);

#endif
