/* bert-train-answers.h -- what run_squad.py does after training: answers by bert-predict, scores by
 * squad-score, the programs that lie beside this one. */
#ifndef TOOLS_BERT_TRAIN_ANSWERS_H
#define TOOLS_BERT_TRAIN_ANSWERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct answers_plan {
    const char *model;     /* folder of a checkpoint with vocab.txt */
    const char *questions; /* SQuAD's JSON */
    const char *output_dir;
    const char *rules;
    double null_threshold;
    int64_t seq_length;
    int64_t doc_stride;
    int64_t max_query_length;
    int64_t n_best;
    int64_t max_answer_length;
    int64_t threads;
    bool version_2;
    bool quiet;
    bool score; /* exact match and F1 on stdout */
};

/* predictions.json and what else bert-predict writes, in the output folder. */
int answers_make(const struct answers_plan *p, struct err *err);

#endif
