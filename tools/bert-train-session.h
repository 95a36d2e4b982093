/* bert-train-session.h -- what every command of bert-train has: its options, and what it opens, says
 * and closes around a training.
 *
 *   session_begin    ranks, log            then the command opens its data, model and plan
 *   session_run      memory, weights, steps
 *   session_finish   the message of an error, to the other ranks too; everything closed */
#ifndef TOOLS_BERT_TRAIN_SESSION_H
#define TOOLS_BERT_TRAIN_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/comm.h"
#include "base/err.h"
#include "base/team.h"
#include "cli.h"
#include "data/loader.h"
#include "data/stream.h"
#include "run/log.h"
#include "run/tensorboard.h"
#include "run/training.h"

/* The options that all commands have. */
struct run_args {
    const char *output_dir;
    const char *init_checkpoint;
    const char *vocab;
    const char *precision;
    const char *isa;
    const char *json_summary;
    const char *max_time;
    const char *profile_steps;
    const char *profile_dir;
    int64_t steps_per_checkpoint;
    int64_t keep;
    int64_t resume_step;
    int64_t seed;
    int64_t threads;
    double weight_decay;
    double beta1, beta2, epsilon;
    double max_grad_norm;
    double log_freq;
    bool autocast;
    bool cased;
    bool skip_checkpoint;
    bool resume;
    bool resume_changed;
    bool recompute;
    bool exchange_halves;
    bool tensorboard;
    bool profile;
    bool log_memory;
    bool do_train;
    bool quiet;
};

/* Their defaults, those of the originals. */
struct run_args run_defaults(void);

/* clang-format off */
/* Their rows of an option table, output_dir excepted; r is a struct run_args. */
#define RUN_OPTIONS(r)                                                                             \
    OPT_TEXT(0, "init_checkpoint", &(r).init_checkpoint, "PATH",                                   \
             "weights to begin with: a folder or .safetensors file, names of Hugging Face or of "  \
             "the PyTorch system"),                                                                \
    OPT_TEXT(0, "vocab", &(r).vocab, "FILE",                                                       \
             "vocabulary to put into the checkpoints, so that tokenizers load from them",          \
             .alias = "vocab_file"),                                                               \
    OPT_FLAG(0, "cased", &(r).cased, "that vocabulary keeps case and accents"),                    \
    OPT_REAL(0, "weight_decay", &(r).weight_decay, 0, 10,                                          \
             "of weights, not biases and LayerNorms"),                                             \
    OPT_REAL(0, "beta1", &(r).beta1, 0, 0.999999, "decay of the first moments"),                   \
    OPT_REAL(0, "beta2", &(r).beta2, 0, 0.9999999, "decay of the second moments"),                 \
    OPT_REAL(0, "epsilon", &(r).epsilon, 0, 1, "added to the root of the second moments"),         \
    OPT_REAL(0, "max_grad_norm", &(r).max_grad_norm, 0, 1e9,                                       \
             "largest norm of all gradients together, 0 = any"),                                   \
    OPT_TEXT(0, "max_time", &(r).max_time, "H:M:S",                                                \
             "end with a checkpoint before this run has taken so long"),                           \
    OPT_INT(0, "num_steps_per_checkpoint", &(r).steps_per_checkpoint, 1, 1000000000,               \
            "steps between checkpoints", .alias = "save_checkpoints_steps"),                       \
    OPT_INT(0, "keep_checkpoints", &(r).keep, 1, 1000000, "newest checkpoints that stay",          \
            .alias = "keep_checkpoint_max"),                                                       \
    OPT_FLAG(0, "skip_checkpoint", &(r).skip_checkpoint, "write none"),                            \
    OPT_FLAG(0, "resume_from_checkpoint", &(r).resume,                                             \
             "continue the newest whole checkpoint of the output folder"),                         \
    OPT_INT(0, "resume_step", &(r).resume_step, -1, 1000000000,                                    \
            "number of the checkpoint to continue, -1 = the newest"),                              \
    OPT_FLAG(0, "resume_changed", &(r).resume_changed,                                             \
             "also when it was made with other options or data"),                                  \
    OPT_INT(0, "seed", &(r).seed, 0, 1e15, "of new weights, the order of rows and dropout"),       \
    OPT_CHOICE(0, "precision", &(r).precision, "fp32|bf16",                                        \
               "numbers that are multiplied: weights, moments and sums are fp32 with both"),       \
    OPT_FLAG(0, "autocast", &(r).autocast, "the same as --precision bf16"),                        \
    OPT_CHOICE(0, "isa", &(r).isa, "auto|amx|avx512|avx2|blas|plain",                              \
               "instructions to multiply with, when results must be those of another machine"),    \
    OPT_TEXT(0, "json_summary", &(r).json_summary, "FILE",                                         \
             "records in dllogger format; output_dir/dllogger.json when not given",                \
             .alias = "dllog_path"),                                                               \
    OPT_REAL(0, "log_freq", &(r).log_freq, 1, 1e9, "steps between log lines",                      \
             .alias = "display_loss_steps"),                                                       \
    OPT_FLAG(0, "enable_tensorboard_logging", &(r).tensorboard,                                    \
             "loss and speed for TensorBoard, in output_dir/worker_0"),                            \
    OPT_FLAG(0, "checkpoint_activations", &(r).recompute,                                          \
             "keep the inputs of layers only and compute the rest again: less memory, same "       \
             "result"),                                                                            \
    OPT_FLAG(0, "exchange_halves", &(r).exchange_halves,                                           \
             "sum gradients over ranks with 16 bits a number on the way (bfloat16)",               \
             .alias = "allreduce_post_accumulation_fp16"),                                         \
    OPT_SWITCH(0, "profile", &(r).profile,                                                         \
               "tell the time of every operation, and leave a trace for chrome://tracing"),        \
    OPT_TEXT(0, "profile_steps", &(r).profile_steps, "X:Y",                                        \
             "steps of this run to profile, the first and the last"),                              \
    OPT_TEXT(0, "tensorboard_logdir", &(r).profile_dir, "DIR",                                     \
             "where trace.json goes; output_dir when not given"),                                  \
    OPT_SWITCH(0, "log_memory_usage", &(r).log_memory, "log the most memory used, at the end"),    \
    OPT_THREADS(&(r).threads),                                                                     \
    OPT_QUIET(&(r).quiet),                                                                         \
    OPT_FLAG(0, "do_train", &(r).do_train, "train, as this command does without it too"),          \
    OPT_NOTE_VALUE("local_rank", "mpirun tells the ranks"),                                        \
    OPT_NOTE("use_env", "mpirun tells the ranks"),                                                 \
    OPT_NOTE("horovod", "mpirun tells the ranks", .alias = "use_horovod"),                         \
    OPT_NOTE("horovod_hierarchical_allreduce", "MPI chooses the ways of messages"),                \
    OPT_NOTE("enable_scoped_allocator", "gradients are always summed in large pieces"),            \
    OPT_NOTE("no_cuda", "training runs on CPUs", .alias = "cpu_only"),                             \
    OPT_NOTE("use_habana", "training runs on CPUs"),                                               \
    OPT_NOTE("fp16", "for accelerators: --precision bf16 is the fast one here"),                   \
    OPT_NOTE("amp", "--precision tells the numbers"),                                              \
    OPT_NOTE_VALUE("loss_scale", "neither fp32 nor bf16 needs loss scaling"),                      \
    OPT_NOTE_VALUE("bf16_config_path", "--precision tells the numbers"),                           \
    OPT_NOTE_VALUE("use_lazy_mode", "for accelerators"),                                           \
    OPT_NOTE_VALUE("use_hpu_graphs", "for accelerators"),                                          \
    OPT_NOTE("use_torch_compile", "the program is compiled"),                                      \
    OPT_NOTE("compiled_autograd", "the program is compiled"),                                      \
    OPT_NOTE_VALUE("save_summary_steps", "summaries are written with the log lines"),              \
    OPT_NOTE_VALUE("iterations_per_loop", "for accelerators"),                                     \
    OPT_NOTE("verbose_logging", "the log has everything")
/* clang-format on */

/* Everything a run opens. */
struct session {
    const struct run_args *a;
    const struct tool *tool;
    struct comm comm;
    struct team *team;
    struct stream stream;
    struct loader test_loader;
    struct log log;
    struct tensorboard board;
    struct buf vocab;
    char *trace; /* path */
    struct training training;
};

/* Ranks and log open, the vocabulary is read. */
int session_begin(struct session *s, struct err *err);

/* What the common options ask the trainer to do, but for what only a session has; picks the kernels of
 * fp32 for the process. */
int run_plan(struct training_options *o, const struct run_args *a, struct err *err);

/* The same with all of it. */
int session_plan(struct session *s, struct err *err);

/* The lines of --vocab; 0 without it. */
size_t session_vocab_size(const struct session *s);

/* ERR_FORMAT when the vocabulary has more tokens than the model, a warning when it has fewer and the rest is
 * no padding. */
int session_check_vocab(struct session *s, struct err *err);

/* Trains; data, config and plan of the training are ready. `say` tells what is trained on. */
int session_run(struct session *s, void (*say)(struct session *s), struct err *err);

/* The exit status; closes everything. */
int session_finish(struct session *s, int rc, struct err *err);

#endif
