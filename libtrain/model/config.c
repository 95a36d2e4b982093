/* config.c -- the shape of a model from a preset or a JSON file, refused when it makes no model.
 *
 * Keys that are not ours are left alone, as the original does, except those that would make the
 * file describe another model than the one computed here. */
#include "model/config.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Far above every published BERT; keeps all products of sizes inside 64 bits. */
enum { MAX_SIZE = 1 << 24, MAX_LAYERS = 4096, MAX_FILE = 1 << 20 };

/* google-research/bert, "smaller BERT models" of March 2020, the two of the paper, and the largest
 * that the PyTorch system has a config of. */
static const struct preset {
    const char *name;
    size_t n_layers, hidden_size, n_heads;
} presets[] = {
    {"tiny", 2, 128, 2},   {"mini", 4, 256, 4},     {"small", 4, 512, 8},   {"medium", 8, 512, 8},
    {"base", 12, 768, 12}, {"large", 24, 1024, 16}, {"1.2B", 40, 1536, 16},
};

static const struct bert_config base_config = {
    .vocab_size = 30522,
    .hidden_size = 768,
    .n_layers = 12,
    .n_heads = 12,
    .intermediate_size = 3072,
    .max_positions = 512,
    .n_types = 2,
    .hidden_dropout = 0.1,
    .attention_dropout = 0.1,
    .initializer_range = 0.02,
    .layer_norm_eps = 1e-12,
};

static int read_size(size_t *to, const struct json *map, const char *key, size_t max,
                     struct err *err)
{
    const struct json *v = json_member(map, key);
    int64_t n;

    if (!v)
        return 0;
    if (json_kind_of(v) != JSON_KIND_INT)
        return err_set(err, ERR_FORMAT, "'%s' is not a whole number", key);
    n = json_int_or(v, 0);
    if (n < 1 || (uint64_t)n > max)
        return err_set(err, ERR_FORMAT, "'%s' is %lld, not between 1 and %zu", key, (long long)n,
                       max);
    *to = (size_t)n;
    return 0;
}

static int read_real(double *to, const struct json *map, const char *key, double below,
                     struct err *err)
{
    const struct json *v = json_member(map, key);
    double x;

    if (!v)
        return 0;
    if (json_kind_of(v) != JSON_KIND_INT && json_kind_of(v) != JSON_KIND_REAL)
        return err_set(err, ERR_FORMAT, "'%s' is not a number", key);
    x = json_real_or(v, 0);
    if (!(x >= 0 && x < below))
        return err_set(err, ERR_FORMAT, "'%s' is %g, not at least 0 and below %g", key, x, below);
    *to = x;
    return 0;
}

static bool is_one_of(const char *text, const char *const *names)
{
    for (; *names; names++) {
        if (strcmp(text, *names) == 0)
            return true;
    }
    return false;
}

static int read_activation(bool *gelu_tanh, const struct json *map, struct err *err)
{
    static const char *const by_erf[] = {"gelu", "gelu_python", NULL};
    static const char *const by_tanh[] = {"gelu_new", "gelu_tanh", "gelu_pytorch_tanh", "gelu_fast",
                                          NULL};
    const struct json *v = json_member(map, "hidden_act");
    const char *name = json_text_or(v, "");

    if (!v)
        return 0;
    if (!is_one_of(name, by_erf) && !is_one_of(name, by_tanh))
        return err_set(err, ERR_FORMAT, "'hidden_act' is '%s', not 'gelu' or 'gelu_new'", name);
    *gelu_tanh = is_one_of(name, by_tanh);
    return 0;
}

/* Hugging Face's files say so when the model differs from BERT in a way the sizes do not show. */
static int refuse_other_models(const struct json *map, struct err *err)
{
    const char *type = json_text_or(json_member(map, "model_type"), "bert");
    const char *positions = json_text_or(json_member(map, "position_embedding_type"), "absolute");

    if (strcmp(type, "bert") != 0)
        return err_set(err, ERR_FORMAT, "'model_type' is '%s', not 'bert'", type);
    if (strcmp(positions, "absolute") != 0)
        return err_set(err, ERR_FORMAT, "'position_embedding_type' is '%s', not 'absolute'",
                       positions);
    if (json_bool_or(json_member(map, "is_decoder"), false))
        return err_set(err, ERR_FORMAT, "'is_decoder' is true: not an encoder");
    return 0;
}

static const char *const architectures[] = {
    [HEADS_PRETRAINING] = "BertForPreTraining",
    [HEADS_SPANS] = "BertForQuestionAnswering",
    [HEADS_CLASSES] = "BertForSequenceClassification",
};

/* "id2label": {"0": "no", "1": "yes"}. Names that hold a bar, or too many, are not kept: a class
 * then has its number. */
static int read_labels(struct bert_config *c, const struct json *map, struct err *err)
{
    const struct json *labels = json_member(map, "id2label");
    const size_t n = labels ? json_count(labels) : 2; /* as in Hugging Face */
    size_t len = 0;

    if (n < 1 || n > CONFIG_MAX_LABELS)
        return err_set(err, ERR_FORMAT, "'id2label' has %zu labels, not 1 to %d", n,
                       CONFIG_MAX_LABELS);
    c->n_labels = n;
    for (size_t i = 0; i < n; i++) {
        char key[24];
        const char *name;
        int added;

        snprintf(key, sizeof key, "%zu", i);
        name = json_text_or(json_member(labels, key), "|");
        added = snprintf(c->labels + len, sizeof c->labels - len, "%s%s", i ? "|" : "", name);
        len += (size_t)added;
        if (strchr(name, '|') || len >= sizeof c->labels) {
            c->labels[0] = '\0';
            break;
        }
    }
    return 0;
}

static int read_heads(struct bert_config *c, const struct json *map, struct err *err)
{
    const char *name = json_text_or(json_item(json_member(map, "architectures"), 0), "");

    for (size_t i = 0; i < sizeof architectures / sizeof *architectures; i++)
        if (strcmp(name, architectures[i]) == 0)
            c->heads = (enum bert_heads)i;
    return c->heads == HEADS_CLASSES ? read_labels(c, map, err) : 0;
}

static int read_config(struct bert_config *c, const struct json *map, struct err *err)
{
    if (json_kind_of(map) != JSON_KIND_MAP)
        return err_set(err, ERR_FORMAT, "not a JSON object");
    if (refuse_other_models(map, err) < 0 ||
        read_size(&c->vocab_size, map, "vocab_size", MAX_SIZE, err) < 0 ||
        read_size(&c->hidden_size, map, "hidden_size", MAX_SIZE, err) < 0 ||
        read_size(&c->n_layers, map, "num_hidden_layers", MAX_LAYERS, err) < 0 ||
        read_size(&c->n_heads, map, "num_attention_heads", MAX_SIZE, err) < 0 ||
        read_size(&c->intermediate_size, map, "intermediate_size", MAX_SIZE, err) < 0 ||
        read_size(&c->max_positions, map, "max_position_embeddings", MAX_SIZE, err) < 0 ||
        read_size(&c->n_types, map, "type_vocab_size", MAX_SIZE, err) < 0 ||
        read_real(&c->hidden_dropout, map, "hidden_dropout_prob", 1, err) < 0 ||
        read_real(&c->attention_dropout, map, "attention_probs_dropout_prob", 1, err) < 0 ||
        read_real(&c->initializer_range, map, "initializer_range", HUGE_VAL, err) < 0 ||
        read_real(&c->layer_norm_eps, map, "layer_norm_eps", 1, err) < 0 ||
        read_activation(&c->gelu_tanh, map, err) < 0 || read_heads(c, map, err) < 0)
        return -1;
    if (c->hidden_size % c->n_heads)
        return err_set(err, ERR_FORMAT,
                       "'hidden_size' %zu is not a multiple of 'num_attention_heads' %zu",
                       c->hidden_size, c->n_heads);
    return 0;
}

static const struct preset *find_preset(const char *name)
{
    for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
        if (strcmp(name, presets[i].name) == 0)
            return &presets[i];
    return NULL;
}

bool config_is_preset(const char *path_or_name)
{
    return find_preset(path_or_name) != NULL;
}

int config_load(struct bert_config *c, const char *path_or_name, struct err *err)
{
    const struct preset *preset = find_preset(path_or_name);
    struct json *map;
    int rc;

    *c = base_config;
    if (preset) {
        c->n_layers = preset->n_layers;
        c->hidden_size = preset->hidden_size;
        c->n_heads = preset->n_heads;
        c->intermediate_size = 4 * c->hidden_size;
        return 0;
    }
    map = json_load(path_or_name, MAX_FILE, err);
    if (!map)
        return -1;
    rc = read_config(c, map, err);
    if (rc < 0)
        err_in(err, "%s", path_or_name);
    json_release(map);
    return rc;
}

/* Appends "name A, not B" unless the values are the same; returns 1 when it did. */
static size_t note_difference(char *text, size_t size, const char *name, double a, double b)
{
    const size_t at = strlen(text);

    if (a == b)
        return 0;
    snprintf(text + at, size - at, "%s%s %.10g, not %.10g", at ? "; " : "", name, a, b);
    return 1;
}

size_t config_differences(char *text, size_t n, const struct bert_config *c,
                          const struct bert_config *other)
{
    const struct {
        const char *name;
        double a, b;
    } fields[] = {
        {"vocab_size", (double)c->vocab_size, (double)other->vocab_size},
        {"hidden_size", (double)c->hidden_size, (double)other->hidden_size},
        {"num_hidden_layers", (double)c->n_layers, (double)other->n_layers},
        {"num_attention_heads", (double)c->n_heads, (double)other->n_heads},
        {"intermediate_size", (double)c->intermediate_size, (double)other->intermediate_size},
        {"max_position_embeddings", (double)c->max_positions, (double)other->max_positions},
        {"type_vocab_size", (double)c->n_types, (double)other->n_types},
        {"hidden_dropout_prob", c->hidden_dropout, other->hidden_dropout},
        {"attention_probs_dropout_prob", c->attention_dropout, other->attention_dropout},
        {"layer_norm_eps", c->layer_norm_eps, other->layer_norm_eps},
        {"hidden_act of gelu_new (1 = yes)", c->gelu_tanh, other->gelu_tanh},
        {"num_labels", (double)c->n_labels, (double)other->n_labels},
    };
    size_t n_different = 0;

    text[0] = '\0';
    if (c->heads != other->heads) {
        snprintf(text, n, "architectures %s, not %s", architectures[c->heads],
                 architectures[other->heads]);
        n_different++;
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        n_different += note_difference(text, n, fields[i].name, fields[i].a, fields[i].b);
    return n_different;
}

void config_label(char *name, size_t n, const struct bert_config *c, size_t i)
{
    const char *at = c->labels;

    if (*at == '\0') {
        snprintf(name, n, "LABEL_%zu", i);
        return;
    }
    for (; i > 0 && *at; i--) {
        at += strcspn(at, "|");
        at += *at == '|';
    }
    snprintf(name, n, "%.*s", (int)strcspn(at, "|"), at);
}

static void put_labels(struct json *map, const struct bert_config *c)
{
    struct json *by_id = json_new_map();
    struct json *by_name = json_new_map();

    for (size_t i = 0; i < c->n_labels; i++) {
        char name[CONFIG_LABELS_SIZE];
        char id[24];

        snprintf(id, sizeof id, "%zu", i);
        config_label(name, sizeof name, c, i);
        json_put_text(by_id, id, name);
        json_put_int(by_name, name, (int64_t)i);
    }
    json_put(map, "id2label", by_id);
    json_put(map, "label2id", by_name);
    json_put_text(map, "problem_type",
                  c->n_labels == 1 ? "regression" : "single_label_classification");
}

struct json *config_json(const struct bert_config *c)
{
    struct json *map = json_new_map();
    struct json *names = json_new_list();

    json_push_text(names, architectures[c->heads]);
    json_put(map, "architectures", names);
    json_put_real(map, "attention_probs_dropout_prob", c->attention_dropout);
    json_put_text(map, "hidden_act", c->gelu_tanh ? "gelu_new" : "gelu");
    json_put_real(map, "hidden_dropout_prob", c->hidden_dropout);
    json_put_int(map, "hidden_size", (int64_t)c->hidden_size);
    json_put_real(map, "initializer_range", c->initializer_range);
    json_put_int(map, "intermediate_size", (int64_t)c->intermediate_size);
    json_put_real(map, "layer_norm_eps", c->layer_norm_eps);
    json_put_int(map, "max_position_embeddings", (int64_t)c->max_positions);
    json_put_text(map, "model_type", "bert");
    json_put_int(map, "num_attention_heads", (int64_t)c->n_heads);
    json_put_int(map, "num_hidden_layers", (int64_t)c->n_layers);
    json_put_int(map, "pad_token_id", 0);
    json_put_text(map, "position_embedding_type", "absolute");
    if (c->heads == HEADS_CLASSES)
        put_labels(map, c);
    json_put_text(map, "torch_dtype", "float32");
    json_put_int(map, "type_vocab_size", (int64_t)c->n_types);
    json_put_int(map, "vocab_size", (int64_t)c->vocab_size);
    return map;
}
