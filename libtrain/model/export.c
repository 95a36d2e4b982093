/* export.c -- names, shapes and side files as the readers of a format expect them. */
#include "model/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/sink.h"
#include "formats/safetensors.h"
#include "formats/torch_file.h"
#include "model/tokenizer_files.h"

enum { VOCAB_MULTIPLE = 8, NAME_SIZE = 128, MAX_SIDE_FILE = 256 << 20 };

static const char safetensors_name[] = "model.safetensors";
static const char torch_name[] = "pytorch_model.bin";

static bool starts_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

/* ---- files ---- */

static int save_bytes(const char *folder, const char *name, const struct buf *content,
                      struct err *err)
{
    char *path = file_join(folder, name);
    struct sink out = {0};
    int rc = -1;

    if (sink_open(&out, path, err) == 0 && sink_write(&out, content->data, content->len, err) == 0)
        rc = sink_commit(&out, err);
    sink_close(&out);
    free(path);
    return rc;
}

/* Takes the tree. */
static int save_json(const char *folder, const char *name, struct json *v, enum json_style style,
                     struct err *err)
{
    char *path = file_join(folder, name);
    const int rc = json_save(v, path, style, err);

    json_release(v);
    free(path);
    return rc;
}

/* Before anything is written: whether weights of that name would take the place of those that were read. */
static int spare_weights(const struct conversion *c, const char *folder, const char *name,
                         struct err *err)
{
    char *path = file_join(folder, name);
    const int rc = file_spare(path, &c->weights, 1, err);

    free(path);
    return rc;
}

/* 1 when the input has the file and it was copied, 0 when it has not, -1 with err. */
static int copy_file(const struct conversion *c, const char *folder, const char *name,
                     struct err *err)
{
    char *from = file_join(c->folder, name);
    struct buf content = {0};
    int rc = 0;

    if (file_exists(from) && !file_is_folder(from))
        rc = file_read(&content, from, MAX_SIDE_FILE, err) < 0 ||
                     save_bytes(folder, name, &content, err) < 0
                 ? -1
                 : 1;
    buf_release(&content);
    free(from);
    return rc;
}

static int save_vocab(const struct conversion *c, const char *folder, struct err *err)
{
    return c->vocab.len ? save_bytes(folder, "vocab.txt", &c->vocab, err) : 0;
}

/* Those of the input; the two that every tokenizer wants are made where it has a vocabulary
 * only. */
static int save_tokenizer(struct conversion *c, const char *folder, struct err *err)
{
    static const char *const others[] = {"tokenizer.json", "added_tokens.json"};
    const bool cased = tokenizer_files_cased(c->vocab.data, c->vocab.len);
    int config, special;

    if (save_vocab(c, folder, err) < 0)
        return -1;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (copy_file(c, folder, others[i], err) < 0)
            return -1;
    config = copy_file(c, folder, "tokenizer_config.json", err);
    special = config < 0 ? -1 : copy_file(c, folder, "special_tokens_map.json", err);
    if (special < 0)
        return -1;
    if (config == 0 && c->vocab.len) {
        if (save_json(folder, "tokenizer_config.json",
                      tokenizer_files_config(cased, c->config.max_positions), JSON_INDENTED,
                      err) < 0)
            return -1;
        buf_printf(&c->report, "the vocabulary is %s\n", cased ? "cased" : "uncased");
    }
    if (special == 0 && c->vocab.len)
        return save_json(folder, "special_tokens_map.json", tokenizer_files_special_tokens(),
                         JSON_INDENTED, err);
    return 0;
}

/* ---- Hugging Face ---- */

/* What a class of transformers is made of beside the encoder. */
struct class {
    const char *name;
    bool pooler, masked, next, answer, classifier;
};

static const struct class classes[] = {
    {.name = "BertForQuestionAnswering", .answer = true},
    {.name = "BertForSequenceClassification", .pooler = true, .classifier = true},
    {.name = "BertForTokenClassification", .classifier = true},
    {.name = "BertForPreTraining", .pooler = true, .masked = true, .next = true},
    {.name = "BertForMaskedLM", .masked = true},
    {.name = "BertForNextSentencePrediction", .pooler = true, .next = true},
    {.name = "BertModel", .pooler = true},
};
static const struct class multiple_choice = {
    .name = "BertForMultipleChoice", .pooler = true, .classifier = true};
static const struct class bare_model = {.name = "BertModel"};

static bool has_all(const struct conversion_heads *h, const struct class *c)
{
    return h->pooler >= c->pooler && h->masked >= c->masked && h->next >= c->next &&
           h->answer >= c->answer && h->classifier >= c->classifier;
}

/* The first class whose parts are there. What a classifier classifies only the source's config
 * says. */
static const struct class *class_of(const struct conversion *c)
{
    const char *stated = json_text_or(json_item(json_member(c->source, "architectures"), 0), "");

    if (c->heads.classifier && !c->heads.answer) {
        if (!strcmp(stated, multiple_choice.name) && has_all(&c->heads, &multiple_choice))
            return &multiple_choice;
        if (!strcmp(stated, "BertForTokenClassification"))
            return &classes[2];
    }
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (has_all(&c->heads, &classes[i]))
            return &classes[i];
    return &bare_model;
}

static bool belongs(const char *name, const struct class *c)
{
    return (!starts_with(name, "bert.pooler.") || c->pooler) &&
           (!starts_with(name, "cls.predictions.") || c->masked) &&
           (!starts_with(name, "cls.seq_relationship.") || c->next) &&
           (!starts_with(name, "qa_outputs.") || c->answer) &&
           (!starts_with(name, "classifier.") || c->classifier);
}

/* {"0": "LABEL_0"} and {"LABEL_0": 0}, as transformers fills them in. */
static void put_labels(struct json *config, size_t n)
{
    struct json *names = json_new_map();
    struct json *numbers = json_new_map();
    char number[24], name[32];

    for (size_t i = 0; i < n; i++) {
        snprintf(number, sizeof number, "%zu", i);
        snprintf(name, sizeof name, "LABEL_%zu", i);
        json_put_text(names, number, name);
        json_put_int(numbers, name, (int64_t)i);
    }
    json_put(config, "id2label", names);
    json_put(config, "label2id", numbers);
}

static struct json *config_of(struct conversion *c, const struct class *class)
{
    static const char *const kept[] = {"id2label", "label2id", "problem_type", "finetuning_task"};
    struct bert_config encoder = c->config;
    struct json *architectures = json_new_list();
    struct json *config;

    encoder.heads = HEADS_PRETRAINING; /* labels are those of the weights */
    config = config_json(&encoder);
    json_push_text(architectures, class->name);
    json_put(config, "architectures", architectures);
    if (!class->classifier || class == &multiple_choice) /* whose one output is no label */
        return config;
    if (json_count(json_member(c->source, "id2label")) != c->heads.n_labels) {
        if (c->heads.n_labels != 2)
            put_labels(config, c->heads.n_labels);
        return config;
    }
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        struct json *v = json_take(c->source, kept[i]);

        if (v)
            json_put(config, kept[i], v);
    }
    return config;
}

static int save_tensors(struct conversion *c, const struct class *class, const char *folder,
                        struct err *err)
{
    const bool is_bare = !strcmp(class->name, "BertModel");
    struct float_tensor *tensors = mem_array(c->n + 1, sizeof *tensors);
    char *path = file_join(folder, safetensors_name);
    size_t n = 0;
    int rc;

    for (size_t i = 0; i < c->n; i++) {
        if (!belongs(c->tensors[i].name, class)) {
            buf_printf(&c->report, "%s has no '%s': left out\n", class->name, c->tensors[i].name);
            continue;
        }
        tensors[n] = c->tensors[i];
        if (is_bare)
            tensors[n].name += strlen("bert.");
        n++;
    }
    rc = safetensors_save(path, tensors, n, err);
    buf_printf(&c->report, "%s: %s, %zu tensors\n", path, class->name, n);
    free(path);
    free(tensors);
    return rc;
}

int export_huggingface(struct conversion *c, const char *folder, struct err *err)
{
    const struct class *class = class_of(c);

    if (spare_weights(c, folder, safetensors_name, err) < 0 || file_make_folder(folder, err) < 0 ||
        save_tokenizer(c, folder, err) < 0 ||
        save_json(folder, "config.json", config_of(c, class), JSON_INDENTED, err) < 0)
        return -1;
    return save_tensors(c, class, folder, err);
}

/* ---- the PyTorch system ---- */

static struct json *bert_config(struct conversion *c)
{
    const struct bert_config *b = &c->config;
    struct json *map = json_new_map();

    if (b->gelu_tanh)
        buf_printf(&c->report, "the PyTorch system knows GELU by erf only: 'gelu' is written\n");
    if (b->layer_norm_eps != 1e-12)
        buf_printf(&c->report, "the PyTorch system has a LayerNorm epsilon of 1e-12, not %g\n",
                   b->layer_norm_eps);
    json_put_real(map, "attention_probs_dropout_prob", b->attention_dropout);
    json_put_text(map, "hidden_act", "gelu");
    json_put_real(map, "hidden_dropout_prob", b->hidden_dropout);
    json_put_int(map, "hidden_size", (int64_t)b->hidden_size);
    json_put_real(map, "initializer_range", b->initializer_range);
    json_put_int(map, "intermediate_size", (int64_t)b->intermediate_size);
    json_put_int(map, "max_position_embeddings", (int64_t)b->max_positions);
    json_put_int(map, "num_attention_heads", (int64_t)b->n_heads);
    json_put_int(map, "num_hidden_layers", (int64_t)b->n_layers);
    json_put_int(map, "type_vocab_size", (int64_t)b->n_types);
    json_put_int(map, "vocab_size", (int64_t)b->vocab_size);
    return map;
}

/* Linear layers with a built-in activation are called dense_act there. */
static void system_name(char name[NAME_SIZE], const char *here)
{
    static const char *const acting[] = {".intermediate.dense.", ".pooler.dense.",
                                         ".transform.dense."};

    snprintf(name, NAME_SIZE, "%s", here);
    for (size_t i = 0; i < sizeof acting / sizeof acting[0]; i++) {
        const char *at = strstr(here, acting[i]);

        if (at)
            snprintf(name, NAME_SIZE, "%.*s_act.%s", (int)(at - here + (long)strlen(acting[i]) - 1),
                     here, at + strlen(acting[i]));
    }
}

/* The rows of t and further ones of zeros. */
static float *padded(struct float_tensor *t, size_t rows)
{
    const size_t n = float_tensor_values(t);
    float *values = mem_array(rows * (t->n_dims == 2 ? t->dims[1] : 1), sizeof *values);

    memcpy(values, t->data, n * sizeof *values);
    t->dims[0] = rows;
    t->data = values;
    return values;
}

static int save_state_dict(struct conversion *c, const char *folder, struct err *err)
{
    const size_t rows =
        (c->config.vocab_size + VOCAB_MULTIPLE - 1) / VOCAB_MULTIPLE * VOCAB_MULTIPLE;
    struct float_tensor *tensors = mem_array(c->n + 1, sizeof *tensors);
    char(*names)[NAME_SIZE] = mem_array(c->n + 1, sizeof *names);
    char *path = file_join(folder, torch_name);
    float *word = NULL, *bias = NULL;
    size_t n = 0;
    int rc;

    for (size_t i = 0; i < c->n; i++) {
        struct float_tensor *t = &tensors[n];

        *t = c->tensors[i];
        system_name(names[n], t->name);
        t->name = names[n++];
        if (!strcmp(t->name, "bert.embeddings.word_embeddings.weight"))
            word = padded(t, rows);
        if (!strcmp(t->name, "cls.predictions.bias"))
            bias = padded(t, rows);
    }
    if (c->heads.masked)
        tensors[n++] = (struct float_tensor){.name = "cls.predictions.decoder.weight",
                                             .data = word,
                                             .dims = {rows, c->config.hidden_size},
                                             .n_dims = 2};
    rc = torch_file_save(path, "model", tensors, n, err);
    if (rows > c->config.vocab_size)
        buf_printf(&c->report, "the vocabulary of %zu is padded to %zu with zeros\n",
                   c->config.vocab_size, rows);
    buf_printf(&c->report, "%s: {'model': state_dict of %zu tensors}\n", path, n);
    free(word);
    free(bias);
    free(path);
    free(names);
    free(tensors);
    return rc;
}

int export_pytorch(struct conversion *c, const char *folder, struct err *err)
{
    if (spare_weights(c, folder, torch_name, err) < 0 || file_make_folder(folder, err) < 0 ||
        save_tokenizer(c, folder, err) < 0 ||
        save_json(folder, "bert_config.json", bert_config(c), JSON_SORTED, err) < 0 ||
        save_json(folder, "config.json", config_of(c, class_of(c)), JSON_INDENTED, err) < 0)
        return -1;
    return save_state_dict(c, folder, err);
}
