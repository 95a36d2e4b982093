/* vocab.h -- a WordPiece vocabulary (schemas/vocab.md): one token a line, the id is the line number
 * from 0, white space around a token does not belong to it.
 *
 * As in a Python dict, a token that is there twice has its last id and its first place in the order.
 * An empty line is a token: the empty one. */
#ifndef TEXT_VOCAB_H
#define TEXT_VOCAB_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "text/unicode.h"

enum {
    VOCAB_MAX_BYTES = 256 << 20, /* of the file */
    VOCAB_MAX_TOKENS = 1 << 24
};

struct vocab {
    struct buf text;  /* the tokens, each with a zero byte after it */
    uint32_t *starts; /* (n + 1) offsets into text.data */
    size_t n;         /* lines */
    int32_t *words;   /* (n_words) distinct tokens in their order, as ids */
    size_t n_words;
    int32_t *slots; /* (n_slots) hash table: an id, above it 7 bits of the hash; -1 = free */
    size_t n_slots; /* a power of two */
    int32_t pad, unk, cls, sep, mask;
    char sha256[HASH_HEX_SIZE]; /* of the file's bytes */
};

/* Refuses text that is not UTF-8 and a vocabulary without the five special tokens, with the name of
 * the file and the line or the token. */
int vocab_load(struct vocab *v, const char *path, const struct unicode *u, struct err *err);

/* The same from n bytes in memory. */
int vocab_parse(struct vocab *v, const char *content, size_t n, const struct unicode *u,
                struct err *err);

/* The token of an id in [0, n), zero-terminated. */
const char *vocab_token(const struct vocab *v, int32_t id);
size_t vocab_token_len(const struct vocab *v, int32_t id);

/* The id of a token of n bytes, -1 when there is none. */
int32_t vocab_id(const struct vocab *v, const char *token, size_t n);

void vocab_release(struct vocab *v);

#endif
