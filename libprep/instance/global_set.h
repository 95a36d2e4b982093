/* global_set.h -- a corpus -> training and test shards in one random order over everything.
 *
 *      documents x copies --pairs--> instances --spill by key--> shard 0 | shard 1 | ...
 *
 * Every draw belongs to (seed, document, copy), the order is by a keyed hash of (document, copy,
 * number of the instance): the same bytes come out for any number of threads and ranks. Random next
 * sentences come from all documents of the same part. Shards differ by one instance at most. */
#ifndef INSTANCE_GLOBAL_SET_H
#define INSTANCE_GLOBAL_SET_H

#include "base/err.h"
#include "instance/corpus.h"
#include "instance/pretrain.h"
#include "instance/stage.h"
#include "text/tokens.h"

/* Makes all shards in the stage and adds them to it: training, then test. counts[0] is training,
 * counts[1] test; both have room for lengths. Ranks share the work; each needs the whole corpus, and
 * each has all results.
 *
 * A document is for testing when a keyed hash of its ids is below test_fraction: equal documents
 * stand on the same side, and a document keeps its side when the corpus grows. If that left nothing
 * for training, nothing is for testing. Where there are fewer instances than shards, there are as
 * many shards as instances. ERR_FORMAT for a corpus without documents. */
int global_set_make(struct pretrain_counts counts[2], struct stage *stage,
                    const struct corpus *corpus, const struct tokens_header *vocab,
                    const struct pretrain_options *options, struct err *err);

#endif
