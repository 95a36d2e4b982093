/* pairs.h -- one document -> instances: [CLS] A [SEP] B [SEP], where B follows A or is random.
 *
 *      sentences   s0 s1 s2 s3 | s4 s5 s6 | ...       chunks of about the target length
 *                  `-A-' `-B-'                        actual next: B is the rest of the chunk
 *                  `-A-' t5 t6                        random next: B comes from another document,
 *                                                     and the walk goes on at s2
 *
 * The rules are those of create_instances_from_document() in NVIDIA's and Habana's BERT for PyTorch,
 * draw for draw. */
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

struct pairs_rules {
    size_t seq_length;      /* PAIRS_MIN_LENGTH or more */
    size_t max_predictions; /* 1 or more */
    double masked_lm_prob;
    double short_seq_prob; /* how often a document is cut to a random shorter length */
    bool whole_words;
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
    size_t at; /* next sentence */
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
