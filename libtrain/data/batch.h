/* batch.h -- what the trainer computes on: the tokens of several sequences end to end, no padding.
 *
 *   ids        c a b s | c d e f s | c g s          (T)   T = n_tokens
 *   positions  0 1 2 3 | 0 1 2 3 4 | 0 1 2          (T)
 *   starts     0         4           9       12     (S+1) S = n_sequences
 *
 * Packed or not makes no difference here: attention runs inside a sequence only. */
#ifndef DATA_BATCH_H
#define DATA_BATCH_H

#include <stddef.h>
#include <stdint.h>

struct batch {
    int32_t *ids;       /* (T) */
    int32_t *positions; /* (T) */
    int32_t *segments;  /* (T) 0 or 1 */
    size_t n_tokens;
    size_t *starts; /* (S+1) first token of each sequence, then T */
    size_t n_sequences;
    int32_t *masked_at;  /* (K) rising indices into the tokens */
    int32_t *masked_ids; /* (K) what stood there */
    size_t n_masked;
    int32_t *next_labels; /* (S) 1 = random next, 0 = follows, -1 = none */
    /* of fine-tuning, where the rows have them */
    int32_t *classes; /* (S) -1 = none */
    float *scores;    /* (S) */
    int32_t *answers; /* (S, 2) first and last token of the answer, counted in the sequence */
    /* Which random numbers (dropout) the tokens draw: token i of the batch draws as token
     * dropout_base + i of the step, so the draws do not depend on ranks. */
    uint64_t dropout_base;
};

/* Room for so many tokens, sequences and masked positions; empty. */
void batch_init(struct batch *b, size_t max_tokens, size_t max_sequences, size_t max_masked);
void batch_clear(struct batch *b);
void batch_release(struct batch *b);

#endif
