/* text_shards.h -- sentences -> text shards, as the originals cut their corpus before the instances are
 * made: PREFIX_training_<i>.txt and PREFIX_test_<i>.txt, a sentence a line, an empty line behind each
 * document.
 *
 *      open --> add a path, add a path, ... --> write
 *
 * The text lies in an unnamed temporary file; in memory are 12 bytes a document. */
#ifndef INSTANCE_TEXT_SHARDS_H
#define INSTANCE_TEXT_SHARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/scratch.h"
#include "instance/balance.h"
#include "instance/stage.h"
#include "text/unicode.h"

struct text_shards {
    struct scratch text; /* the documents, as they will be written */
    uint64_t *ends;      /* (n_documents) where each ends in the text */
    uint32_t *counts;    /* (n_documents) sentences */
    size_t n_documents;
    size_t cap;
    uint64_t n_sentences;
    uint32_t n_open; /* sentences of the document that is being read */
    struct unicode *unicode;
    struct balance balance;
};

/* Temporary files go to `folder`. */
int text_shards_open(struct text_shards *t, const char *folder, struct err *err);

/* Reads sentences, a line each; a line of white space and the end of a file end a document. Lines end
 * at \n only, so that what is written is what was read. */
int text_shards_add(struct text_shards *t, const char *path, struct err *err);

/* Distributes the documents, which are in t->balance then, and writes all shards to the stage. */
int text_shards_write(struct text_shards *t, struct stage *stage, const char *prefix,
                      size_t n_training, size_t n_test, double test_fraction, struct err *err);

/* Whether a set with this prefix may have a file of that name. */
bool text_shards_is_name(const char *prefix, const char *name);

void text_shards_close(struct text_shards *t);

#endif
