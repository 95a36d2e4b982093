/* context.h -- what the cleaner knows besides the text: the wiki, the page, the wishes. */
#ifndef WIKI_CONTEXT_H
#define WIKI_CONTEXT_H

#include <stdbool.h>

#include "wiki/account.h"
#include "wiki/options.h"
#include "wiki/site.h"

struct templates;

struct context {
    const struct templates *templates;
    const struct site *site;       /* may be empty */
    const struct options *options; /* never NULL */
    const char *title;             /* never NULL */
    /* The day of the revision, so that ages and "current" dates are the same whenever the dump is
     * read; year 0 = not known. */
    int year, month, day;

    struct account account; /* entered by all passes */
    bool disambiguation;    /* set when the page says that it is a list of meanings */
};

#endif
