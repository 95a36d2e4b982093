/* tokenizer_files.h -- what Hugging Face's tokenizers want to find beside vocab.txt. */
#ifndef MODEL_TOKENIZER_FILES_H
#define MODEL_TOKENIZER_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

/* The content of tokenizer_config.json. */
struct json *tokenizer_files_config(bool cased, size_t max_positions);

/* The content of special_tokens_map.json. */
struct json *tokenizer_files_special_tokens(void);

/* Whether a vocab.txt of n bytes is of a cased model: some token that is not in brackets has a
 * capital letter. */
bool tokenizer_files_cased(const char *vocab, size_t n);

#endif
