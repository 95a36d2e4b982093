/* config.h -- the shape of a BERT: bert_config.json of google-research, config.json of Hugging Face. */
#ifndef MODEL_CONFIG_H
#define MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/json.h"

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
    bool gelu_tanh; /* "hidden_act": "gelu" = erf (false), "gelu_new"/"gelu_tanh" = true */
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

/* The Hugging Face config.json of a BertForPreTraining. */
struct json *config_json(const struct bert_config *c);

#endif
