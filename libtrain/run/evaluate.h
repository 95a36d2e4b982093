/* evaluate.h -- how well a model does on shards it was not trained on. */
#ifndef RUN_EVALUATE_H
#define RUN_EVALUATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/comm.h"
#include "base/err.h"
#include "data/loader.h"
#include "model/bert.h"

/* Means over all masked tokens and all labelled pairs; 0 where there are none. */
struct evaluation {
    double masked_lm_loss;
    double masked_lm_accuracy; /* 0..1 */
    double next_sentence_loss;
    double next_sentence_accuracy;
    double n_sequences;
};

/* The sum of both losses. */
double evaluation_loss(const struct evaluation *e);

/* Rows of the loader's first epoch, all of them or `max_batches` of `rows` each when that is not 0,
 * without dropout, shared out over the ranks. *b has room for `rows` rows. */
int evaluation_run(struct evaluation *e, struct bert *bert, const float *params, struct loader *l,
                   struct batch *b, size_t rows, uint64_t max_batches, struct comm *c,
                   struct err *err);

/* <output_dir>/eval_results.txt: "key = value" lines, sorted, as the TensorFlow trainer has them. */
int evaluation_save(const struct evaluation *e, int64_t step, const char *output_dir,
                    struct err *err);

#endif
