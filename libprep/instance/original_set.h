/* original_set.h -- inputs -> shards exactly as create_pretraining_data.py makes them.
 *
 * A shard knows nothing of the others: one stream of CPython's random numbers, seeded anew for each,
 * shuffles its documents, makes the instances of all copies and shuffles those. The arrays equal
 * the original's bit for bit. */
#ifndef INSTANCE_ORIGINAL_SET_H
#define INSTANCE_ORIGINAL_SET_H

#include <stddef.h>

#include "base/err.h"
#include "base/json.h"
#include "instance/intake.h"
#include "instance/pretrain.h"
#include "instance/stage.h"

/* Makes one shard of every path, or one of all paths together when `together`, in the stage and adds
 * them to it. The last options->n_test_shards of them, fewer than there are, are for testing: counts[0] is
 * training, counts[1] test; both have room for lengths. Ranks share the shards; results are complete on rank 0
 * only. Shards are made in parallel, each with an intake like `model` (its tokenizer and
 * folder). The descriptions of corpora are pushed to `corpora`, in the order of the paths, the
 * vocabulary's goes to *vocab (the caller's). options->origin gives only the options; the vocabulary
 * in shards is the inputs' own. ERR_FORMAT for an input without documents. */
int original_set_make(struct pretrain_counts counts[2], struct json *corpora, struct json **vocab,
                      struct stage *stage, char *const *paths, size_t n_paths, bool together,
                      const struct intake *model, const struct pretrain_options *options,
                      struct err *err);

#endif
