/* tokenizer.c -- the line is cut at ASCII white space, which every rule splits at, and each part is
 * looked up among the parts seen before; only a part that is not there goes the long way.
 *
 *      part --hash--> slot of 64 bytes: the part itself and its ids
 *
 * A slot holds the last part that fell on it, so memory is fixed. Text is mostly made of few words:
 * nine of ten parts of English are found. */
#include "text/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "text/basic.h"
#include "text/vocab.h"
#include "text/wordpiece.h"

enum { N_SLOTS = 1 << 16, SLOT_BYTES = 22, SLOT_IDS = 10 };

struct slot {
    uint8_t len; /* of the part, 0 = empty slot */
    uint8_t n_ids;
    char part[SLOT_BYTES];
    int32_t ids[SLOT_IDS];
};

struct tokenizer {
    struct unicode *unicode;
    const struct basic_rules *rules;
    struct vocab vocab;
    struct wordpiece wordpiece;
    struct tokens_header header;
    uint64_t key; /* of vocabulary, rules and case: equal keys give equal ids */
};

struct tokenizer_scratch {
    uint64_t owner; /* the key of the tokenizer whose ids the slots hold */
    struct basic basic;
    int32_t *ids; /* (n_ids) of the line */
    size_t n_ids;
    size_t cap_ids;
    struct slot *slots; /* (N_SLOTS) */
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
    struct tokenizer_scratch *s = mem_alloc(sizeof *s);

    s->slots = mem_array(N_SLOTS, sizeof *s->slots);
    return s;
}

void tokenizer_scratch_close(struct tokenizer_scratch *s)
{
    if (!s)
        return;
    basic_release(&s->basic);
    free(s->ids);
    free(s->slots);
    free(s);
}

static void reserve_ids(struct tokenizer_scratch *s, size_t n)
{
    if (s->cap_ids - s->n_ids < n) {
        s->cap_ids = mem_grow(s->cap_ids, s->n_ids + n);
        s->ids = mem_resize(s->ids, s->cap_ids, sizeof *s->ids);
    }
}

/* The plain way: appends the ids of a part, which the slots must not change. */
static void encode_part(const struct tokenizer *t, struct tokenizer_scratch *s, const char *part,
                        size_t n)
{
    const struct basic *b = &s->basic;

    basic_split(&s->basic, t->unicode, t->rules, t->header.cased, part, n);
    for (size_t i = 0; i < b->n_words; i++) {
        const struct basic_word *w = &b->words[i];

        reserve_ids(s, w->len);
        s->n_ids += wordpiece_encode(s->ids + s->n_ids, &t->wordpiece, b->text.data + w->at, w->len,
                                     w->n_points);
    }
}

static bool is_separator(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The length of the part that begins the n bytes, and where it belongs in the cache: FNV-1a, the high
 * bits mixed into the low ones. */
static size_t next_part(size_t *slot, const char *text, size_t n)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    size_t len = 0;

    for (; len < n && !is_separator(text[len]); len++)
        hash = (hash ^ (unsigned char)text[len]) * UINT64_C(0x100000001B3);
    *slot = (size_t)(hash ^ hash >> 32) % N_SLOTS;
    return len;
}

static void encode_cached(const struct tokenizer *t, struct tokenizer_scratch *s, struct slot *slot,
                          const char *part, size_t n)
{
    const size_t before = s->n_ids;

    if (slot->len == n && memcmp(slot->part, part, n) == 0) {
        reserve_ids(s, SLOT_IDS);
        memcpy(s->ids + s->n_ids, slot->ids, sizeof slot->ids);
        s->n_ids += slot->n_ids;
        return;
    }
    encode_part(t, s, part, n);
    if (s->n_ids - before <= SLOT_IDS) {
        slot->len = (uint8_t)n;
        slot->n_ids = (uint8_t)(s->n_ids - before);
        memcpy(slot->part, part, n);
        memcpy(slot->ids, s->ids + before, slot->n_ids * sizeof *slot->ids);
    }
}

void tokenizer_encode(const int32_t **ids, size_t *n_ids, const struct tokenizer *t,
                      struct tokenizer_scratch *s, const char *line, size_t n)
{
    if (s->owner != t->key) {
        memset(s->slots, 0, N_SLOTS * sizeof *s->slots);
        s->owner = t->key;
    }
    s->n_ids = 0;
    for (size_t at = 0; at < n;) {
        size_t slot;
        const size_t len = next_part(&slot, line + at, n - at);

        if (len > SLOT_BYTES)
            encode_part(t, s, line + at, len);
        else if (len > 0)
            encode_cached(t, s, &s->slots[slot], line + at, len);
        at += len + 1;
    }
    *ids = s->ids;
    *n_ids = s->n_ids;
}

void tokenizer_close(struct tokenizer *t)
{
    if (!t)
        return;
    wordpiece_release(&t->wordpiece);
    vocab_release(&t->vocab);
    unicode_close(t->unicode);
    tokens_header_release(&t->header);
    free(t);
}
