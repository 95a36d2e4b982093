/* bert-train-tuning.h -- a fine-tuning from its data to its answers, as the options of squad and classify say. */
#ifndef BERT_TRAIN_TUNING_H
#define BERT_TRAIN_TUNING_H

#include <stdbool.h>
#include <stdint.h>

#include "bert-train-session.h"
#include "cli.h"
#include "model/config.h"

struct tune_args {
    struct run_args run;
    const char *train_file;
    const char *eval_file;
    const char *config_file;
    const char *data_dir;
    const char *predict_file;
    const char *task;
    const char *rules;
    const char *cache_dir;
    const char *optimizer;
    const char *schedule;
    double null_threshold;
    int64_t n_best;
    int64_t max_answer_length;
    int64_t doc_stride;
    int64_t max_query_length;
    int64_t train_batch_size;
    int64_t accumulation;
    int64_t eval_batch_size;
    int64_t max_steps;
    int64_t max_seq_length;
    int64_t warmup_steps;
    int64_t freeze_layers;
    int64_t n_labels; /* 0 = those of the features */
    double learning_rate;
    double warmup_proportion;
    double epochs;
    bool bias_correction;
    bool clip_tensors;
    bool evaluate;
    bool predict;
    bool version_2;
    bool first_answer;
    bool skip_cache;
};

/* Those that both commands begin with. */
struct tune_args tune_defaults(void);

/* The whole command; its exit status. */
int tune(const struct tune_args *a, const struct tool *tool, enum bert_heads heads);

#endif
