/* python_json.h -- numbers and texts as json.dumps() of Python writes them. */
#ifndef SQUAD_PYTHON_JSON_H
#define SQUAD_PYTHON_JSON_H

#include <stddef.h>

#include "base/buf.h"

/* repr() of a finite float: the fewest digits that read back to it, with a point or an exponent. */
void python_json_real(struct buf *to, double value);

/* A string of valid UTF-8 in quotes; what is not printable ASCII is escaped. */
void python_json_text(struct buf *to, const char *text, size_t len);

#endif
