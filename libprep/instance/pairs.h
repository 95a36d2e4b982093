/* pairs.h -- one document -> instances: [CLS] A [SEP] B [SEP], or [CLS] A [SEP].
 *
 *      sentences   s0 s1 s2 s3 | s4 s5 s6 | ...       chunks of about the target length
 *                  `-A-' `-B-'                        actual next: B is the rest of the chunk
 *                  `-A-' t5 t6                        random next: B comes from another document,
 *                                                     and the walk goes on at s2
 *
 * For next sentence prediction the rules are those of create_instances_from_document() in NVIDIA's
 * and Habana's BERT for PyTorch, draw for draw. For sentence order (ALBERT, arXiv:1909.11942) A and B
 * are the two parts of the chunk, in half of the instances swapped. Without pairs an instance is as
 * many whole sentences as fit (RoBERTa's DOC-SENTENCES, arXiv:1907.11692). */
#ifndef INSTANCE_PAIRS_H
#define INSTANCE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "instance/corpus.h"
#include "instance/masking.h"
#include "store/sequence.h"
#include "text/tokens.h"

enum { PAIRS_MIN_LENGTH = 5 }; /* [CLS] a [SEP] b [SEP] */

enum pairs_kind {
    PAIRS_NSP, /* label 1: B is random, 0: B follows A */
    PAIRS_SOP, /* label 1: B stood before A, 0: behind it; -1: a lone token, which has no order */
    PAIRS_NONE /* one segment, label -1 */
};

struct pairs_rules {
    size_t seq_length; /* PAIRS_MIN_LENGTH or more */
    struct masking_rules masking;
    double short_seq_prob; /* how often a document is cut to a random shorter length */
    enum pairs_kind kind;
    /* NSP: a random B that had to be taken from the same document has label 1 too, as in Google's
     * script; in NVIDIA's and Habana's it has label 0. */
    bool google_label;
};

struct pairs {
    struct pairs_rules rules;
    const struct corpus *corpus; /* borrowed, sealed */
    const size_t *documents;     /* (n_documents) of the corpus that random ones are drawn from */
    size_t n_documents;
    struct masking masking;
    struct sequence sequence; /* the instance */
    /* the walk through one document */
    struct rng *rng;
    size_t document; /* index in `documents` */
    const uint64_t *bounds;
    size_t n_sentences;
    size_t at;       /* next sentence */
    uint64_t offset; /* PAIRS_NONE: ids of it that were used already */
    uint64_t target;
};

/* `corpus`, `documents` and `vocab` are borrowed. */
void pairs_init(struct pairs *p, const struct pairs_rules *rules, const struct corpus *corpus,
                const size_t *documents, size_t n_documents, const struct tokens_header *vocab);

/* Begins to walk documents[d]; all draws up to its last instance come from rng (borrowed). */
void pairs_begin(struct pairs *p, size_t d, struct rng *rng);

/* The next instance of the document in p->sequence, until the next call. False after the last. */
bool pairs_next(struct pairs *p);

void pairs_release(struct pairs *p);

#endif
