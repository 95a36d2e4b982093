/* foreign_name.c -- one rule after another turns a name of a file into the name used here; what is
 * then no name of a BERT is sorted by what it is instead. */
#include "model/foreign_name.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Names may be cut by these: no tensor of a BERT comes near. */
enum { NAME_SIZE = 256 };

static bool starts_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

static bool ends_in(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t m = strlen(end);

    return n >= m && !strcmp(text + n - m, end);
}

/* What keys of TensorFlow 2 end in. */
static const char garden_end[] = "/.ATTRIBUTES/VARIABLE_VALUE";

/* ---- TensorFlow 1 ---- */

/* TensorFlow's variables whose names are not made of the parts below. */
static const struct {
    const char *tensorflow;
    const char *here;
} whole_names[] = {
    {"cls/predictions/output_bias", "cls.predictions.bias"},
    {"cls/seq_relationship/output_weights", "cls.seq_relationship.weight"},
    {"cls/seq_relationship/output_bias", "cls.seq_relationship.bias"},
    {"cls/squad/output_weights", "qa_outputs.weight"},
    {"cls/squad/output_bias", "qa_outputs.bias"},
    {"output_weights", "classifier.weight"},
    {"output_bias", "classifier.bias"},
};

static const char *const counters[] = {
    "global_step",           "local_step",  "batch_finite", "loss_scale", "good_steps",
    "loss_scale_good_steps", "beta1_power", "beta2_power",  "accum_step", "cond_accum_step"};

/* "bert/encoder/layer_3/output/dense/kernel" -> "bert.encoder.layer.3.output.dense.weight" */
static enum name_meaning from_tensorflow(char here[NAME_SIZE], bool *is_transposed,
                                         const char *name)
{
    const char *last = strrchr(name, '/');
    size_t n = 0;

    for (size_t i = 0; i < sizeof whole_names / sizeof whole_names[0]; i++) {
        const char *known = whole_names[i].tensorflow;

        if (!strcmp(name, known)) {
            snprintf(here, NAME_SIZE, "%s", whole_names[i].here);
            return NAME_OF_WEIGHT;
        }
        if (starts_with(name, known) && name[strlen(known)] == '/')
            return NAME_OF_SLOT; /* output_bias/adam_m */
    }
    if (!starts_with(name, "bert/") && !starts_with(name, "cls/"))
        return NAME_OF_OTHER;
    last = last ? last + 1 : name;
    *is_transposed = !strcmp(last, "kernel");
    if (!*is_transposed && strcmp(last, "bias") != 0 && strcmp(last, "gamma") != 0 &&
        strcmp(last, "beta") != 0 && !ends_in(last, "_embeddings"))
        return NAME_OF_SLOT; /* .../kernel/adam_m */
    for (const char *p = name; p < last && n + 16 < NAME_SIZE; p++) {
        const bool is_layer = starts_with(p, "/layer_");

        n += (size_t)snprintf(here + n, NAME_SIZE - n, "%s",
                              is_layer ? ".layer." : (char[]){*p == '/' ? '.' : *p, '\0'});
        p += is_layer ? strlen("/layer_") - 1 : 0;
    }
    if (*is_transposed)
        snprintf(here + n, NAME_SIZE - n, "weight");
    else
        snprintf(here + n, NAME_SIZE - n, "%s%s", last,
                 ends_in(last, "_embeddings") ? ".weight" : "");
    return NAME_OF_WEIGHT;
}

/* ---- the model garden ---- */

/* Keys of TensorFlow 2 are paths through objects: those of official/nlp, as published converters
 * read them. What a layer's parts are called: */
static const struct {
    const char *garden;
    const char *here;
    enum name_heads heads;
} layer_parts[] = {
    {"_attention_layer/_query_dense/", "attention.self.query.", HEADS_OUT},
    {"_attention_layer/_key_dense/", "attention.self.key.", HEADS_OUT},
    {"_attention_layer/_value_dense/", "attention.self.value.", HEADS_OUT},
    {"_attention_layer/_output_dense/", "attention.output.dense.", HEADS_IN},
    {"_attention_output_dense/", "attention.output.dense.", HEADS_IN}, /* up to version 2.2 */
    {"_attention_layer_norm/", "attention.output.LayerNorm.", HEADS_NONE},
    {"_intermediate_dense/", "intermediate.dense.", HEADS_NONE},
    {"_output_dense/", "output.dense.", HEADS_NONE},
    {"_output_layer_norm/", "output.LayerNorm.", HEADS_NONE},
};

/* Everything else. Shared objects have the shortest of their paths: the word embeddings of a
 * pretrained model are its masked-LM head's. */
static const struct {
    const char *garden;
    const char *here;
    bool is_spare;
} model_parts[] = {
    {"layer_with_weights-0/embeddings", "bert.embeddings.word_embeddings.weight", false},
    {"layer_with_weights-1/embeddings", "bert.embeddings.position_embeddings.weight", false},
    {"layer_with_weights-2/embeddings", "bert.embeddings.token_type_embeddings.weight", false},
    {"layer_with_weights-3/", "bert.embeddings.LayerNorm.", false},
    {"_embedding_layer/embeddings", "bert.embeddings.word_embeddings.weight", false},
    {"_position_embedding_layer/embeddings", "bert.embeddings.position_embeddings.weight", false},
    {"_type_embedding_layer/embeddings", "bert.embeddings.token_type_embeddings.weight", false},
    {"_embedding_norm_layer/", "bert.embeddings.LayerNorm.", false},
    {"_pooler_layer/", "bert.pooler.dense.", true},
    {"masked_lm/embedding_table", "bert.embeddings.word_embeddings.weight", false},
    {"masked_lm/dense/", "cls.predictions.transform.dense.", false},
    {"masked_lm/layer_norm/", "cls.predictions.transform.LayerNorm.", false},
    {"masked_lm/output_bias.Sbias", "cls.predictions.bias", false},
    {"next_sentence..pooler_dense/", "bert.pooler.dense.", false},
    {"classification_heads/0/out_proj/", "cls.seq_relationship.", false},
};

enum { EMBEDDING_LAYERS = 4 }; /* layer_with_weights-0 to -3 */

/* "kernel" -> "weight" after what is there; false when it is no variable of a layer. */
static bool put_variable(struct foreign_name *n, const char *start, const char *variable)
{
    static const char *const known[][2] = {
        {"kernel", "weight"}, {"gamma", "weight"}, {"bias", "bias"}, {"beta", "bias"}};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!strcmp(variable, known[i][0])) {
            n->is_transposed = i == 0;
            snprintf(n->here, sizeof n->here, "%s%s", start, known[i][1]);
            return true;
        }
    return false;
}

/* The path within a layer, "_output_dense/kernel". */
static bool from_garden_layer(struct foreign_name *n, unsigned long layer, const char *path)
{
    char start[WEIGHT_NAME_SIZE - 8];

    for (size_t i = 0; i < sizeof layer_parts / sizeof layer_parts[0]; i++)
        if (starts_with(path, layer_parts[i].garden)) {
            n->heads = layer_parts[i].heads;
            snprintf(start, sizeof start, "bert.encoder.layer.%lu.%s", layer, layer_parts[i].here);
            return put_variable(n, start, path + strlen(layer_parts[i].garden));
        }
    return false;
}

static bool from_garden_part(struct foreign_name *n, const char *path)
{
    for (size_t i = 0; i < sizeof model_parts / sizeof model_parts[0]; i++) {
        const char *known = model_parts[i].garden;

        if (!starts_with(path, known))
            continue;
        n->is_spare = model_parts[i].is_spare;
        if (ends_in(known, "/"))
            return put_variable(n, model_parts[i].here, path + strlen(known));
        snprintf(n->here, sizeof n->here, "%s", model_parts[i].here);
        return path[strlen(known)] == '\0';
    }
    return false;
}

/* The path after start, a number and a slash; NULL when it does not begin so. */
static const char *after_number(unsigned long *number, const char *path, const char *start)
{
    const char *digits = path + strlen(start);
    char *end;

    if (!starts_with(path, start) || *digits < '0' || *digits > '9')
        return NULL;
    *number = strtoul(digits, &end, 10);
    return *end == '/' ? end + 1 : NULL;
}

/* "encoder/layer_with_weights-5/_output_dense/kernel", and "encoder/_transformer_layers/1/..." */
static enum name_meaning from_garden(struct foreign_name *n, const char *name)
{
    static const char *const outer[] = {"model/", "encoder/", "layer_with_weights-0/layer"};
    const char *at, *inner;
    char path[NAME_SIZE];
    unsigned long layer;
    bool known;

    if (strstr(name, "/.OPTIMIZER_SLOT/") || strstr(name, "optimizer/") ||
        starts_with(name, "save_counter/") || starts_with(name, "global_step/"))
        return NAME_OF_SLOT;
    snprintf(path, sizeof path, "%.*s", (int)(strlen(name) - strlen(garden_end)), name);
    at = path;
    for (size_t i = 0; i < sizeof outer / sizeof outer[0]; i++)
        while (starts_with(at, outer[i])) /* up to and with the slash */
            at = strchr(at, '/') + 1;
    if ((inner = after_number(&layer, at, "_transformer_layers/"))) {
        known = from_garden_layer(n, layer, inner);
    } else if ((inner = after_number(&layer, at, "layer_with_weights-")) &&
               layer >= EMBEDDING_LAYERS) {
        n->is_spare = true;
        known = from_garden_layer(n, layer - EMBEDDING_LAYERS, inner) ||
                put_variable(n, "bert.pooler.dense.", inner);
    } else {
        known = from_garden_part(n, at);
    }
    return known ? NAME_OF_WEIGHT : NAME_OF_OTHER;
}

/* ---- PyTorch ---- */

/* What wrappers put in front of every name. */
static const char *without_wrappers(const char *name)
{
    static const char *const wrappers[] = {"module.", "_orig_mod.", "model."};

    for (size_t i = 0; i < sizeof wrappers / sizeof wrappers[0]; i++)
        if (starts_with(name, wrappers[i])) {
            name += strlen(wrappers[i]);
            i = (size_t)-1; /* they may be nested */
        }
    return name;
}

static void from_pytorch(char here[NAME_SIZE], const char *name)
{
    static const char *const bare[] = {"embeddings.", "encoder.", "pooler."};
    char modern[NAME_SIZE - 8];
    const char *prefix = "";

    params_modern_name(modern, sizeof modern, without_wrappers(name));
    for (size_t i = 0; i < sizeof bare / sizeof bare[0]; i++)
        if (starts_with(modern, bare[i]))
            prefix = "bert.";
    snprintf(here, NAME_SIZE, "%s%s", prefix, modern);
}

static bool is_of_bert(const char *name)
{
    static const char *const parts[] = {"bert.embeddings.word_embeddings.",
                                        "bert.embeddings.position_embeddings.",
                                        "bert.embeddings.token_type_embeddings.",
                                        "bert.embeddings.LayerNorm.",
                                        "bert.encoder.layer.",
                                        "bert.pooler.dense.",
                                        "cls.predictions.",
                                        "cls.seq_relationship.",
                                        "qa_outputs.",
                                        "classifier."};

    if (!ends_in(name, ".weight") && !ends_in(name, ".bias"))
        return false;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (starts_with(name, parts[i]))
            return true;
    return false;
}

/* ---- all of them ---- */

static enum name_meaning read_name(struct foreign_name *n, const char *name)
{
    enum name_meaning meaning = NAME_OF_WEIGHT;
    char here[NAME_SIZE] = "";

    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        if (!strcmp(name, counters[i]))
            return NAME_OF_SLOT;
    if (ends_in(name, garden_end))
        return from_garden(n, name);
    if (strchr(name, '/') || starts_with(name, "output_")) {
        char flat[NAME_SIZE];

        meaning = from_tensorflow(flat, &n->is_transposed, name);
        if (meaning == NAME_OF_WEIGHT)
            params_modern_name(here, NAME_SIZE, flat); /* gamma, beta */
    } else {
        from_pytorch(here, name);
    }
    if (meaning == NAME_OF_WEIGHT && !strcmp(here, "cls.predictions.decoder.weight"))
        return NAME_OF_COPY;
    if (meaning == NAME_OF_WEIGHT && !strcmp(here, "cls.predictions.decoder.bias"))
        snprintf(here, NAME_SIZE, "cls.predictions.bias");
    if (meaning == NAME_OF_WEIGHT && strlen(here) >= sizeof n->here)
        return NAME_OF_OTHER;
    snprintf(n->here, sizeof n->here, "%.*s", (int)sizeof n->here - 1, here);
    return meaning;
}

enum name_meaning foreign_name_read(struct foreign_name *n, const char *name)
{
    enum name_meaning meaning;

    *n = (struct foreign_name){.heads = HEADS_NONE};
    meaning = read_name(n, name);
    return meaning == NAME_OF_WEIGHT && !is_of_bert(n->here) ? NAME_OF_OTHER : meaning;
}
