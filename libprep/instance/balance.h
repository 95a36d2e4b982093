/* balance.h -- documents -> training and test text shards with about as many sentences each.
 *
 * The distribution of TextSharding.py in NVIDIA's and Habana's BERT for PyTorch, decision for decision
 * and without any random number: whoever has the same documents gets the same shards. Training shards
 * get the largest documents; test shards get less than their share when what is left does not fit. */
#ifndef INSTANCE_BALANCE_H
#define INSTANCE_BALANCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct balance_shard {
    size_t *documents; /* (n_documents) numbers, in the order in which they were given */
    size_t n_documents;
    size_t cap;
    uint64_t n_sentences;
};

struct balance {
    struct balance_shard *shards; /* (n_training + n_test) training first */
    size_t n_training;
    size_t n_test;
    size_t n_too_long; /* documents with more sentences than a shard should have */
};

/* counts[d] is how many sentences document d has, 1 or more. ERR_FORMAT when there are fewer documents
 * than shards. n_training is 1 or more; n_test may be 0, test_fraction is 0 then. */
int balance_make(struct balance *b, const uint32_t *counts, size_t n_documents, size_t n_training,
                 size_t n_test, double test_fraction, struct err *err);

void balance_release(struct balance *b);

#endif
