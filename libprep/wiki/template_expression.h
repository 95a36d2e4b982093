/* template_expression.h -- {{#expr: 3 * (4 + 1) round 2}}: arithmetic as in MediaWiki. */
#ifndef WIKI_TEMPLATE_EXPRESSION_H
#define WIKI_TEMPLATE_EXPRESSION_H

#include <stddef.h>

#include "base/buf.h"

enum { EXPRESSION_MAX_DEPTH = 100, EXPRESSION_MAX_LEN = 4096 };

/* The value of an expression; 0 for an empty one. Returns -1 for what is no expression, is too
 * long or nested too deeply, or divides by zero. */
int expression_value(double *value, const char *text, size_t n);

/* Appends the number as MediaWiki shows it: up to 14 digits, no zeros at the end. */
void expression_put(struct buf *to, double value);

#endif
