/* corpus.h -- all documents as ids, for reading at random: where instances are cut from.
 *
 *      add sentence, end document, ... --> seal --> documents by number
 *
 * Ids and offsets lie in unnamed temporary files that are mapped when complete, so memory does not
 * grow with the text:
 *
 *      ids         7 9 4 4 | 8 1 | 5 3 3 | 6 2 | ...      16 or 32 bits each
 *      sentences   0         4     6       9     11 ...   where each begins in ids
 *      documents   0               2             4  ...   where each begins in sentences */
#ifndef INSTANCE_CORPUS_H
#define INSTANCE_CORPUS_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/scratch.h"

struct corpus {
    size_t id_bytes; /* 2 or 4 */
    struct scratch ids;
    struct scratch sentences;
    struct scratch documents;
    uint64_t n_ids;
    uint64_t n_sentences;
    uint64_t n_documents;
    uint64_t n_closed;          /* sentences in finished documents */
    struct buf narrow;          /* one sentence as it is stored */
    char sha256[HASH_HEX_SIZE]; /* of the contents, after corpus_sum() */
};

/* Ids will be in [0, vocab_size). Temporary files go to `folder`. */
int corpus_open(struct corpus *c, const char *folder, int64_t vocab_size, struct err *err);

/* n is 1 or more. */
int corpus_add_sentence(struct corpus *c, const int32_t *ids, size_t n, struct err *err);

/* Does nothing when no sentence was added since the last end. */
int corpus_end_document(struct corpus *c, struct err *err);

/* After the last document; from here on the corpus is read-only, for any number of threads. */
int corpus_seal(struct corpus *c, struct err *err);

/* Sums the contents of a sealed corpus, the same whatever the width and the machine: sentences as u32
 * length and u32 ids, documents ended by a u32 0, all little-endian. */
void corpus_sum(struct corpus *c);

/* Where the sentences of document d begin and end in the ids: sentence i is
 * [bounds[i], bounds[i + 1]). Returns how many sentences there are, 1 or more. */
size_t corpus_document(const uint64_t **bounds, const struct corpus *c, size_t d);

/* Copies n ids from `at`. */
void corpus_copy(int32_t *ids, const struct corpus *c, uint64_t at, size_t n);

/* XXH3 of the document's ids, keyed with seed: the same document, the same number, wherever it
 * stands. */
uint64_t corpus_hash(const struct corpus *c, size_t d, uint64_t seed);

void corpus_close(struct corpus *c);

#endif
