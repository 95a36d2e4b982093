/* decoding.h -- questions and saved logits -> the files of predictions.h, without a model.
 *
 * For logits fresh from a model, the same four steps:
 *
 *     struct passages *in = passages_open(path, tokenizer, &passage_options, err);
 *     struct predictions *out = predictions_open(folder, &nbest_options, err);
 *
 *     while ((rc = passages_next(&p, in, err)) == 1)        as many passages as fill a batch,
 *         for each question i of p, for each window w:      passage_ids() is what the model reads
 *             ...
 *         for each question i of p:                         in order, start, end (n_windows, T)
 *             nbest_decode(&b, scratch, &p, i, start, end, T, &nbest_options, err);
 *             predictions_put(out, p.paragraph.questions[i].id, p.queries[i].n_windows > 0, &b, err);
 *     predictions_commit(out, err);
 */
#ifndef SQUAD_DECODING_H
#define SQUAD_DECODING_H

#include <stdint.h>

#include "base/err.h"
#include "squad/nbest.h"
#include "squad/passage.h"
#include "text/tokenizer.h"

struct decoding_counts {
    uint64_t n_questions, n_windows;
};

/* options->seq_length must be that of the logits (struct logits); `training` false. */
int decoding_run(struct decoding_counts *counts, const char *folder, const char *questions,
                 const char *logits, const struct tokenizer *t,
                 const struct passage_options *passage_options,
                 const struct nbest_options *nbest_options, struct err *err);

#endif
