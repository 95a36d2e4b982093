/* conversion.h -- a model of any system, read whole.
 *
 *   path --weight_files--> tensors --weight_map--> ours by name, config, vocabulary
 *        --export--> a folder */
#ifndef MODEL_CONVERSION_H
#define MODEL_CONVERSION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "formats/tensor_table.h"
#include "model/config.h"

/* Which of the model's parts above the encoder are there, whole. */
struct conversion_heads {
    bool pooler;
    bool masked; /* cls.predictions */
    bool next;   /* cls.seq_relationship */
    bool answer; /* qa_outputs */
    bool classifier;
    size_t n_labels; /* of the classifier */
};

struct conversion {
    struct bert_config config;
    struct float_tensor *tensors; /* (n) Hugging Face's names; the decoder is the word embeddings */
    size_t n;
    struct conversion_heads heads;
    struct buf vocab;    /* the content of vocab.txt; empty = there is none */
    struct buf report;   /* lines of what was taken, renamed, left out, guessed */
    struct buf warnings; /* lines of what no model should be like */
    struct json *source; /* the config.json as found, NULL = none */
    char *weights;       /* the file or prefix that was read */
    char *folder;        /* of the input, for the files of a tokenizer */
    char *unpacked;      /* a temporary folder */
};

/* config, vocab: files to use instead of those beside the weights; NULL = those. The vocabulary has
 * as many rows as the tokens of vocab.txt, or the config says, where the file's are more only by
 * padding. Without config the shapes tell. */
int conversion_read(struct conversion *c, const char *path, const char *config, const char *vocab,
                    struct err *err);

void conversion_release(struct conversion *c);

#endif
