/* checkpoint.h -- a training on disk: a Hugging Face folder with what resuming needs beside it.
 *
 *   ckpt_<number>/  model.safetensors  config.json  [vocab.txt tokenizer_config.json
 *                   special_tokens_map.json]  optimizer.safetensors  state.json  manifest.json
 *
 * A folder has its name only when all of it is on disk; the manifest tells later whether it still is
 * what was written. Nothing in it depends on the clock, threads or ranks, so a resumed training ends
 * in the same bytes as an uninterrupted one. schemas/checkpoint.md is the page of the format. */
#ifndef RUN_CHECKPOINT_H
#define RUN_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/config.h"
#include "model/params.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "tasks/task.h"

/* A part of the loss over the steps since the last log line. */
struct checkpoint_part {
    double loss_sum; /* means of steps, times the part's weight */
    double n_labels;
    double n_right;
};

/* What was or is told of a checkpoint. */
enum checkpoint_choice { CHOICE_UNKNOWN = -1, CHOICE_NO, CHOICE_YES }; /* unknown: an older one */

/* Where a training stands: all of it that is not a tensor. */
struct checkpoint_state {
    int64_t number; /* of the checkpoint; goes on counting in phase 2 */
    int64_t step;   /* done of this phase's schedule */
    bool phase2;
    uint64_t position; /* rows taken from the data stream */
    uint64_t data;     /* fingerprint of the data */
    uint64_t seed;
    struct schedule schedule;
    struct optimizer_settings optimizer;
    bool optimizer_known;   /* all of it: older checkpoints tell only its kind */
    int64_t rows_per_step;  /* of all ranks together */
    int64_t rows_per_micro; /* of one micro batch */
    int64_t n_frozen;       /* layers that stay as they are, -1 = an older checkpoint, not told */
    enum checkpoint_choice halves;        /* the large products are of bf16, not of fp32 */
    enum checkpoint_choice step_averages; /* losses are means over a step, not a micro batch */
    double loss_sum; /* over the n_losses steps with an update since the last log line */
    int64_t n_losses;
    struct checkpoint_part parts[TASK_PARTS];
    int64_t n_skipped; /* steps without update because something was not finite */
    int64_t n_skipped_in_row;
    int64_t best_number; /* of the checkpoint with the lowest loss on held-back shards, 0 = none */
    double best_loss;
};

/* What is saved and loaded; everything is borrowed. */
struct checkpoint {
    const struct bert_config *config;
    const struct params_list *list;
    float *params; /* arenas of the list */
    float *m;
    float *v;
    struct checkpoint_state state;
    const struct buf *vocab; /* content of vocab.txt, NULL = no tokenizer files */
    bool cased;
};

/* Writes <output_dir>/ckpt_<state.number>, replacing one of that number. On failure nothing of it
 * is left and older checkpoints are untouched. */
int checkpoint_save(const struct checkpoint *c, const char *output_dir, struct err *err);

/* ERR_FORMAT unless every file is there with the size and SHA-256 of the manifest. */
int checkpoint_verify(const char *folder, struct err *err);

/* Fills the arenas and c->state from a folder that was verified. */
int checkpoint_load(struct checkpoint *c, const char *folder, struct err *err);

/* "<output_dir>/ckpt_<number>"; free() it. */
char *checkpoint_path(const char *output_dir, int64_t number);

/* The numbers of the checkpoints in output_dir, rising; free() *numbers. A missing folder has none. */
int checkpoint_list(int64_t **numbers, size_t *n, const char *output_dir, struct err *err);

/* Whether the folder holds anything called ckpt*, of this program or another, finished ones only. */
int checkpoint_any(bool *any, const char *output_dir, struct err *err);

/* Removes all but the `keep` newest of the checkpoints with numbers over `above`; `best` stays. */
int checkpoint_rotate(const char *output_dir, size_t keep, int64_t above, int64_t best,
                      struct err *err);

/* ERR_USAGE naming every field in which the folder's config.json is not `config`. */
int checkpoint_check_config(const char *folder, const struct bert_config *config, struct err *err);

/* Removes what a killed run left unfinished. */
int checkpoint_sweep(const char *output_dir, struct err *err);

#endif
