/* params.c -- the one table of tensors, unrolled over the layers of a config.
 *
 * A row says where the tensor's offset is kept (for kernels) and what the tensor is (for everybody
 * else), so a tensor is added in one place. */
#include "model/params.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"

enum { ALIGN_FLOATS = 16 }; /* a cache line */

enum dim { ONE, TWO, VOCAB, HIDDEN, INNER, POSITIONS, TYPES, LABELS };
enum kind { WEIGHT, BIAS, NORM_WEIGHT, NORM_BIAS };

struct row {
    const char *name;
    size_t member; /* offset of the place in params_shared or params_layer */
    enum dim rows, cols;
    enum kind kind;
};

#define SHARED(m) offsetof(struct params_shared, m)
#define LAYER(m) offsetof(struct params_layer, m)

static const struct row before_layers[] = {
    {"bert.embeddings.word_embeddings.weight", SHARED(word), VOCAB, HIDDEN, WEIGHT},
    {"bert.embeddings.position_embeddings.weight", SHARED(position), POSITIONS, HIDDEN, WEIGHT},
    {"bert.embeddings.token_type_embeddings.weight", SHARED(type), TYPES, HIDDEN, WEIGHT},
    {"bert.embeddings.LayerNorm.weight", SHARED(norm_w), ONE, HIDDEN, NORM_WEIGHT},
    {"bert.embeddings.LayerNorm.bias", SHARED(norm_b), ONE, HIDDEN, NORM_BIAS},
};

/* Behind "bert.encoder.layer.<l>." */
static const struct row in_layer[] = {
    {"attention.self.query.weight", LAYER(query_w), HIDDEN, HIDDEN, WEIGHT},
    {"attention.self.query.bias", LAYER(query_b), ONE, HIDDEN, BIAS},
    {"attention.self.key.weight", LAYER(key_w), HIDDEN, HIDDEN, WEIGHT},
    {"attention.self.key.bias", LAYER(key_b), ONE, HIDDEN, BIAS},
    {"attention.self.value.weight", LAYER(value_w), HIDDEN, HIDDEN, WEIGHT},
    {"attention.self.value.bias", LAYER(value_b), ONE, HIDDEN, BIAS},
    {"attention.output.dense.weight", LAYER(attended_w), HIDDEN, HIDDEN, WEIGHT},
    {"attention.output.dense.bias", LAYER(attended_b), ONE, HIDDEN, BIAS},
    {"attention.output.LayerNorm.weight", LAYER(attended_norm_w), ONE, HIDDEN, NORM_WEIGHT},
    {"attention.output.LayerNorm.bias", LAYER(attended_norm_b), ONE, HIDDEN, NORM_BIAS},
    {"intermediate.dense.weight", LAYER(inner_w), INNER, HIDDEN, WEIGHT},
    {"intermediate.dense.bias", LAYER(inner_b), ONE, INNER, BIAS},
    {"output.dense.weight", LAYER(outer_w), HIDDEN, INNER, WEIGHT},
    {"output.dense.bias", LAYER(outer_b), ONE, HIDDEN, BIAS},
    {"output.LayerNorm.weight", LAYER(outer_norm_w), ONE, HIDDEN, NORM_WEIGHT},
    {"output.LayerNorm.bias", LAYER(outer_norm_b), ONE, HIDDEN, NORM_BIAS},
};

/* The heads of a model stand after its layers. */
static const struct row of_pretraining[] = {
    {"bert.pooler.dense.weight", SHARED(pooler_w), HIDDEN, HIDDEN, WEIGHT},
    {"bert.pooler.dense.bias", SHARED(pooler_b), ONE, HIDDEN, BIAS},
    {"cls.predictions.bias", SHARED(decoder_b), ONE, VOCAB, BIAS},
    {"cls.predictions.transform.dense.weight", SHARED(transform_w), HIDDEN, HIDDEN, WEIGHT},
    {"cls.predictions.transform.dense.bias", SHARED(transform_b), ONE, HIDDEN, BIAS},
    {"cls.predictions.transform.LayerNorm.weight", SHARED(transform_norm_w), ONE, HIDDEN,
     NORM_WEIGHT},
    {"cls.predictions.transform.LayerNorm.bias", SHARED(transform_norm_b), ONE, HIDDEN, NORM_BIAS},
    {"cls.seq_relationship.weight", SHARED(next_w), TWO, HIDDEN, WEIGHT},
    {"cls.seq_relationship.bias", SHARED(next_b), ONE, TWO, BIAS},
};

static const struct row of_spans[] = {
    {"qa_outputs.weight", SHARED(span_w), TWO, HIDDEN, WEIGHT},
    {"qa_outputs.bias", SHARED(span_b), ONE, TWO, BIAS},
};

static const struct row of_classes[] = {
    {"bert.pooler.dense.weight", SHARED(pooler_w), HIDDEN, HIDDEN, WEIGHT},
    {"bert.pooler.dense.bias", SHARED(pooler_b), ONE, HIDDEN, BIAS},
    {"classifier.weight", SHARED(class_w), LABELS, HIDDEN, WEIGHT},
    {"classifier.bias", SHARED(class_b), ONE, LABELS, BIAS},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct {
    const struct row *rows;
    size_t n;
} heads[] = {
    [HEADS_PRETRAINING] = {of_pretraining, COUNT(of_pretraining)},
    [HEADS_SPANS] = {of_spans, COUNT(of_spans)},
    [HEADS_CLASSES] = {of_classes, COUNT(of_classes)},
};

static size_t dim_size(enum dim d, const struct bert_config *c)
{
    switch (d) {
    case ONE:
        return 1;
    case TWO:
        return 2;
    case VOCAB:
        return c->vocab_size;
    case HIDDEN:
        return c->hidden_size;
    case INNER:
        return c->intermediate_size;
    case POSITIONS:
        return c->max_positions;
    case TYPES:
        return c->n_types;
    case LABELS:
        return c->n_labels;
    }
    return 0;
}

/* Appends one tensor and keeps its place in *members (params_shared or params_layer). */
static void place(struct params_list *l, void *members, const struct row *row, const char *prefix,
                  const struct bert_config *c)
{
    struct tensor *t = &l->tensors[l->n++];
    const bool is_weight = row->kind == WEIGHT;

    snprintf(t->name, sizeof t->name, "%s%s", prefix, row->name);
    t->rows = dim_size(row->rows, c);
    t->cols = dim_size(row->cols, c);
    t->is_vector = !is_weight;
    t->decay = is_weight;
    t->init = is_weight ? INIT_NORMAL : row->kind == NORM_WEIGHT ? INIT_ONE : INIT_ZERO;
    t->at = l->n_floats;
    memcpy((char *)members + row->member, &t->at, sizeof t->at);

    l->n_params += t->rows * t->cols;
    l->n_floats += (t->rows * t->cols + ALIGN_FLOATS - 1) / ALIGN_FLOATS * ALIGN_FLOATS;
}

void params_list_init(struct params_list *l, const struct bert_config *c)
{
    char prefix[64];

    memset(l, 0, sizeof *l);
    l->tensors = mem_array(COUNT(before_layers) + c->n_layers * COUNT(in_layer) + heads[c->heads].n,
                           sizeof *l->tensors);
    l->layers = mem_array(c->n_layers, sizeof *l->layers);

    for (size_t i = 0; i < COUNT(before_layers); i++)
        place(l, &l->shared, &before_layers[i], "", c);
    for (size_t layer = 0; layer < c->n_layers; layer++) {
        snprintf(prefix, sizeof prefix, "bert.encoder.layer.%zu.", layer);
        for (size_t i = 0; i < COUNT(in_layer); i++)
            place(l, &l->layers[layer], &in_layer[i], prefix, c);
    }
    for (size_t i = 0; i < heads[c->heads].n; i++)
        place(l, &l->shared, &heads[c->heads].rows[i], "", c);
}

void params_list_release(struct params_list *l)
{
    free(l->tensors);
    free(l->layers);
    memset(l, 0, sizeof *l);
}

void params_freeze(struct params_list *l, size_t n_layers)
{
    const size_t n = COUNT(before_layers) + n_layers * COUNT(in_layer);

    for (size_t i = 0; i < n; i++)
        l->tensors[i].frozen = true;
    l->n_frozen = n_layers;
}

const struct tensor *params_find(const struct params_list *l, const char *name)
{
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->tensors[i].name, name) == 0)
            return &l->tensors[i];
    }
    return NULL;
}

/* Four standard normals from one Philox block (Box and Muller 1958). */
static void normals(double out[4], uint64_t seed, uint64_t tensor, uint64_t index)
{
    const double two_pi = 6.283185307179586;
    const uint32_t counter[4] = {(uint32_t)index, (uint32_t)(index >> 32), (uint32_t)tensor,
                                 (uint32_t)(tensor >> 32)};
    uint32_t draws[4];

    philox_block(draws, counter, seed);
    for (int i = 0; i < 4; i += 2) {
        /* (u + 1/2) / 2^32 is never 0, so the logarithm is finite. */
        const double radius = sqrt(-2 * log((draws[i] + 0.5) * 0x1p-32));
        const double angle = two_pi * (draws[i + 1] * 0x1p-32);

        out[i] = radius * cos(angle);
        out[i + 1] = radius * sin(angle);
    }
}

static void fill_normal(float *x, size_t n, const char *name, double deviation, uint64_t seed)
{
    const uint64_t tensor = xxh3_of(name, strlen(name), 0);
    double z[4];

    for (size_t i = 0; i < n; i++) {
        if (i % 4 == 0)
            normals(z, seed, tensor, i / 4);
        x[i] = (float)(deviation * z[i % 4]);
    }
}

void params_init(float *arena, const struct params_list *l, const struct bert_config *c,
                 uint64_t seed)
{
    memset(arena, 0, l->n_floats * sizeof *arena);
    for (size_t i = 0; i < l->n; i++) {
        const struct tensor *t = &l->tensors[i];
        float *x = arena + t->at;
        const size_t n = t->rows * t->cols;

        if (t->init == INIT_NORMAL) {
            fill_normal(x, n, t->name, c->initializer_range, seed);
        } else if (t->init == INIT_ONE) {
            for (size_t j = 0; j < n; j++)
                x[j] = 1;
        }
    }
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t m = strlen(end);

    return n >= m && strcmp(text + n - m, end) == 0;
}

void params_modern_name(char *name, size_t n, const char *file_name)
{
    static const char act[] = ".dense_act.";
    const char *at = strstr(file_name, act);

    if (at) /* the PyTorch system's linear layer with a built-in activation */
        snprintf(name, n, "%.*s.dense.%s", (int)(at - file_name), file_name, at + strlen(act));
    else if (ends_with(file_name, "LayerNorm.gamma"))
        snprintf(name, n, "%.*sweight", (int)(strlen(file_name) - strlen("gamma")), file_name);
    else if (ends_with(file_name, "LayerNorm.beta"))
        snprintf(name, n, "%.*sbias", (int)(strlen(file_name) - strlen("beta")), file_name);
    else
        snprintf(name, n, "%s", file_name);
}
