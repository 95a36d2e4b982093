/* template_functions.h -- parser functions and words of the wiki itself: {{#if:}}, {{lc:}},
 * {{formatnum:}}, {{PAGENAME}}. For the table of templates.c: each returns whether it has text. */
#ifndef WIKI_TEMPLATE_FUNCTIONS_H
#define WIKI_TEMPLATE_FUNCTIONS_H

#include <stdbool.h>

#include "wiki/template_call.h"

bool template_if(struct buf *to, const struct template_call *call, const char *parameter);
bool template_ifeq(struct buf *to, const struct template_call *call, const char *parameter);
bool template_switch(struct buf *to, const struct template_call *call, const char *parameter);

/* {{#expr:}}, {{#ifexpr:}}: by template_expression.h; nothing where there is an error. */
bool template_expr(struct buf *to, const struct template_call *call, const char *parameter);
bool template_ifexpr(struct buf *to, const struct template_call *call, const char *parameter);
bool template_iferror(struct buf *to, const struct template_call *call, const char *parameter);

/* {{padleft:7|3|0}}: "007"; parameter "r" pads on the right. At most 100 characters. */
bool template_pad(struct buf *to, const struct template_call *call, const char *parameter);

/* {{#titleparts: a/b/c | 1 | 2}}: "b". */
bool template_titleparts(struct buf *to, const struct template_call *call, const char *parameter);

/* {{#tag:poem|text}}: the text of tags that show theirs. */
bool template_tag(struct buf *to, const struct template_call *call, const char *parameter);

/* parameter: "lower", "upper", "lower first" or "upper first"; Latin, Greek, Cyrillic letters. */
bool template_case(struct buf *to, const struct template_call *call, const char *parameter);

/* The number with the separators of the wiki's language; as a function, with |R the plain number. */
bool template_formatnum(struct buf *to, const struct template_call *call, const char *parameter);

bool template_plural(struct buf *to, const struct template_call *call, const char *parameter);
bool template_pagename(struct buf *to, const struct template_call *call, const char *parameter);

#endif
