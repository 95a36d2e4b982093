/* vocab.c -- lines to tokens, and a hash table from tokens back to ids. */
#include "text/vocab.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

const char *vocab_token(const struct vocab *v, int32_t id)
{
    return v->text.data + v->starts[id];
}

size_t vocab_token_len(const struct vocab *v, int32_t id)
{
    return v->starts[id + 1] - v->starts[id] - 1;
}

/* An id and the tag of its token. */
static int32_t slot_of(int32_t id, uint64_t hash)
{
    return id | (int32_t)(hash >> 57) << 24;
}

static int32_t id_of(int32_t slot)
{
    return slot & (VOCAB_MAX_TOKENS - 1);
}

/* Where the token of that hash is in the table, or the free slot where it belongs. Other tokens are
 * told by their tag alone, mostly: their text is far. */
static size_t find_slot(const struct vocab *v, const char *token, size_t n, uint64_t hash)
{
    size_t at = hash & (v->n_slots - 1);

    for (; v->slots[at] >= 0; at = (at + 1) & (v->n_slots - 1)) {
        const int32_t slot = v->slots[at];
        const int32_t id = id_of(slot);

        if (slot == slot_of(id, hash) && vocab_token_len(v, id) == n &&
            memcmp(vocab_token(v, id), token, n) == 0)
            break;
    }
    return at;
}

int32_t vocab_id(const struct vocab *v, const char *token, size_t n)
{
    const int32_t slot = v->slots[find_slot(v, token, n, xxh3_of(token, n, 0))];

    return slot < 0 ? -1 : id_of(slot);
}

/* Cuts the content into stripped lines, as Python's text mode and strip() do. */
static int read_lines(struct vocab *v, const char *content, size_t n, const struct unicode *u,
                      struct err *err)
{
    size_t cap = 0;

    buf_reserve(&v->text, n + 1);
    for (size_t at = 0; at < n;) {
        const char *line = content + at;
        size_t len = 0;

        while (at + len < n && line[len] != '\n' && line[len] != '\r')
            len++;
        at += len + 1;
        if (at < n && line[len] == '\r' && content[at] == '\n')
            at++;
        if (v->n == VOCAB_MAX_TOKENS)
            return err_set(err, ERR_LIMIT, "more than %d lines", VOCAB_MAX_TOKENS);
        if (unicode_valid(line, len) < len)
            return err_set(err, ERR_FORMAT, "line %zu: not valid UTF-8", v->n + 1);
        unicode_strip(&line, &len, u);
        if (v->n + 1 >= cap) {
            cap = mem_grow(cap, v->n + 2);
            v->starts = mem_resize(v->starts, cap, sizeof *v->starts);
        }
        v->starts[v->n++] = (uint32_t)v->text.len;
        memcpy(v->text.data + v->text.len, line, len);
        v->text.data[v->text.len + len] = '\0';
        v->text.len += len + 1;
        v->starts[v->n] = (uint32_t)v->text.len;
    }
    if (v->n == 0)
        return err_set(err, ERR_FORMAT, "empty vocabulary");
    return 0;
}

/* The hash table, and the order of the distinct tokens. */
static void index_tokens(struct vocab *v)
{
    uint32_t *places = mem_array(v->n, sizeof *places); /* of ids in `words` */

    for (v->n_slots = 16; v->n_slots < 2 * v->n;)
        v->n_slots *= 2;
    v->slots = mem_array(v->n_slots, sizeof *v->slots);
    memset(v->slots, 0xFF, v->n_slots * sizeof *v->slots);
    v->words = mem_array(v->n, sizeof *v->words);
    for (int32_t id = 0; (size_t)id < v->n; id++) {
        const char *token = vocab_token(v, id);
        const size_t n = vocab_token_len(v, id);
        const uint64_t hash = xxh3_of(token, n, 0);
        int32_t *slot = &v->slots[find_slot(v, token, n, hash)];

        places[id] = *slot < 0 ? (uint32_t)v->n_words++ : places[id_of(*slot)];
        v->words[places[id]] = id;
        *slot = slot_of(id, hash);
    }
    free(places);
}

static int find_special(int32_t *id, const struct vocab *v, const char *token, struct err *err)
{
    *id = vocab_id(v, token, strlen(token));
    if (*id < 0)
        return err_set(err, ERR_FORMAT, "no line '%s': not a BERT vocabulary", token);
    return 0;
}

int vocab_parse(struct vocab *v, const char *content, size_t n, const struct unicode *u,
                struct err *err)
{
    *v = (struct vocab){0};
    sha256_of(v->sha256, content, n);
    if (read_lines(v, content, n, u, err) < 0)
        goto fail;
    index_tokens(v);
    if (find_special(&v->pad, v, "[PAD]", err) < 0 || find_special(&v->unk, v, "[UNK]", err) < 0 ||
        find_special(&v->cls, v, "[CLS]", err) < 0 || find_special(&v->sep, v, "[SEP]", err) < 0 ||
        find_special(&v->mask, v, "[MASK]", err) < 0)
        goto fail;
    return 0;
fail:
    vocab_release(v);
    return -1;
}

int vocab_load(struct vocab *v, const char *path, const struct unicode *u, struct err *err)
{
    struct buf content = {0};
    int rc = -1;

    *v = (struct vocab){0};
    if (file_read(&content, path, VOCAB_MAX_BYTES, err) == 0) {
        rc = vocab_parse(v, content.data, content.len, u, err);
        if (rc < 0)
            err_in(err, "vocabulary '%s'", path);
    }
    buf_release(&content);
    return rc;
}

void vocab_release(struct vocab *v)
{
    buf_release(&v->text);
    free(v->starts);
    free(v->words);
    free(v->slots);
    *v = (struct vocab){0};
}
