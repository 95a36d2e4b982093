/* columns.c -- from tab to tab. */
#include "glue/columns.h"

#include <string.h>

void columns_split(struct columns *c, const char *line, size_t n)
{
    const char *end = line + n;

    c->n = c->n_all = 0;
    for (;;) {
        const char *tab = memchr(line, '\t', (size_t)(end - line));

        if (c->n <= COLUMNS_MAX)
            c->n++;
        c->items[c->n - 1] = (struct column){line, (size_t)((tab ? tab : end) - line)};
        c->n_all++;
        if (!tab)
            return;
        line = tab + 1;
    }
}

const struct column *columns_last(const struct columns *c)
{
    return &c->items[c->n - 1];
}
