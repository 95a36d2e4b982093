/* python_json.h -- texts as json.dumps() of Python writes them; numbers are json_write_real()'s. */
#ifndef SQUAD_PYTHON_JSON_H
#define SQUAD_PYTHON_JSON_H

#include <stddef.h>

#include "base/buf.h"

/* A string of valid UTF-8 in quotes; what is not printable ASCII is escaped. */
void python_json_text(struct buf *to, const char *text, size_t len);

#endif
