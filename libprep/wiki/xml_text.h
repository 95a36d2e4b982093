/* xml_text.h -- what stands between two tags of an XML document -> its characters. */
#ifndef WIKI_XML_TEXT_H
#define WIKI_XML_TEXT_H

#include <stddef.h>

#include "base/buf.h"

/* Decodes the bytes of b from `from` on in place: XML's five entities, character references, line
 * ends. Returns -1 for what XML does not allow: other entities, bytes that are no UTF-8, control characters. */
int xml_text_decode(struct buf *b, size_t from);

#endif
