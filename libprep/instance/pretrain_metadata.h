/* pretrain_metadata.h -- what a set of pretraining shards was made of, how, and what came out, as one
 * JSON file beside the set (schemas/pretrain-metadata.md). Equal runs write equal bytes. */
#ifndef INSTANCE_PRETRAIN_METADATA_H
#define INSTANCE_PRETRAIN_METADATA_H

#include "base/err.h"
#include "base/json.h"
#include "instance/intake.h"
#include "instance/pretrain.h"
#include "instance/stage.h"
#include "text/tokens.h"

/* One corpus and its inputs; the caller's. */
struct json *pretrain_metadata_corpus(const struct intake *in);

/* The vocabulary; the caller's. */
struct json *pretrain_metadata_vocab(const struct tokens_header *vocab);

/* Counts and back: the map's numbers are added to *c, which has room for lengths. */
struct json *pretrain_metadata_counts(const struct pretrain_counts *c);
void pretrain_metadata_add_counts(struct pretrain_counts *c, const struct json *map);

/* Writes the file; takes the list of corpora and the vocabulary. counts[0] is training, counts[1]
 * test; options is the JSON text of the command's options. */
int pretrain_metadata_save(const char *path, const char *options, struct json *vocab,
                           struct json *corpora, const struct pretrain_counts counts[2],
                           const struct stage *stage, struct err *err);

#endif
