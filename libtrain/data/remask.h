/* remask.h -- new masked tokens for a sequence whose masks are part of its shard.
 *
 * The shard tells what stood at its masked places, so the original tokens are known, and each visit of
 * a row can hide others (as RoBERTa does). Choice and fate of a token are those of the originals:
 * round(length * prob) places, at least one, never [CLS] or [SEP]; 80 % become [MASK], 10 % stay, 10 %
 * become any id of the vocabulary. */
#ifndef DATA_REMASK_H
#define DATA_REMASK_H

#include <stddef.h>
#include <stdint.h>

#include "store/sequence.h"

struct remask {
    double prob; /* share of the tokens; 0 = the masks of the shards stay */
    size_t most; /* masked tokens of a sequence */
    int32_t mask_id;
    int32_t vocab_size;
    uint64_t seed;
};

/* The most masked tokens that n_sequences with n_tokens together can get. */
size_t remask_most(const struct remask *r, size_t n_tokens, size_t n_sequences);

/* ids: what the model is to see of s, masked_at and masked_ids what it is to find; returns how many.
 *   ids                    (s->n_ids)
 *   masked_at, masked_ids  (remask_most())
 *   places                 (s->n_ids) scratch
 * All draws are a function of (r->seed, draw). */
size_t remask_sequence(int32_t *ids, int32_t *masked_at, int32_t *masked_ids, int32_t *places,
                       const struct sequence *s, const struct remask *r, uint64_t draw);

#endif
