/* bert-train-features.h -- data as they are published, SQuAD's JSON or GLUE's TSV, made into features
 * once and kept beside them.
 *
 *   train-v1.1.json --> train-v1.1.json_<digits>.hdf5, train-v1.1.json_<digits>.hdf5.sha256
 *
 * The digits are of the SHA-256 of all that decides the features: the data, the vocabulary, the
 * options. Other data or options are other files, and a file that is not what was written is made
 * again, so a cache is never trusted wrongly. */
#ifndef TOOLS_BERT_TRAIN_FEATURES_H
#define TOOLS_BERT_TRAIN_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "model/config.h"
#include "run/log.h"

/* How data become features. */
struct features_plan {
    enum bert_heads heads; /* SPANS: SQuAD's JSON; CLASSES: a file of a GLUE task */
    const char *task;      /* of GLUE */
    const char *set;       /* of the task, "train" or "dev"; NULL = the file's first line tells */
    const char *vocab;
    const char *rules;  /* of the tokenizer */
    const char *folder; /* for the features; NULL = beside the data */
    bool cased;
    bool version_2;    /* some questions have no answer */
    bool first_answer; /* the first of several answers, which are an error otherwise */
    int64_t seq_length;
    int64_t doc_stride;
    int64_t max_query_length;
    int64_t threads;
};

/* *path: `data` itself where it is a file of features, a folder or a list of weighted files; else the
 * features of it, made now unless they are there. free() it. *made tells whether it is another file
 * than data. */
int features_of(char **path, bool *made, const struct features_plan *plan, const char *data,
                struct log *log, struct err *err);

#endif
