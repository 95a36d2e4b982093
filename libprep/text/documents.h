/* documents.h -- documents from text in any of its usual forms, one after the other.
 *
 *   documents       a paragraph a line, an empty line after each document (schemas/documents.md)
 *   json            JSON Lines with "text", and perhaps "id" and "title"
 *   wikiextractor   <doc id=... title=...>, title, empty line, paragraphs, </doc>
 *   lines           a document a line
 *   auto            each input by its first line with text */
#ifndef TEXT_DOCUMENTS_H
#define TEXT_DOCUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/lines.h"

enum {
    DOCUMENTS_MAX_LINE = 256 << 20,
    DOCUMENTS_MAX_TEXT = 512 << 20 /* of one document */
};

enum documents_format {
    DOCUMENTS_AUTO,
    DOCUMENTS_TEXT,
    DOCUMENTS_JSON,
    DOCUMENTS_WIKIEXTRACTOR,
    DOCUMENTS_LINES
};

/* "documents", "json", ... -> the format; the choices of a tool's option, in this order, are
 * DOCUMENTS_FORMATS. An unknown name is DOCUMENTS_AUTO. */
#define DOCUMENTS_FORMATS "auto|documents|json|wikiextractor|lines"
enum documents_format documents_format_of(const char *name);

struct document {
    struct buf text;  /* paragraphs, each ended by a newline; none is empty */
    struct buf id;    /* empty when the input has none */
    struct buf title; /* the same */
};

struct documents {
    struct lines lines;
    enum documents_format asked;
    enum documents_format format; /* of the present input */
    bool held;                    /* lines.line is still to be used */
    bool held_new;                /* and it is the first of its input */
    bool title;                   /* the line of the title comes next (wikiextractor) */
};

/* No paths means standard input. */
int documents_open(struct documents *d, char *const *paths, size_t n_paths,
                   enum documents_format format, struct err *err);

/* The next document that has text; doc's memory is used again. A document ends where its input
 * ends. Bytes are handed on as they are. Returns 1 with a document, 0 after the last, -1 with err, which names
 * input and line. */
int documents_next(struct documents *d, struct document *doc, struct err *err);

uint64_t documents_taken(const struct documents *d); /* as lines_taken() */
void documents_close(struct documents *d);
void document_release(struct document *doc);

#endif
