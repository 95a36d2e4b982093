/* params.h -- every tensor of the model, from one table.
 *
 * The table names each tensor (Hugging Face name), its shape and whether it decays; everything that
 * walks over tensors (placing, initialising, saving, exchanging, stepping) walks over params_list. */
#ifndef MODEL_PARAMS_H
#define MODEL_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/config.h"

/* One tensor of one model: a place in an arena, the same for params, gradients and moments. */
struct tensor {
    char name[96]; /* "bert.encoder.layer.3.attention.self.query.weight" */
    size_t rows;   /* 1 for vectors */
    size_t cols;
    bool is_vector; /* stored with one dimension */
    size_t at;      /* offset in floats into the arena; 16-float aligned */
    bool decay;     /* weight decay and trust ratio apply (not biases, not LayerNorm) */
    enum { INIT_NORMAL, INIT_ZERO, INIT_ONE } init;
};

/* All tensors of the model in file order, and the arena they need. */
struct params_list {
    struct tensor *tensors; /* (n) */
    size_t n;
    size_t n_floats; /* of an arena, the gaps for alignment included */
    size_t n_params; /* numbers that are learnt */
};

void params_list_init(struct params_list *l, const struct bert_config *c);
void params_list_release(struct params_list *l);

/* NULL when there is none. */
const struct tensor *params_find(const struct params_list *l, const char *name);

/* Fills an arena of l->n_floats with new weights: normal(0, initializer_range), bias 0, LayerNorm 1.
 * A function of (seed, tensor name, index) alone. */
void params_init(float *arena, const struct params_list *l, const struct bert_config *c,
                 uint64_t seed);

/* The name a tensor may have in a file of the PyTorch system (`dense_act`, gamma/beta) or of older
 * Hugging Face versions, as the name used here; writes at most n bytes. */
void params_modern_name(char *name, size_t n, const char *file_name);

#endif
