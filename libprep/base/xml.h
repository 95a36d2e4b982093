/* xml.h -- an XML document as events, in pieces; the only user of expat.
 *
 * No entity is ever declared: a document that brings its own is refused, so nothing blows up. The
 * encoding is what the mark at the start or the declaration says. */
#ifndef BASE_XML_H
#define BASE_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct xml_handlers {
    /* attributes: names and values in turns, then NULL */
    void (*start)(void *context, const char *name, const char **attributes);
    void (*end)(void *context, const char *name);
    void (*text)(void *context, const char *text, size_t n);
    /* "&name;" that is none of XML's five; NULL: such a document is broken, and so is one with a
     * document type. */
    void (*entity)(void *context, const char *name);
};

struct xml;

/* The handlers must live as long as it does. */
struct xml *xml_open(const struct xml_handlers *handlers, void *context);
void xml_close(struct xml *x); /* NULL is fine */

enum xml_state { XML_GOES_ON, XML_PAUSED, XML_BROKEN };

/* The next n bytes; last: nothing follows. After XML_PAUSED comes xml_resume(), not more bytes. */
enum xml_state xml_feed(struct xml *x, const char *bytes, size_t n, bool last);
enum xml_state xml_resume(struct xml *x);

/* For handlers: xml_feed() returns XML_PAUSED, or XML_BROKEN. */
void xml_pause(struct xml *x);
void xml_stop(struct xml *x);

/* Of a broken one: the byte at which it is, what is wrong, and whether it only ends too early. */
uint64_t xml_place(const struct xml *x);
const char *xml_fault(const struct xml *x);
bool xml_is_cut(const struct xml *x);

/* An attribute's value, or NULL. */
const char *xml_attribute(const char **attributes, const char *name);

#endif
