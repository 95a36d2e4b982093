/* config.h -- the shape of a BERT: bert_config.json of google-research, config.json of Hugging Face. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

/* What stands on the encoder. */
enum bert_heads {
    HEADS_PRETRAINING, /* masked words and next sentences: also where a file tells nothing else */
    HEADS_SPANS,       /* answers to questions */
    HEADS_CLASSES      /* one class, or one score, a sequence */
};

enum { CONFIG_MAX_LABELS = 4096, CONFIG_LABELS_SIZE = 512 };

struct bert_config {
    size_t vocab_size;        /* V */
    size_t hidden_size;       /* H */
    size_t n_layers;          /* L, "num_hidden_layers" */
    size_t n_heads;           /* A, "num_attention_heads"; H is a multiple */
    size_t intermediate_size; /* F */
    size_t max_positions;     /* "max_position_embeddings" */
    size_t n_types;           /* "type_vocab_size" */
    double hidden_dropout;    /* "hidden_dropout_prob" */
    double attention_dropout; /* "attention_probs_dropout_prob" */
    double initializer_range; /* standard deviation of new weights */
    double layer_norm_eps;    /* 1e-12 where the file is silent */
    bool gelu_tanh;        /* "hidden_act": "gelu" = erf (false), "gelu_new"/"gelu_tanh" = true */
    enum bert_heads heads; /* "architectures" */
    size_t n_labels;       /* of HEADS_CLASSES; 1 = a score */
    /* "id2label": names of the classes, '|' between; "" = LABEL_0, LABEL_1, ... */
    char labels[CONFIG_LABELS_SIZE];
};

/* A file, or one of the names tiny mini small medium base large 1.2B (uncased sizes, whose
 * vocabulary size 30522 the caller may replace). Missing keys have BERT-Base's values; values that
 * make no model (heads that do not divide H, zero sizes, an unknown activation) are ERR_FORMAT. */
int config_load(struct bert_config *c, const char *path_or_name, struct err *err);

/* Whether it is one of those names (a file that is called so is "./tiny"). */
bool config_is_preset(const char *path_or_name);

/* How many fields of the two differ; `text` names them with both values: "hidden_size 128, not 256". */
size_t config_differences(char *text, size_t n, const struct bert_config *c,
                          const struct bert_config *other);

/* The name of class `i`, in `name` (n). */
void config_label(char *name, size_t n, const struct bert_config *c, size_t i);

/* The Hugging Face config.json of a BertForPreTraining, BertForQuestionAnswering or
 * BertForSequenceClassification. */
struct json *config_json(const struct bert_config *c);

#endif
