/* bert-train-benchmark.h -- bert-train pretrain --benchmark: how fast this machine trains a model. */
#ifndef TOOLS_BERT_TRAIN_BENCHMARK_H
#define TOOLS_BERT_TRAIN_BENCHMARK_H

#include "base/err.h"
#include "bert-train-plan.h"

/* Steps of the model with the options of a training, timed, as a table on stdout. Rows are the first of
 * a->input_dir, or random ones of a->max_seq_length tokens. Writes no files. */
int benchmark_run(const struct pretrain_args *a, struct err *err);

#endif
