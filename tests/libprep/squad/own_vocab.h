/* own_vocab.h -- a small vocabulary for tests: ids are easy to read. */
#ifndef TESTS_OWN_VOCAB_H
#define TESTS_OWN_VOCAB_H

#include <stdio.h>
#include <unistd.h>

#include "text/tokenizer.h"

/* [PAD] 0, [UNK] 1, [CLS] 2, [SEP] 3, [MASK] 4, a to z 5 to 30, ##x 31, ' 32, ( 33, . 34 */
static inline struct tokenizer *own_tokenizer(const char *path)
{
    const struct tokenizer_options options = {.rules = "hf"};
    struct err err = {0};
    FILE *f = fopen(path, "wb");
    struct tokenizer *t;

    if (!f)
        return NULL;
    fputs("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n", f);
    for (char c = 'a'; c <= 'z'; c++)
        fprintf(f, "%c\n", c);
    fputs("##x\n'\n(\n.\n", f);
    fclose(f);
    t = tokenizer_open(path, &options, &err);
    unlink(path);
    return t;
}

#endif
