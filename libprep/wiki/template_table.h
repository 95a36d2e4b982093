/* template_table.h -- the templates and parser functions that are known, as a table.
 *
 * A row gives the names of a family and either a pattern or a function. Names are folded (lower
 * case, blanks for '_'), with '|' between aliases; one that ends in '*' stands for all that start so.
 *
 * Patterns:
 *   $1 .. $9     a positional argument        ${text|1}   the first of these that is not empty
 *   [...]        left out when an argument in it is empty; may not nest
 *   $$ $( $)     '$' and the signs "[" and "]"
 *   \n           a paragraph border */
#ifndef WIKI_TEMPLATE_TABLE_H
#define WIKI_TEMPLATE_TABLE_H

#include <stdbool.h>

#include "wiki/template_call.h"

struct template_row {
    const char *names;   /* NULL ends the table */
    const char *pattern; /* or the parameter of `render`; "" = known to say nothing */
    bool (*render)(struct buf *to, const struct template_call *call, const char *parameter);
};

/* Parser functions: {{name:first|second}}. They get what follows the ':' as their first argument. */
extern const struct template_row template_functions[];
extern const struct template_row template_rows[];

#endif
