/* template_functions.h -- parser functions and words of the wiki itself: {{#if:}}, {{lc:}},
 * {{formatnum:}}, {{PAGENAME}}. For the table of templates.c: each returns whether it has text. */
#ifndef WIKI_TEMPLATE_FUNCTIONS_H
#define WIKI_TEMPLATE_FUNCTIONS_H

#include <stdbool.h>

#include "wiki/templates.h"

bool template_if(struct buf *to, const struct template_call *call, const char *parameter);
bool template_ifeq(struct buf *to, const struct template_call *call, const char *parameter);
bool template_switch(struct buf *to, const struct template_call *call, const char *parameter);

/* parameter: "lower", "upper", "lower first" or "upper first"; ASCII letters only. */
bool template_case(struct buf *to, const struct template_call *call, const char *parameter);

/* The number with the separators of the wiki's language. */
bool template_formatnum(struct buf *to, const struct template_call *call, const char *parameter);

bool template_plural(struct buf *to, const struct template_call *call, const char *parameter);
bool template_pagename(struct buf *to, const struct template_call *call, const char *parameter);

#endif
