/* export.h -- a model as a folder for Hugging Face's programs or for the PyTorch system's.
 *
 * Each file appears when it is whole, the weights last; ERR_USAGE, and nothing, where they would take the
 * place of those that were read. What the form has no place for is left out,
 * and said in c->report. */
#ifndef MODEL_EXPORT_H
#define MODEL_EXPORT_H

#include "base/err.h"
#include "model/conversion.h"

/* model.safetensors, config.json and the files of a tokenizer. The class in the config is the one
 * whose parts are there, so that from_pretrained() of it has nothing to complain of. */
int export_huggingface(struct conversion *c, const char *folder, struct err *err);

/* pytorch_model.bin ({"model": state_dict}), bert_config.json and vocab.txt: dense_act, the decoder
 * beside the word embeddings, the vocabulary padded with zeros to a multiple of 8, as these
 * programs want it. What they cannot be told, labels among it, is in the config.json and the files of
 * a tokenizer beside them, for readers of this project. */
int export_pytorch(struct conversion *c, const char *folder, struct err *err);

#endif
