/* weight_files.h -- the weights that a path means, in whatever form they are.
 *
 *   a folder     model.safetensors or its shards, pytorch_model.bin or its shards, a TensorFlow
 *                checkpoint (by its file `checkpoint` or the only .index), else the only file of
 *                weights or the newest ckpt_N.pt
 *   a file       known by what is in it: safetensors, torch.save(), an archive of such a folder
 *   a prefix     of a TensorFlow checkpoint; its .index, .data-... and .meta files mean it too */
#ifndef FORMATS_WEIGHT_FILES_H
#define FORMATS_WEIGHT_FILES_H

#include "base/err.h"
#include "formats/tensor_table.h"

struct weight_files {
    const char *format; /* "safetensors": for messages */
    char *path;         /* of the file or prefix that was taken */
    char *folder;       /* what is beside the weights: config.json, vocab.txt... */
    char *unpacked;     /* a temporary folder, NULL = none */
    struct tensor_table table;
};

int weight_files_open(struct weight_files *w, const char *path, struct err *err);

/* The path of the first of the names (ended by NULL) that is a file beside the weights; free() it.
 * NULL when there is none. */
char *weight_files_beside(const struct weight_files *w, const char *const *names);

void weight_files_close(struct weight_files *w);

#endif
