/* training.h -- what a training is made of: the plan of a run, and the weights, moments and place in the
 * data that it changes. start.h fills it, loop.h takes steps with it, train.h drives both.
 *
 * A step takes the next accumulation x ranks micro batches of the data stream, so the model sees the
 * same rows on any number of ranks. Its loss is the mean over the micro batches of each one's mean, as
 * in the originals, or the mean over the masked tokens (and labelled pairs) of the whole step: then
 * how a step is split does not change what it computes. */
#ifndef RUN_TRAINING_H
#define RUN_TRAINING_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/comm.h"
#include "base/err.h"
#include "base/team.h"
#include "data/loader.h"
#include "data/stream.h"
#include "model/arena.h"
#include "model/config.h"
#include "model/params.h"
#include "optim/optimizer.h"
#include "run/checkpoint.h"
#include "run/evaluate.h"
#include "run/log.h"
#include "run/tensorboard.h"
#include "tasks/task.h"

struct training_options {
    uint64_t seed;
    size_t micro_rows;   /* rows of a micro batch */
    size_t accumulation; /* micro batches of a rank in a step */
    struct schedule schedule;
    struct optimizer_settings optimizer;
    double max_seconds; /* end with a checkpoint before so much time is over; 0 = no limit */
    int64_t stop_at;    /* the step after which this run ends */
    uint64_t end; /* rows of the whole training, 0 = no end: the last step takes what is left */
    int64_t log_every;
    int64_t checkpoint_every;
    size_t keep;                      /* newest checkpoints that stay, and the best */
    int64_t evaluate_every;           /* steps between evaluations, 0 = at the end only */
    bool evaluate_epochs;             /* and after each epoch */
    size_t evaluate_rows;             /* of a batch */
    uint64_t evaluate_most;           /* batches, 0 = all */
    int64_t profile_from, profile_to; /* steps of this run, counted from 1; 0 = none */
    const char *profile_path;         /* of the trace */
    const char *output_dir;
    const char *init_checkpoint; /* weights to begin with, or NULL */
    size_t n_frozen;         /* layers that stay as they are, with the embeddings; 0 = nothing */
    int64_t resume_number;   /* of the checkpoint, -1 = the newest that is whole */
    int64_t phase1_end;      /* number of the checkpoint that phase 2 continues */
    const struct buf *vocab; /* for the checkpoints, or NULL */
    const struct half_kernel *halves; /* computes the large products; NULL: fp32 */
    volatile sig_atomic_t *stop;      /* set by a signal: save and end after this step */
    bool cased;                       /* that vocabulary */
    bool average_over_step;           /* losses; not over each micro batch */
    bool exchange_halves;             /* gradients travel between ranks with 16 bits */
    bool recompute;                   /* activations in the backward pass, to save memory */
    bool skip_checkpoint;
    bool evaluate; /* on the held-back rows */
    bool resume;
    bool resume_changed; /* also when the checkpoint was made with other options or data */
    bool phase2;
};

struct training {
    /* filled by the caller, borrowed */
    struct training_options options;
    struct bert_config config;
    struct stream *stream;
    struct loader *test_loader; /* of the held-back rows, with options.evaluate */
    struct comm *comm;
    struct team *team;
    struct log *log;
    struct tensorboard *board;
    /* training_init() */
    struct params_list list;
    struct arena memory;
    float *params; /* arenas of the list */
    float *grads;  /* zero between two steps */
    struct optimizer optimizer;
    /* train_open() */
    struct task *task;
    const struct batch *batches; /* (accumulation) of the present step */
    struct batch test_batch;
    struct checkpoint_state state;
    int64_t first_step; /* where this run began */
    double began;       /* seconds, monotonic: a log has no clock on other ranks than the first */
};

/* The largest batch of training and evaluation. */
struct bert_room training_room(const struct training *t);

/* New memory: all weights and moments 0. The caller's fields are filled. */
void training_init(struct training *t);

/* The present state as a checkpoint. */
struct checkpoint training_checkpoint(const struct training *t);

void training_release(struct training *t);

#endif
