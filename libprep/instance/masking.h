/* masking.h -- chooses the positions a model has to guess, and what it sees there instead.
 *
 * The rules of BERT: 15 % of the positions; of these 80 % become [MASK], 10 % stay, 10 % become any
 * word of the vocabulary. What is chosen together: a piece, a word, or a span of words (SpanBERT,
 * arXiv:1907.10529). */
#ifndef INSTANCE_MASKING_H
#define INSTANCE_MASKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rng.h"
#include "store/sequence.h"
#include "text/tokens.h"

enum masking_way {
    MASKING_TOKENS, /* each piece on its own */
    MASKING_WORDS,  /* pieces of one word are masked together or not at all */
    MASKING_SPANS /* runs of whole words, 3.8 on average, which all become the same of the three */
};

struct masking_rules {
    double prob;
    size_t max_predictions;
    enum masking_way way;
    bool keep_original; /* positions are chosen, but ids stay what they are */
};

struct masking {
    const struct tokens_header *vocab; /* borrowed */
    struct masking_rules rules;
    /* scratch of one call, for max_len positions */
    int32_t *positions; /* candidates, word after word */
    size_t *begins;     /* (words + 1) where each word begins in `positions` */
    int32_t *order;     /* words, shuffled */
    uint64_t *hidden;   /* one bit a position: it is masked ... */
    int32_t *labels;    /* ... and this stood there */
};

void masking_init(struct masking *m, const struct tokens_header *vocab,
                  const struct masking_rules *rules, size_t max_len);

/* How many positions of a sequence of n ids to mask: n * prob rounded half to even, at least 1, at
 * most max_predictions. */
size_t masking_count(const struct masking *m, size_t n);

/* Masks s->ids in place and fills masked_at, masked_ids, n_masked. [CLS] and [SEP] are never masked;
 * whole words that do not fit the count are passed over, so fewer positions may be masked. A span
 * does not cross [SEP]; it ends early where the count or a masked word ends it. */
void masking_apply(struct masking *m, struct sequence *s, struct rng *rng);

void masking_release(struct masking *m);

#endif
