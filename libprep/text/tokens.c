/* tokens.c -- writing counts and sums what passes; reading checks all of it again.
 *
 * A length in the stream never makes the reader allocate more than twice what has really arrived. */
#include "text/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/source.h"

static const char magic[8] = {'B', 'E', 'R', 'T', 'T', 'O', 'K', 'S'};

enum { VERSION = 1, PREFIX_SIZE = 16, END_SIZE = 36, BLOCK_SIZE = 1 << 18 };
#define END_MARK UINT32_C(0xFFFFFFFF)

void tokens_header_release(struct tokens_header *h)
{
    free(h->rules);
    free(h->continues);
    free(h->words);
    *h = (struct tokens_header){0};
}

static size_t id_bytes(int64_t vocab_size)
{
    return vocab_size <= 65536 ? 2 : 4;
}

/* One bit an id as hexadecimal digits, the first id in the highest bit of the first digit. */
static char *bits_to_hex(const bool *bits, size_t n)
{
    const size_t n_digits = (n + 3) / 4;
    char *hex = mem_alloc(n_digits + 1);

    for (size_t i = 0; i < n_digits; i++) {
        unsigned digit = 0;

        for (size_t j = 0; j < 4; j++)
            digit = digit << 1 | (4 * i + j < n && bits[4 * i + j]);
        hex[i] = "0123456789abcdef"[digit];
    }
    return hex;
}

static int hex_to_bits(bool *bits, size_t n, const char *hex, struct err *err)
{
    if (strlen(hex) != (n + 3) / 4)
        return err_set(err, ERR_FORMAT, "'continues' has %zu digits, not %zu", strlen(hex),
                       (n + 3) / 4);
    for (size_t i = 0; i < n; i++) {
        const char *digit = strchr("0123456789abcdef", hex[i / 4]);

        if (!digit)
            return err_set(err, ERR_FORMAT, "'continues' has a byte that is no digit at %zu",
                           i / 4);
        bits[i] = (hex[i / 4] <= '9' ? hex[i / 4] - '0' : hex[i / 4] - 'a' + 10) >> (3 - i % 4) & 1;
    }
    return 0;
}

/* Runs of consecutive ids, [[first, count], ...]: one run when no token is there twice. */
static struct json *words_to_json(const struct tokens_header *h)
{
    struct json *runs = json_new_list();

    for (size_t i = 0; i < h->n_words;) {
        struct json *run = json_new_list();
        size_t n = 1;

        while (i + n < h->n_words && h->words[i + n] == h->words[i] + (int32_t)n)
            n++;
        json_push_int(run, h->words[i]);
        json_push_int(run, (int64_t)n);
        json_push(runs, run);
        i += n;
    }
    return runs;
}

static int words_from_json(struct tokens_header *h, const struct json *runs, struct err *err)
{
    h->words = mem_array((size_t)h->vocab_size, sizeof *h->words);
    for (size_t i = 0; i < json_count(runs); i++) {
        const struct json *run = json_item(runs, i);
        const int64_t first = json_int_or(json_item(run, 0), -1);
        const int64_t n = json_int_or(json_item(run, 1), -1);

        if (first < 0 || n < 1 || first >= h->vocab_size || n > h->vocab_size - first ||
            n > h->vocab_size - (int64_t)h->n_words)
            return err_set(err, ERR_FORMAT, "'words' has a wrong run at %zu", i);
        for (int64_t id = first; id < first + n; id++)
            h->words[h->n_words++] = (int32_t)id;
    }
    if (h->n_words == 0)
        return err_set(err, ERR_FORMAT, "'words' is missing");
    return 0;
}

static void header_to_json(struct buf *text, const struct tokens_header *h)
{
    struct json *map = json_new_map();
    char *continues = bits_to_hex(h->continues, (size_t)h->vocab_size);

    json_put_text(map, "tool_version", BERTLINE_VERSION);
    json_put_text(map, "vocab_sha256", h->vocab_sha256);
    json_put_int(map, "vocab_size", h->vocab_size);
    json_put_int(map, "id_bytes", (int64_t)id_bytes(h->vocab_size));
    json_put_int(map, "pad", h->pad);
    json_put_int(map, "unk", h->unk);
    json_put_int(map, "cls", h->cls);
    json_put_int(map, "sep", h->sep);
    json_put_int(map, "mask", h->mask);
    json_put_bool(map, "cased", h->cased);
    json_put_text(map, "rules", h->rules);
    json_put_text(map, "continues", continues);
    json_put(map, "words", words_to_json(h));
    json_write(text, map, JSON_LINE);
    json_release(map);
    free(continues);
}

int tokens_begin(struct tokens_writer *w, struct sink *to, const struct tokens_header *h,
                 struct err *err)
{
    struct buf text = {0};
    struct buf all = {0};
    int rc;

    *w = (struct tokens_writer){.to = to, .sum = xxh3_open(0)};
    header_to_json(&text, h);
    if (text.len > TOKENS_MAX_HEADER) {
        buf_release(&text);
        return err_set(err, ERR_LIMIT, "the vocabulary has too many tokens that are there twice");
    }
    buf_put(&all, magic, sizeof magic);
    buf_put_u32(&all, VERSION);
    buf_put_u32(&all, (uint32_t)text.len);
    buf_put(&all, text.data, text.len);
    rc = tokens_write(w, all.data, all.len, 0, 0, 0, err);
    buf_release(&all);
    buf_release(&text);
    return rc;
}

static void put_ids(struct buf *block, const int32_t *ids, size_t n, int64_t vocab_size)
{
    const size_t size = id_bytes(vocab_size);
    unsigned char *const to = (unsigned char *)buf_reserve(block, n * size);

    if (size == 2) /* the usual one, in a form that compilers make vectors of */
        for (size_t i = 0; i < n; i++) {
            to[2 * i] = (unsigned char)ids[i];
            to[2 * i + 1] = (unsigned char)((uint32_t)ids[i] >> 8);
        }
    else
        for (size_t i = 0; i < 4 * n; i++)
            to[i] = (unsigned char)((uint32_t)ids[i / 4] >> (8 * (i % 4)));
    block->len += n * size;
}

void tokens_encode_sentence(struct buf *block, const int32_t *ids, size_t n, int64_t vocab_size)
{
    buf_put_u32(block, (uint32_t)n);
    put_ids(block, ids, n, vocab_size);
}

void tokens_encode_more(struct buf *block, size_t at, const int32_t *ids, size_t n,
                        int64_t vocab_size)
{
    put_ids(block, ids, n, vocab_size);
    n = (block->len - at - sizeof(uint32_t)) / id_bytes(vocab_size);
    buf_put_u32(block, (uint32_t)n); /* behind the rest for a moment, to have its bytes */
    block->len -= sizeof(uint32_t);
    memcpy(block->data + at, block->data + block->len, sizeof(uint32_t));
}

void tokens_encode_document_end(struct buf *block)
{
    buf_put_u32(block, 0);
}

int tokens_write(struct tokens_writer *w, const void *block, size_t n, uint64_t n_documents,
                 uint64_t n_sentences, uint64_t n_ids, struct err *err)
{
    if (n == 0)
        return 0;
    xxh3_add(w->sum, block, n);
    w->n_documents += n_documents;
    w->n_sentences += n_sentences;
    w->n_ids += n_ids;
    return sink_write(w->to, block, n, err);
}

int tokens_end(struct tokens_writer *w, struct err *err)
{
    struct buf end = {0};
    int rc;

    buf_put_u32(&end, END_MARK);
    buf_put_u64(&end, w->n_documents);
    buf_put_u64(&end, w->n_sentences);
    buf_put_u64(&end, w->n_ids);
    buf_put_u64(&end, xxh3_end(w->sum));
    w->sum = NULL;
    rc = sink_write(w->to, end.data, end.len, err);
    buf_release(&end);
    return rc;
}

void tokens_writer_release(struct tokens_writer *w)
{
    if (w->sum)
        xxh3_end(w->sum);
    *w = (struct tokens_writer){0};
}

struct tokens {
    struct source *in;
    struct tokens_header header;
    struct buf block; /* bytes read; those before `at` are used up */
    size_t at;
    size_t summed; /* bytes of the block that are in the sum */
    struct xxh3 *sum;
    int32_t *ids; /* of the current sentence */
    size_t cap_ids;
    uint64_t n_documents, n_sentences, n_ids;
    uint64_t n_in_document; /* sentences */
    bool ended;
};

static uint64_t number_at(const char *bytes, size_t size)
{
    uint64_t value = 0;

    for (size_t i = size; i-- > 0;)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

static void add_to_sum(struct tokens *t)
{
    xxh3_add(t->sum, t->block.data + t->summed, t->at - t->summed);
    t->summed = t->at;
}

/* Makes n more bytes available at t->at. 1 = they are, 0 = the input ends before, -1 = err. */
static int need(struct tokens *t, size_t n, struct err *err)
{
    if (t->block.len - t->at >= n)
        return 1;
    add_to_sum(t);
    if (t->at > 0)
        buf_shift(&t->block, t->at);
    t->at = 0;
    t->summed = 0;
    while (t->block.len < n) {
        const int64_t got = source_read(t->in, buf_reserve(&t->block, BLOCK_SIZE), BLOCK_SIZE, err);

        if (got < 0)
            return -1;
        if (got == 0)
            return 0;
        t->block.len += (size_t)got;
    }
    return 1;
}

static int cut_off(struct err *err)
{
    return err_set(err, ERR_FORMAT, "the token stream is cut off: it has no end mark");
}

static int need_all(struct tokens *t, size_t n, struct err *err)
{
    const int rc = need(t, n, err);

    return rc == 0 ? cut_off(err) : rc;
}

static int read_special(int32_t *id, const struct json *map, const char *key, int64_t vocab_size,
                        struct err *err)
{
    const int64_t value = json_int_or(json_member(map, key), -1);

    if (value < 0 || value >= vocab_size)
        return err_set(err, ERR_FORMAT, "'%s' is no id of the vocabulary", key);
    *id = (int32_t)value;
    return 0;
}

static int header_from_json(struct tokens_header *h, const struct json *map, struct err *err)
{
    const char *sha = json_text_or(json_member(map, "vocab_sha256"), "");
    const struct json *cased = json_member(map, "cased");
    const char *rules = json_text_or(json_member(map, "rules"), NULL);

    h->vocab_size = json_int_or(json_member(map, "vocab_size"), -1);
    if (h->vocab_size < 1 || h->vocab_size > 1 << 24)
        return err_set(err, ERR_FORMAT, "'vocab_size' is missing or out of range");
    if (json_int_or(json_member(map, "id_bytes"), -1) != (int64_t)id_bytes(h->vocab_size))
        return err_set(err, ERR_FORMAT, "'id_bytes' does not fit 'vocab_size'");
    if (strlen(sha) != HASH_HEX_SIZE - 1 || strspn(sha, "0123456789abcdef") != HASH_HEX_SIZE - 1)
        return err_set(err, ERR_FORMAT, "'vocab_sha256' is missing or wrong");
    memcpy(h->vocab_sha256, sha, HASH_HEX_SIZE);
    if (!cased || json_kind_of(cased) != JSON_KIND_BOOL || !rules)
        return err_set(err, ERR_FORMAT, "'cased' or 'rules' is missing");
    h->cased = json_bool_or(cased, false);
    h->rules = mem_text(rules);
    if (read_special(&h->pad, map, "pad", h->vocab_size, err) < 0 ||
        read_special(&h->unk, map, "unk", h->vocab_size, err) < 0 ||
        read_special(&h->cls, map, "cls", h->vocab_size, err) < 0 ||
        read_special(&h->sep, map, "sep", h->vocab_size, err) < 0 ||
        read_special(&h->mask, map, "mask", h->vocab_size, err) < 0)
        return -1;
    h->continues = mem_array((size_t)h->vocab_size, sizeof *h->continues);
    if (hex_to_bits(h->continues, (size_t)h->vocab_size,
                    json_text_or(json_member(map, "continues"), ""), err) < 0)
        return -1;
    return words_from_json(h, json_member(map, "words"), err);
}

static int read_header(struct tokens *t, struct err *err)
{
    struct json *map;
    uint64_t version, len;
    int rc = need(t, PREFIX_SIZE, err);

    if (rc < 0)
        return -1;
    if (rc == 0 || memcmp(t->block.data, magic, sizeof magic) != 0)
        return err_set(err, ERR_FORMAT, "not a token stream (made by tokenize)");
    version = number_at(t->block.data + 8, 4);
    len = number_at(t->block.data + 12, 4);
    if (version != VERSION)
        return err_set(err, ERR_FORMAT, "token stream of version %llu, not %d",
                       (unsigned long long)version, VERSION);
    if (len > TOKENS_MAX_HEADER)
        return err_set(err, ERR_LIMIT, "header of %llu bytes, more than %d",
                       (unsigned long long)len, TOKENS_MAX_HEADER);
    if (need_all(t, PREFIX_SIZE + len, err) < 0)
        return -1;
    map = json_parse(t->block.data + PREFIX_SIZE, len, err);
    rc = map ? header_from_json(&t->header, map, err) : -1;
    json_release(map);
    t->at = PREFIX_SIZE + len;
    return rc < 0 ? err_in(err, "header") : 0;
}

struct tokens *tokens_open(const char *path, struct err *err)
{
    struct tokens *t = mem_alloc(sizeof *t);

    t->sum = xxh3_open(0);
    t->in = source_open(path, err);
    if (!t->in) {
        tokens_close(t);
        return NULL;
    }
    if (read_header(t, err) < 0) {
        err_in(err, "%s", source_name(t->in));
        tokens_close(t);
        return NULL;
    }
    return t;
}

const struct tokens_header *tokens_header(const struct tokens *t)
{
    return &t->header;
}

/* The end mark's counts and sum are those of what was read, and nothing comes after it. */
static int read_end(struct tokens *t, struct err *err)
{
    uint64_t sum;
    const char *p;
    int rc;

    add_to_sum(t);
    sum = xxh3_end(t->sum);
    t->sum = xxh3_open(0);
    if (need_all(t, END_SIZE, err) < 0)
        return -1;
    if (t->n_in_document > 0)
        return err_set(err, ERR_FORMAT, "the last document has no end");
    p = t->block.data + t->at + 4;
    if (number_at(p, 8) != t->n_documents || number_at(p + 8, 8) != t->n_sentences ||
        number_at(p + 16, 8) != t->n_ids)
        return err_set(err, ERR_FORMAT, "the counts of the end mark are not those of the stream");
    if (number_at(p + 24, 8) != sum)
        return err_set(err, ERR_FORMAT, "the checksum is wrong: the token stream was changed");
    t->at += END_SIZE;
    rc = need(t, 1, err);
    if (rc > 0)
        return err_set(err, ERR_FORMAT, "bytes follow the end mark");
    t->ended = rc == 0;
    return rc < 0 ? -1 : TOKENS_END;
}

/* The largest of n ids, which are widened on the way; the usual size in a form that compilers make
 * vectors of. */
static uint32_t widen(int32_t *ids, const unsigned char *from, size_t n, size_t size)
{
    uint32_t most = 0;

    for (size_t i = 0; size == 2 && i < n; i++) {
        const uint32_t id = (uint32_t)(from[2 * i] | from[2 * i + 1] << 8);

        ids[i] = (int32_t)id;
        most = id > most ? id : most;
    }
    for (size_t i = 0; size == 4 && i < n; i++) {
        const uint32_t id = (uint32_t)number_at((const char *)from + 4 * i, 4);

        ids[i] = (int32_t)id;
        most = id > most ? id : most;
    }
    return most;
}

static int read_ids(struct tokens *t, size_t n, struct err *err)
{
    const size_t size = id_bytes(t->header.vocab_size);
    uint32_t most;

    if (n > TOKENS_MAX_SENTENCE)
        return err_set(err, ERR_LIMIT, "sentence of %zu ids, more than %d", n, TOKENS_MAX_SENTENCE);
    if (need_all(t, 4 + n * size, err) < 0)
        return -1;
    if (n > t->cap_ids) {
        t->cap_ids = mem_grow(t->cap_ids, n);
        t->ids = mem_resize(t->ids, t->cap_ids, sizeof *t->ids);
    }
    most = widen(t->ids, (const unsigned char *)t->block.data + t->at + 4, n, size);
    if (most >= (uint64_t)t->header.vocab_size)
        return err_set(err, ERR_FORMAT, "id %lu is not below the vocabulary's size %lld",
                       (unsigned long)most, (long long)t->header.vocab_size);
    t->at += 4 + n * size;
    t->n_sentences++;
    t->n_in_document++;
    t->n_ids += n;
    return TOKENS_SENTENCE;
}

static int read_document_end(struct tokens *t, struct err *err)
{
    if (t->n_in_document == 0)
        return err_set(err, ERR_FORMAT, "document without sentences");
    t->at += 4;
    t->n_documents++;
    t->n_in_document = 0;
    return TOKENS_DOCUMENT_END;
}

int tokens_next(struct tokens *t, const int32_t **ids, size_t *n, struct err *err)
{
    int event;

    if (t->ended)
        return TOKENS_END;
    event = need_all(t, 4, err);
    if (event > 0) {
        const uint32_t word = (uint32_t)number_at(t->block.data + t->at, 4);

        event = word == END_MARK ? read_end(t, err)
                : word == 0      ? read_document_end(t, err)
                                 : read_ids(t, word, err);
        *ids = t->ids;
        *n = event == TOKENS_SENTENCE ? word : 0;
    }
    if (event < 0)
        err_in(err, "%s: document %llu, sentence %llu", source_name(t->in),
               (unsigned long long)t->n_documents + 1, (unsigned long long)t->n_in_document + 1);
    return event;
}

uint64_t tokens_taken(const struct tokens *t)
{
    return source_taken(t->in);
}

uint64_t tokens_total(const struct tokens *t)
{
    return source_total(t->in);
}

void tokens_close(struct tokens *t)
{
    if (!t)
        return;
    source_close(t->in);
    if (t->sum)
        xxh3_end(t->sum);
    tokens_header_release(&t->header);
    buf_release(&t->block);
    free(t->ids);
    free(t);
}
