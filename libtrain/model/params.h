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
    bool frozen;    /* not learnt: see params_freeze() */
    bool decay;     /* weight decay and trust ratio apply (not biases, not LayerNorm) */
    enum { INIT_NORMAL, INIT_ZERO, INIT_ONE } init;
};

/* Where the tensors outside the layers begin in an arena, in floats. Weights are (out, in). Only those
 * of the config's heads have a place. */
struct params_shared {
    size_t word;                               /* (V, H) also the decoder of the masked-LM head */
    size_t position;                           /* (P, H) */
    size_t type;                               /* (types, H) */
    size_t norm_w, norm_b;                     /* (H) after the sum of the three */
    size_t pooler_w, pooler_b;                 /* (H, H) (H) */
    size_t decoder_b;                          /* (V) */
    size_t transform_w, transform_b;           /* (H, H) (H) */
    size_t transform_norm_w, transform_norm_b; /* (H) */
    size_t next_w, next_b;                     /* (2, H) (2) */
    size_t span_w, span_b;                     /* (2, H) (2) where answers begin and end */
    size_t class_w, class_b;                   /* (C, H) (C) C = n_labels of the config */
};

/* The same for one layer. */
struct params_layer {
    size_t query_w, query_b;                 /* (H, H) (H) */
    size_t key_w, key_b;                     /* (H, H) (H) */
    size_t value_w, value_b;                 /* (H, H) (H) */
    size_t attended_w, attended_b;           /* (H, H) (H) "attention.output.dense" */
    size_t attended_norm_w, attended_norm_b; /* (H) */
    size_t inner_w, inner_b;                 /* (F, H) (F) "intermediate.dense" */
    size_t outer_w, outer_b;                 /* (H, F) (H) "output.dense" */
    size_t outer_norm_w, outer_norm_b;       /* (H) */
};

/* All tensors of the model in file order, and the arena they need. */
struct params_list {
    struct tensor *tensors; /* (n) */
    size_t n;
    size_t n_floats; /* of an arena, the gaps for alignment included */
    size_t n_params; /* numbers that are learnt */
    size_t n_frozen; /* layers: see params_freeze() */
    struct params_shared shared;
    struct params_layer *layers; /* (L) */
};

void params_list_init(struct params_list *l, const struct bert_config *c);
void params_list_release(struct params_list *l);

/* The embeddings and the first n_layers layers are not learnt. */
void params_freeze(struct params_list *l, size_t n_layers);

/* NULL when there is none. */
const struct tensor *params_find(const struct params_list *l, const char *name);

/* Fills an arena of l->n_floats with new weights: normal(0, initializer_range), bias 0, LayerNorm 1,
 * the gaps 0. A function of (seed, tensor name, index) alone.
 * Every weight is drawn so, as google-research/bert does and the paper says; the PyTorch system
 * leaves three kinds (intermediate, pooler, transform) at PyTorch's uniform default by accident. */
void params_init(float *arena, const struct params_list *l, const struct bert_config *c,
                 uint64_t seed);

/* The name a tensor may have in a file of the PyTorch system (`dense_act`, gamma/beta) or of older
 * Hugging Face versions, as the name used here; writes at most n bytes. */
void params_modern_name(char *name, size_t n, const char *file_name);

#endif
