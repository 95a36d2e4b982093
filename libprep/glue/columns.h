/* columns.h -- a line of tab-separated columns; nothing is quoted or escaped. */
#ifndef GLUE_COLUMNS_H
#define GLUE_COLUMNS_H

#include <stddef.h>

enum { COLUMNS_MAX = 32 };

struct column {
    const char *text; /* in the line */
    size_t len;
};

struct columns {
    struct column items[COLUMNS_MAX + 1]; /* the first COLUMNS_MAX, then the last of more */
    size_t n;                             /* items that are there */
    size_t n_all;                         /* columns of the line; an empty line has one */
};

void columns_split(struct columns *c, const char *line, size_t n);

/* The last column of the line. */
const struct column *columns_last(const struct columns *c);

#endif
