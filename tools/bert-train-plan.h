/* bert-train-plan.h -- the options of pretraining and what they ask the trainer to do. */
#ifndef TOOLS_BERT_TRAIN_PLAN_H
#define TOOLS_BERT_TRAIN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "data/stream.h"
#include "run/train.h"

struct pretrain_args {
    const char *input_dir;
    const char *config_file;
    const char *output_dir;
    const char *init_checkpoint;
    const char *vocab;
    const char *packed; /* auto, or what the user says the shards are */
    const char *precision;
    const char *isa;
    const char *json_summary;
    const char *eval_dir;
    const char *optimizer;
    const char *schedule;
    const char *loss_average;
    const char *max_time;
    const char *profile_steps;
    const char *profile_dir;
    int64_t train_batch_size;
    int64_t accumulation;
    int64_t max_steps;
    int64_t steps_this_run;
    int64_t max_seq_length;
    int64_t max_predictions;
    int64_t steps_per_checkpoint;
    int64_t resume_step;
    int64_t phase1_end_step;
    int64_t seed;
    int64_t threads;
    int64_t keep;
    int64_t warmup_steps;
    int64_t tokens_per_batch;
    int64_t eval_interval;
    int64_t eval_batch_size;
    int64_t max_eval_steps;
    double learning_rate;
    double warmup_proportion;
    double decay_proportion;
    double weight_decay;
    double beta1, beta2, epsilon;
    double max_grad_norm;
    double log_freq;
    double mask_prob;
    bool autocast;
    bool benchmark;
    bool evaluate;
    bool dynamic_masking;
    bool recompute;
    bool exchange_halves;
    bool profile;
    bool deterministic;
    bool do_train;
    bool cased;
    bool resume;
    bool phase2;
    bool skip_checkpoint;
    bool log_memory;
    bool tensorboard;
    bool quiet;
};

/* Rows and micro batches of a step on n_ranks. */
int plan_batch(struct train_options *o, const struct pretrain_args *a, const struct stream *s,
               int n_ranks, struct err *err);

/* All the rest, except vocab, stop and profile_path. */
int plan_run(struct train_options *o, const struct pretrain_args *a, struct err *err);

#endif
