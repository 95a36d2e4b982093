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
#include "base/team.h"
#include "cli.h"
#include "data/batch.h"
#include "model/config.h"
#include "model/encoder.h"
#include "model/params.h"
#include "model/weights.h"
#include "text/tokenizer.h"

/* The tasks, each with a file of its own. */
int fill_mask_main(int argc, char **argv);
int embed_main(int argc, char **argv);

/* Options of every task: rows of its table. */
struct predict_options {
    const char *model, *config, *vocab, *rules;
    bool cased, lower_case;
    int64_t batch_tokens;
    int64_t threads;
    bool quiet;
};

#define PREDICT_DEFAULTS                                                                           \
    {                                                                                              \
        .rules = "hf", .batch_tokens = 2048                                                        \
    }

/* clang-format off */
#define PREDICT_MODEL_OPTIONS(o)                                                                   \
    OPT_TEXT('m', "model", &(o)->model, "DIR",                                                     \
             "checkpoint or Hugging Face folder: model.safetensors, config.json, vocab.txt; or "   \
             "a .safetensors file beside the other two",                                           \
             .alias = "init_checkpoint bert_model"),                                               \
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
    OPT_THREADS(&(o)->threads),                                                                    \
    OPT_QUIET(&(o)->quiet)
/* clang-format on */

struct predict_model {
    char *name; /* as the user called it */
    struct bert_config config;
    struct params_list list;
    float *params;
    struct weights_report report;
    struct tokenizer *tokenizer;
    struct tokenizer_scratch *scratch;
    struct team *team;
    struct encoder *encoder;
    struct batch batch; /* being filled */
    size_t max_tokens;  /* of a batch */
};

int predict_open(struct predict_model *m, const struct predict_options *o, struct err *err);
void predict_close(struct predict_model *m);

/* Whether the batch has room for a sequence of n tokens; an empty one has for config.max_positions. */
bool predict_has_room(const struct predict_model *m, size_t n);

/* Appends a sequence of n tokens, for which there is room. */
void predict_put(struct predict_model *m, const int32_t *ids, const uint8_t *segments, size_t n);

/* Computes the batch; its output (T, H) lives until the next call. */
const float *predict_forward(struct predict_model *m);

#endif
