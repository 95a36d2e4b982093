/* markup.c -- wikitext -> paragraphs: the four passes in a row. */
#include "wiki/markup.h"

#include "wiki/tags.h"

static const char *bytes(const struct buf *b)
{
    return b->data ? b->data : "";
}

void markup_clean(struct buf *to, struct buf *unknown, struct markup *m, const char *text, size_t n,
                  const struct templates *templates, const struct site *site, const char *title)
{
    buf_clear(&m->stripped);
    buf_clear(&m->expand.unknown);
    tags_strip(&m->stripped, text, n);
    expand_text(&m->expand, bytes(&m->stripped), m->stripped.len, templates, site, title);
    layout_text(to, &m->layout, bytes(&m->expand.out), m->expand.out.len);
    if (unknown)
        buf_put(unknown, bytes(&m->expand.unknown), m->expand.unknown.len);
}

void markup_release(struct markup *m)
{
    buf_release(&m->stripped);
    expand_release(&m->expand);
    layout_release(&m->layout);
}
