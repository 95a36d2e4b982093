/* passages.c -- articles and passage, joined. */
#include "squad/passages.h"

#include <stdlib.h>

#include "base/mem.h"
#include "squad/articles.h"

struct passages {
    struct articles *articles;
    const struct tokenizer *tokenizer;
    const struct passage_options *options;
    struct tokenizer_scratch *scratch;
    struct unicode *unicode;
    struct buf json;
};

struct passages *passages_open(const char *path, const struct tokenizer *t,
                               const struct passage_options *options, struct err *err)
{
    struct articles *articles = articles_open(path, err);
    struct passages *in;

    if (!articles)
        return NULL;
    in = mem_alloc(sizeof *in);
    *in = (struct passages){
        .articles = articles,
        .tokenizer = t,
        .options = options,
        .scratch = tokenizer_scratch_open(),
        .unicode = unicode_open(),
    };
    return in;
}

int passages_next(struct passage *p, struct passages *in, struct err *err)
{
    struct articles_place place;
    int rc;

    buf_clear(&in->json);
    do
        rc = articles_next(in->articles, &in->json, err);
    while (rc == ARTICLES_ARTICLE);
    if (rc <= 0)
        return rc;
    place = articles_where(in->articles);
    if (passage_make(p, in->json.data, in->json.len, in->options, in->tokenizer, in->scratch,
                     in->unicode, err) < 0)
        return articles_err(in->articles, &place, err);
    return 1;
}

void passages_close(struct passages *in)
{
    if (!in)
        return;
    articles_close(in->articles);
    tokenizer_scratch_close(in->scratch);
    unicode_close(in->unicode);
    buf_release(&in->json);
    free(in);
}
