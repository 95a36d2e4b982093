/* foreign_name.h -- what the tensors of other systems are called here: by Hugging Face's names.
 *
 *   bert/encoder/layer_3/output/dense/kernel           TensorFlow 1; to be transposed
 *   encoder/layer_with_weights-7/_output_dense/kernel/.ATTRIBUTES/VARIABLE_VALUE
 *   encoder/_transformer_layers/3/_output_dense/...    TensorFlow 2, the model garden's BERT
 *   module.bert.encoder.layer.3.output.dense.weight    DataParallel
 *   encoder.layer.3.output.LayerNorm.gamma             a bare BertModel of 2018
 *   bert.pooler.dense_act.weight                       the PyTorch system */
#ifndef MODEL_FOREIGN_NAME_H
#define MODEL_FOREIGN_NAME_H

#include <stdbool.h>

#include "model/params.h"

enum { WEIGHT_NAME_SIZE = sizeof((struct tensor *)0)->name };

enum name_meaning {
    NAME_OF_WEIGHT,
    NAME_OF_SLOT,  /* a moment of an optimizer or a counter */
    NAME_OF_COPY,  /* the decoder, which is the word embeddings */
    NAME_OF_OTHER, /* that no BERT has */
};

/* Where the file may have two dimensions, (heads, features of a head), for one. */
enum name_heads { HEADS_NONE, HEADS_OUT, HEADS_IN };

struct foreign_name {
    char here[WEIGHT_NAME_SIZE];
    bool is_transposed; /* in the file: (in, out) */
    bool is_spare;      /* another of that name, where there is one, is meant */
    enum name_heads heads;
};

/* Fills *n for a weight. */
enum name_meaning foreign_name_read(struct foreign_name *n, const char *name);

#endif
