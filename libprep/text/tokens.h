/* tokens.h -- the token stream between tokenize and make-pretrain (schemas/tokens.md).
 *
 *   header | sentence sentence ... document-end | sentence ... document-end | ... | end mark
 *
 *   header      "BERTTOKS", u32 version, u32 length of the JSON, JSON
 *   sentence    u32 number of ids (1 or more), the ids as u16 or u32 (header: "id_bytes")
 *   doc. end    u32 0
 *   end mark    u32 0xFFFFFFFF, u64 documents, u64 sentences, u64 ids, u64 XXH3 of all bytes before
 *               the end mark
 *
 * All numbers little-endian. There are no empty sentences and no empty documents. The JSON carries
 * what follows needs, so that no vocabulary file is needed downstream. */
#ifndef TEXT_TOKENS_H
#define TEXT_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/sink.h"

/* What a stream says of its ids. */
struct tokens_header {
    char vocab_sha256[HASH_HEX_SIZE]; /* of the vocabulary file's bytes */
    int64_t vocab_size;               /* ids are below this: lines of the vocabulary */
    int32_t pad, unk, cls, sep, mask;
    bool cased;
    char *rules;     /* "hf"; owned */
    bool *continues; /* (vocab_size) whether an id continues a word ("##x"); owned */
    int32_t *words;  /* (n_words) distinct tokens in file order, as ids: what a random word is
                      * drawn from (with duplicates in the file the last id counts); owned */
    size_t n_words;
};

void tokens_header_release(struct tokens_header *h);

enum {
    TOKENS_MAX_SENTENCE = 64 << 20, /* ids; a reader refuses longer ones */
    TOKENS_MAX_HEADER = 64 << 20    /* bytes of JSON */
};

/* Writing: the header, then encoded sentences and document ends in any number of blocks. */
struct tokens_writer {
    struct sink *to; /* borrowed */
    struct xxh3 *sum;
    uint64_t n_documents, n_sentences, n_ids;
};

int tokens_begin(struct tokens_writer *w, struct sink *to, const struct tokens_header *h,
                 struct err *err);

/* For workers: encode into a block of bytes. vocab_size decides between u16 and u32. */
void tokens_encode_sentence(struct buf *block, const int32_t *ids, size_t n, int64_t vocab_size);
void tokens_encode_document_end(struct buf *block);

/* Adds ids to the last sentence of the block, which begins at offset `at`. */
void tokens_encode_more(struct buf *block, size_t at, const int32_t *ids, size_t n,
                        int64_t vocab_size);

/* Appends encoded bytes which hold that many document ends, sentences and ids. */
int tokens_write(struct tokens_writer *w, const void *block, size_t n, uint64_t n_documents,
                 uint64_t n_sentences, uint64_t n_ids, struct err *err);

/* The end mark; to commit is the sink's owner's. */
int tokens_end(struct tokens_writer *w, struct err *err);
void tokens_writer_release(struct tokens_writer *w);

/* Reading: a pull iterator that checks everything, the end mark included. */
struct tokens;

/* Reads the header. path as in source_open(). NULL with err. */
struct tokens *tokens_open(const char *path, struct err *err);
const struct tokens_header *tokens_header(const struct tokens *t);

enum tokens_event { TOKENS_END = 0, TOKENS_SENTENCE = 1, TOKENS_DOCUMENT_END = 2 };

/* The next event, or -1 with err, which names the file, the document and the sentence. After
 * TOKENS_SENTENCE *ids (n) lives until the next call, every id in [0, vocab_size). TOKENS_END comes
 * only after counts and checksum were found right and nothing follows the end mark. */
int tokens_next(struct tokens *t, const int32_t **ids, size_t *n, struct err *err);

uint64_t tokens_taken(const struct tokens *t); /* as source_taken() */
uint64_t tokens_total(const struct tokens *t);
void tokens_close(struct tokens *t); /* NULL is fine */

#endif
