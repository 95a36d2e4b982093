/* markup.c -- wikitext -> paragraphs: the four passes in a row. */
#include "wiki/markup.h"

#include <stdbool.h>
#include <string.h>

#include "wiki/tags.h"

static const char *bytes(const struct buf *b)
{
    return b->data ? b->data : "";
}

static bool has_word(const char *text, size_t n, const char *word)
{
    const size_t len = strlen(word);

    for (const char *end = text + n, *p = text; (p = memchr(p, word[0], (size_t)(end - p))); p++) {
        if ((size_t)(end - p) < len)
            return false;
        if (memcmp(p, word, len) == 0)
            return true;
    }
    return false;
}

/* __DISAMBIG__ stands at either end of the pages that have it. */
static bool has_disambiguation_switch(const char *text, size_t n)
{
    enum { END = 1000 };

    return has_word(text, n < END ? n : END, "__DISAMBIG__") ||
           (n > END && has_word(text + n - END, END, "__DISAMBIG__"));
}

void markup_clean(struct buf *to, struct markup *m, const char *text, size_t n,
                  struct context *page)
{
    buf_clear(&m->stripped);
    buf_clear(&m->expand.unknown);
    page->account = (struct account){0};
    page->disambiguation = has_disambiguation_switch(text, n);
    tags_strip(&m->stripped, text, n, page);
    expand_text(&m->expand, bytes(&m->stripped), m->stripped.len, page);
    layout_text(to, &m->layout, bytes(&m->expand.out), m->expand.out.len, page);
}

void markup_release(struct markup *m)
{
    buf_release(&m->stripped);
    expand_release(&m->expand);
    layout_release(&m->layout);
}
