/* expand.h -- second pass of the cleaner: what stands in brackets.
 *
 * Templates, links, external links and language variants nest in each other without order. One scan
 * keeps a stack of open brackets over one growing output: when a bracket closes, what the output
 * holds since it was opened is replaced by its rendering.
 *
 *      input   The [[Sun|{{nowrap|G star}}]] is ...
 *      output  The  |Sun|     |nowrap|G star   <- "}}" closes: "nowrap|G star" becomes "G star"
 *                   ^link     ^braces
 *
 * So the innermost goes first, nothing recurses, and dropping is cutting the output short. */
#ifndef WIKI_EXPAND_H
#define WIKI_EXPAND_H

#include <stddef.h>

#include "base/buf.h"
#include "wiki/context.h"
#include "wiki/templates.h"

/* Deeper brackets are dropped with what they hold (MediaWiki's own limit was 40 for long). Each
 * level may copy its text once, so this also bounds the work. */
enum { EXPAND_MAX_DEPTH = 40 };

struct expand {
    struct buf out;     /* the result */
    struct buf unknown; /* names of templates that are not known, each ended by '\n' */
    struct frame *frames;
    size_t n_frames, max_frames;
    struct part *parts;
    size_t n_parts, max_parts;
    size_t n_braces; /* frames that are braces */
    struct buf made;
    struct template_arg *args;
    size_t max_args;
};

/* Reads n bytes from tags_strip() into e->out; names of unknown templates are added to e->unknown. */
void expand_text(struct expand *e, const char *text, size_t n, struct context *page);

void expand_release(struct expand *e);

#endif
