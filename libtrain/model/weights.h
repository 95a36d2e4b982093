/* weights.h -- parameters from the files of any system, and to and from our own. */
#ifndef MODEL_WEIGHTS_H
#define MODEL_WEIGHTS_H

#include <stddef.h>

#include "base/err.h"
#include "model/params.h"

/* What a file did not have or had more of. */
struct weights_report {
    size_t n_missing;  /* tensors of the heads (not of the encoder) that keep what params held */
    char missing[256]; /* their names, cut when long */
    size_t n_padding;  /* rows of a padded vocabulary that were left out */
};

/* Fills the arena of `list` from `path`: whatever formats/weight_files.h understands (Hugging Face,
 * PyTorch, TensorFlow) under whatever names model/weight_map.h knows.
 *
 * Tensors the model has no place for are ignored. A missing tensor of the encoder is ERR_FORMAT,
 * and so are a number that is not finite and a wrong shape, except that a vocabulary padded to a
 * multiple of 64 or less is cut to the model's. */
int weights_load(float *params, struct weights_report *report, const struct params_list *list,
                 const char *path, struct err *err);

/* Arenas to and from one file: each of the n arenas with all tensors of the list, their names after
 * the prefix of the arena ("" or "exp_avg."). Reading wants every tensor, in its exact shape. */
struct weights_arena {
    const char *prefix;
    float *floats;
};
int weights_save(const char *path, const struct params_list *list,
                 const struct weights_arena *arenas, size_t n, struct err *err);
int weights_restore(const char *path, const struct params_list *list,
                    const struct weights_arena *arenas, size_t n, struct err *err);

#endif
