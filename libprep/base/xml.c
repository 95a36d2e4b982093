/* xml.c -- expat. */
#include "base/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct xml {
    XML_Parser parser;
    const struct xml_handlers *handlers;
    void *context;
    const char *fault; /* found here, not by expat */
};

static void on_start(void *user, const char *name, const char **attributes)
{
    struct xml *x = user;

    x->handlers->start(x->context, name, attributes);
}

static void on_end(void *user, const char *name)
{
    struct xml *x = user;

    x->handlers->end(x->context, name);
}

static void on_text(void *user, const char *text, int n)
{
    struct xml *x = user;

    x->handlers->text(x->context, text, (size_t)n);
}

static void on_entity(void *user, const char *name, int is_parameter)
{
    struct xml *x = user;

    if (!is_parameter)
        x->handlers->entity(x->context, name);
}

static void on_doctype(void *user, const char *name, const char *system, const char *public,
                       int internal)
{
    struct xml *x = user;

    (void)name, (void)system, (void)public;
    if (x->handlers->entity && !internal)
        return;
    x->fault = "a document type declaration has no place here";
    XML_StopParser(x->parser, XML_FALSE);
}

struct xml *xml_open(const struct xml_handlers *handlers, void *context)
{
    struct xml *x = mem_alloc(sizeof *x);

    x->handlers = handlers;
    x->context = context;
    x->parser = XML_ParserCreate(NULL);
    if (!x->parser)
        abort(); /* no memory, as in mem.h */
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
    if (handlers
            ->entity) { /* as if entities were declared somewhere else: they are told, not errors */
        XML_UseForeignDTD(x->parser, XML_TRUE);
        XML_SetSkippedEntityHandler(x->parser, on_entity);
    }
    return x;
}

void xml_close(struct xml *x)
{
    if (!x)
        return;
    XML_ParserFree(x->parser);
    free(x);
}

static enum xml_state state_of(enum XML_Status status)
{
    return status == XML_STATUS_ERROR       ? XML_BROKEN
           : status == XML_STATUS_SUSPENDED ? XML_PAUSED
                                            : XML_GOES_ON;
}

enum xml_state xml_feed(struct xml *x, const char *bytes, size_t n, bool last)
{
    enum { PIECE = 1 << 30 }; /* expat counts in int */

    while (n > PIECE) {
        const enum xml_state state = state_of(XML_Parse(x->parser, bytes, PIECE, 0));
        if (state != XML_GOES_ON)
            return state;
        bytes += PIECE;
        n -= PIECE;
    }
    return state_of(XML_Parse(x->parser, bytes, (int)n, last));
}

enum xml_state xml_resume(struct xml *x)
{
    return state_of(XML_ResumeParser(x->parser));
}

void xml_pause(struct xml *x)
{
    XML_StopParser(x->parser, XML_TRUE);
}

void xml_stop(struct xml *x)
{
    XML_StopParser(x->parser, XML_FALSE);
}

uint64_t xml_place(const struct xml *x)
{
    return (uint64_t)XML_GetCurrentByteIndex(x->parser);
}

const char *xml_fault(const struct xml *x)
{
    return x->fault ? x->fault : XML_ErrorString(XML_GetErrorCode(x->parser));
}

bool xml_is_cut(const struct xml *x)
{
    const enum XML_Error code = XML_GetErrorCode(x->parser);

    return !x->fault && (code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN ||
                         code == XML_ERROR_PARTIAL_CHAR);
}

const char *xml_attribute(const char **attributes, const char *name)
{
    for (; attributes[0]; attributes += 2) {
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    }
    return NULL;
}
