/* train.h -- pretraining: steps of batch -> gradients -> sum over ranks -> LAMB -> log, checkpoint.
 *
 * A step takes the next accumulation x ranks micro batches of the data stream, so the model sees the
 * same rows on any number of ranks. Losses are means over the masked tokens (and labelled pairs) of
 * the whole step, not of each micro batch: how a step is split does not change what it computes. */
#ifndef RUN_TRAIN_H
#define RUN_TRAIN_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/comm.h"
#include "base/err.h"
#include "base/team.h"
#include "data/loader.h"
#include "model/bert.h"
#include "model/config.h"
#include "model/params.h"
#include "optim/lamb.h"
#include "run/checkpoint.h"
#include "run/log.h"
#include "run/tensorboard.h"

struct train_options {
    uint64_t seed;
    size_t micro_rows;   /* rows of a micro batch */
    size_t accumulation; /* micro batches of a rank in a step */
    struct schedule schedule;
    int64_t stop_at; /* the step after which this run ends */
    int64_t log_every;
    int64_t checkpoint_every;
    bool skip_checkpoint;
    size_t keep; /* newest checkpoints that stay */
    const char *output_dir;
    const char *init_checkpoint; /* weights to begin with, or NULL */
    bool resume;
    int64_t resume_number; /* of the checkpoint, -1 = the newest that is whole */
    bool phase2;
    int64_t phase1_end;      /* number of the checkpoint that phase 2 continues */
    const struct buf *vocab; /* for the checkpoints, or NULL */
    bool cased;
    volatile sig_atomic_t *stop; /* set by a signal: save and end after this step */
};

struct train {
    /* filled by the caller, borrowed */
    struct train_options options;
    struct bert_config config;
    struct loader *loader;
    struct comm *comm;
    struct team *team;
    struct log *log;
    struct tensorboard *board;
    /* train_open() */
    struct params_list list;
    float *params; /* arenas of the list */
    float *grads;
    struct lamb lamb;
    struct bert *bert;
    struct batch *batches; /* (accumulation) of the present step */
    struct checkpoint_state state;
    int64_t first_step; /* where this run began */
};

/* Memory and weights: new ones, those of init_checkpoint, or all of a checkpoint. Every rank then
 * has rank 0's. */
int train_open(struct train *t, struct err *err);

/* Steps until options.stop_at or a signal, with the last checkpoint. */
int train_run(struct train *t, struct err *err);

/* The present state as a checkpoint. */
struct checkpoint train_checkpoint(const struct train *t);

void train_close(struct train *t);

#endif
