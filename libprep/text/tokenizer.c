/* tokenizer.c -- vocabulary, tries and encoder as one object, and what the token stream says of them. */
#include "text/tokenizer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/basic.h"
#include "text/encoder.h"
#include "text/vocab.h"
#include "text/wordpiece.h"

enum { DEFAULT_CACHE = 8 << 20 };

struct tokenizer {
    struct unicode *unicode;
    const struct basic_rules *rules;
    struct vocab vocab;
    struct wordpiece wordpiece;
    struct encoder encoder;
    struct tokens_header header;
    uint64_t key; /* of vocabulary, rules and case: equal keys give equal ids */
};

struct tokenizer_scratch {
    uint64_t owner; /* the key of the tokenizer whose words it remembers */
    struct encoder_scratch *encoder;
    struct spans spans;
};

static void fill_header(struct tokenizer *t, bool cased)
{
    struct tokens_header *h = &t->header;
    const struct vocab *v = &t->vocab;

    memcpy(h->vocab_sha256, v->sha256, sizeof h->vocab_sha256);
    h->vocab_size = (int64_t)v->n;
    h->pad = v->pad;
    h->unk = v->unk;
    h->cls = v->cls;
    h->sep = v->sep;
    h->mask = v->mask;
    h->cased = cased;
    h->rules = mem_text(t->rules->name);
    h->continues = mem_array(v->n, sizeof *h->continues);
    for (int32_t id = 0; (size_t)id < v->n; id++)
        h->continues[id] = strncmp(vocab_token(v, id), "##", 2) == 0;
    h->n_words = v->n_words;
    h->words = mem_array(v->n_words, sizeof *h->words);
    memcpy(h->words, v->words, v->n_words * sizeof *h->words);
    t->key =
        xxh3_of(h->vocab_sha256, HASH_HEX_SIZE - 1, xxh3_of(h->rules, strlen(h->rules), cased));
}

struct tokenizer *tokenizer_open(const char *vocab_path, const struct tokenizer_options *options,
                                 struct err *err)
{
    struct tokenizer *t = mem_alloc(sizeof *t);

    t->rules = basic_rules_named(options->rules);
    if (!t->rules) {
        err_set(err, ERR_USAGE, "no tokenizer rules '%s'", options->rules);
        tokenizer_close(t);
        return NULL;
    }
    t->unicode = unicode_open();
    if (vocab_load(&t->vocab, vocab_path, t->unicode, err) < 0) {
        tokenizer_close(t);
        return NULL;
    }
    wordpiece_init(&t->wordpiece, &t->vocab, t->rules->max_points);
    encoder_init(&t->encoder, t->unicode, t->rules, &t->wordpiece, options->cased);
    fill_header(t, options->cased);
    return t;
}

const struct tokens_header *tokenizer_header(const struct tokenizer *t)
{
    return &t->header;
}

const char *tokenizer_token(const struct tokenizer *t, int32_t id)
{
    return vocab_token(&t->vocab, id);
}

int32_t tokenizer_id(const struct tokenizer *t, const char *token, size_t n)
{
    return vocab_id(&t->vocab, token, n);
}

bool tokenizer_is_blank(const struct tokenizer *t, const char *line, size_t n)
{
    return unicode_is_blank(t->unicode, line, n);
}

struct tokenizer_scratch *tokenizer_scratch_open(void)
{
    return tokenizer_scratch_sized(DEFAULT_CACHE);
}

struct tokenizer_scratch *tokenizer_scratch_sized(size_t cache)
{
    struct tokenizer_scratch *s = mem_alloc(sizeof *s);

    s->encoder = encoder_scratch_open(cache);
    return s;
}

void tokenizer_scratch_close(struct tokenizer_scratch *s)
{
    if (!s)
        return;
    encoder_scratch_close(s->encoder);
    spans_release(&s->spans);
    free(s);
}

static void claim(struct tokenizer_scratch *s, const struct tokenizer *t)
{
    if (s->owner != t->key) {
        if (s->owner)
            encoder_scratch_clear(s->encoder);
        s->owner = t->key;
    }
}

void tokenizer_encode(const int32_t **ids, size_t *n_ids, const struct tokenizer *t,
                      struct tokenizer_scratch *s, const char *line, size_t n)
{
    claim(s, t);
    encoder_run(ids, n_ids, &t->encoder, s->encoder, line, n);
}

void tokenizer_encode_lines(const int32_t **ids, size_t *n_ids, const struct tokenizer *t,
                            struct tokenizer_scratch *s, const char *lines, size_t n)
{
    static_assert((int)TOKENIZER_LINE_END == ENCODER_LINE_END, "they are the same");
    claim(s, t);
    encoder_run_lines(ids, n_ids, &t->encoder, s->encoder, lines, n);
}

bool tokenizer_met_invalid(const struct tokenizer_scratch *s)
{
    return encoder_met_invalid(s->encoder);
}

size_t tokenizer_cut(const char *line, size_t n, size_t most)
{
    return encoder_cut(line, n, most);
}

void tokenizer_encode_spans(const struct span **spans, size_t *n_spans, const struct tokenizer *t,
                            struct tokenizer_scratch *s, const char *line, size_t n)
{
    spans_run(&s->spans, t->unicode, t->rules, &t->wordpiece, t->header.cased, line, n);
    *spans = s->spans.items;
    *n_spans = s->spans.n;
}

void tokenizer_decode(struct buf *text, const struct tokenizer *t, const int32_t *ids, size_t n)
{
    const struct tokens_header *h = &t->header;
    bool first = true;

    for (size_t i = 0; i < n; i++) {
        const char *token = tokenizer_token(t, ids[i]);

        if (ids[i] == h->pad || ids[i] == h->cls || ids[i] == h->sep)
            continue;
        if (!first && !h->continues[ids[i]])
            buf_put_byte(text, ' ');
        buf_put_text(text, !first && h->continues[ids[i]] ? token + 2 : token);
        first = false;
    }
}

void tokenizer_close(struct tokenizer *t)
{
    if (!t)
        return;
    encoder_release(&t->encoder);
    wordpiece_release(&t->wordpiece);
    vocab_release(&t->vocab);
    unicode_close(t->unicode);
    tokens_header_release(&t->header);
    free(t);
}
