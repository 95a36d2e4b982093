/* bert-train-plan.h -- the options of pretraining and what they ask the trainer to do. */
#ifndef TOOLS_BERT_TRAIN_PLAN_H
#define TOOLS_BERT_TRAIN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "bert-train-session.h"
#include "data/stream.h"
#include "run/training.h"

struct pretrain_args {
    struct run_args run;
    const char *input_dir;
    const char *config_file;
    const char *packed; /* auto, or what the user says the shards are */
    const char *eval_dir;
    const char *optimizer;
    const char *schedule;
    const char *loss_average;
    int64_t train_batch_size;
    int64_t accumulation;
    int64_t max_steps;
    int64_t steps_this_run;
    int64_t max_seq_length;
    int64_t max_predictions;
    int64_t phase1_end_step;
    int64_t warmup_steps;
    int64_t tokens_per_batch;
    int64_t eval_interval;
    int64_t eval_batch_size;
    int64_t max_eval_steps;
    double learning_rate;
    double warmup_proportion;
    double decay_proportion;
    double mask_prob;
    bool benchmark;
    bool evaluate;
    bool dynamic_masking;
    bool deterministic;
    bool phase2;
};

/* Rows and micro batches of a step on n_ranks. */
int plan_batch(struct training_options *o, const struct pretrain_args *a, const struct stream *s,
               int n_ranks, struct err *err);

/* All the rest that is not in run_plan(). */
int plan_run(struct training_options *o, const struct pretrain_args *a, struct err *err);

#endif
