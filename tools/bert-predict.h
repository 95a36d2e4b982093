/* bert-predict.h -- what the tasks of bert-predict share: a model, its tokenizer, a batch to fill.
 *
 *   folder --> config, weights, vocabulary --> predict_open()
 *   ids --predict_put()--> batch --predict_forward()--> output of the encoder (T, H) --> the task */
#ifndef TOOLS_BERT_PREDICT_H
#define TOOLS_BERT_PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "base/team.h"
#include "cli.h"
#include "data/batch.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/packed.h"
#include "model/params.h"
#include "model/weights.h"
#include "text/tokenizer.h"

/* The tasks, each with a file of its own. */
int fill_mask_main(int argc, char **argv);
int embed_main(int argc, char **argv);
int classify_main(int argc, char **argv);
int squad_main(int argc, char **argv);

/* Options of every task: rows of its table. */
struct predict_options {
    const char *model, *config, *vocab, *rules;
    const char *precision;
    bool cased, lower_case, autocast;
    int64_t batch_tokens;
    int64_t threads;
    bool quiet;
};

#define PREDICT_DEFAULTS                                                                           \
    {                                                                                              \
        .rules = "hf", .precision = "fp32", .batch_tokens = 2048                                   \
    }

/* clang-format off */
#define PREDICT_MODEL_OPTIONS(o)                                                                   \
    OPT_TEXT('m', "model", &(o)->model, "DIR",                                                     \
             "checkpoint or folder of weights in any form that bert-convert reads, with "          \
             "config.json (or bert_config.json) and vocab.txt; or a file of weights beside them",  \
             .alias = "init_checkpoint"),                                                          \
    OPT_TEXT(0, "config", &(o)->config, "FILE", "instead of the model's config.json",              \
             .alias = "config_file bert_config_file"),                                             \
    OPT_TEXT('v', "vocab", &(o)->vocab, "FILE", "instead of the model's vocab.txt",                \
             .alias = "vocab_file"),                                                               \
    OPT_FLAG('c', "cased", &(o)->cased,                                                            \
             "keep case and accents; without it the model's tokenizer_config.json tells"),         \
    OPT_FLAG(0, "do-lower-case", &(o)->lower_case,                                                 \
             "lower-case and take accents away, whatever that file tells", .alias = "uncased"),    \
    OPT_INT(0, "batch-tokens", &(o)->batch_tokens, 1, 1 << 20,                                     \
            "tokens computed at once; at least as many as the model has positions"),               \
    OPT_CHOICE(0, "precision", &(o)->precision, "fp32|bf16",                                       \
               "numbers that are multiplied; bf16 is fp32 where the CPU multiplies those faster"),     \
    OPT_FLAG(0, "autocast", &(o)->autocast, "the same as --precision bf16"),                       \
    OPT_THREADS(&(o)->threads),                                                                    \
    OPT_QUIET(&(o)->quiet)
/* clang-format on */

struct predict_model {
    char *name; /* as the user called it */
    struct bert_config config;
    struct params_list list;
    float *params;
    const struct half_kernel *halves; /* NULL: fp32 */
    struct packed packed;             /* of predict_packed() */
    struct weights_report report;
    struct tokenizer *tokenizer;
    struct tokenizer_scratch *scratch;
    struct team *team;
    struct encoder *encoder;
    struct batch batch; /* being filled */
    size_t max_tokens;  /* of a batch */
};

/* Step by step, so that a task may look into its input in between: the config; the vocabulary; the
 * weights of a model with those heads (config.n_labels is set), memory and threads. */
int predict_open(struct predict_model *m, const struct predict_options *o, struct err *err);
int predict_open_tokenizer(struct predict_model *m, const struct predict_options *o,
                           const struct tool *tool, struct err *err);
int predict_load(struct predict_model *m, const struct predict_options *o, enum bert_heads heads,
                 struct err *err);
void predict_close(struct predict_model *m);

/* ERR_FORMAT when the file lacks a tensor whose name begins so; `what` is what it is then without. */
int predict_needs(const struct predict_model *m, const char *start, const char *what,
                  struct err *err);

/* The vocabulary the options name, or that of the model; free it. */
char *predict_vocab_path(const struct predict_options *o);

/* "fp32" or "bf16": what is multiplied, whatever was asked for. */
const char *predict_precision(const struct predict_model *m);

/* Whether the batch has room for a sequence of n tokens; an empty one has for config.max_positions. */
bool predict_has_room(const struct predict_model *m, size_t n);

/* Appends a sequence of n tokens, for which there is room; the first n_first are segment 0. */
void predict_put(struct predict_model *m, const int32_t *ids, size_t n, size_t n_first);

/* The weights in halves for those who compute without libtrain/tasks, made the first time; NULL: fp32. */
const struct packed *predict_packed(struct predict_model *m);

/* For tasks without a head of their own in libtrain/tasks: computes the batch by the encoder, which
 * is opened the first time; the output (T, H) lives until the next call. */
const float *predict_forward(struct predict_model *m);

/* How fast it was, as the original says it: a line for people unless quiet, and records in dllogger's
 * format when path is not NULL. */
struct predict_speed {
    const char *path;
    size_t n_samples, n_features; /* questions and windows, or examples */
    double seconds;               /* computing */
    const char *precision;        /* as predict_precision() tells it */
    struct json *result;          /* how good it was: one more record; taken; NULL = not known */
};
int predict_report(struct predict_speed *s, const struct tool *tool,
                   const struct predict_options *o, struct err *err);

#endif
