/* bert-predict-model.c -- a model from the files of its folder, ready to compute. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "bert-predict.h"

enum { MAX_TOKENIZER_CONFIG = 1 << 20 };

/* A file of the model's folder, or of the folder the .safetensors file stands in. */
static char *model_file(const char *model, const char *name)
{
    const char *slash = strrchr(model, '/');
    char *folder;
    char *path;

    if (file_is_folder(model))
        return file_join(model, name);
    if (!slash)
        return mem_text(name);
    folder = mem_text_n(model, (size_t)(slash - model) + 1);
    path = file_join(folder, name);
    free(folder);
    return path;
}

static int find_case(bool *cased, const struct predict_options *o, struct err *err)
{
    char *path;
    struct json *root;

    if (o->cased && o->lower_case)
        return err_set(err, ERR_USAGE, "--cased and --do-lower-case contradict each other");
    *cased = o->cased;
    if (o->cased || o->lower_case)
        return 0;
    path = model_file(o->model, "tokenizer_config.json");
    if (file_exists(path)) {
        root = json_load(path, MAX_TOKENIZER_CONFIG, err);
        *cased = root && !json_bool_or(json_member(root, "do_lower_case"), true);
        json_release(root);
        if (!root) {
            free(path);
            return -1;
        }
    }
    free(path);
    return 0;
}

static int load_config(struct predict_model *m, const struct predict_options *o, struct err *err)
{
    char *path = o->config ? mem_text(o->config) : model_file(o->model, "config.json");
    const int rc = config_load(&m->config, path, err);

    free(path);
    return rc;
}

static int open_tokenizer(struct predict_model *m, const struct predict_options *o, struct err *err)
{
    struct tokenizer_options options = {.rules = o->rules};
    char *path;
    int64_t n;

    if (find_case(&options.cased, o, err) < 0)
        return -1;
    path = o->vocab ? mem_text(o->vocab) : model_file(o->model, "vocab.txt");
    m->tokenizer = tokenizer_open(path, &options, err);
    if (m->tokenizer) {
        n = tokenizer_header(m->tokenizer)->vocab_size;
        if ((size_t)n > m->config.vocab_size) {
            err_set(err, ERR_FORMAT, "%s: %lld tokens, but the model knows %zu", path, (long long)n,
                    m->config.vocab_size);
            tokenizer_close(m->tokenizer);
            m->tokenizer = NULL;
        }
    }
    free(path);
    return m->tokenizer ? 0 : -1;
}

int predict_open(struct predict_model *m, const struct predict_options *o, struct err *err)
{
    const size_t wanted = (size_t)o->batch_tokens;

    if (!o->model)
        return err_set(err, ERR_USAGE, "--model DIR is needed");
    m->name = mem_text(o->model);
    if (!file_exists(o->model))
        return err_set(err, ERR_IO, "there is no model '%s'", o->model);
    if (load_config(m, o, err) < 0 || open_tokenizer(m, o, err) < 0)
        return -1;
    params_list_init(&m->list, &m->config);
    m->params = mem_array(m->list.n_floats, sizeof *m->params);
    if (weights_load(m->params, &m->report, &m->list, o->model, err) < 0)
        return -1;
    m->max_tokens = wanted < m->config.max_positions ? m->config.max_positions : wanted;
    m->scratch = tokenizer_scratch_open();
    m->team = team_open(parallel_threads((size_t)o->threads));
    /* Of what training keeps only the outputs of the layers are wanted. */
    m->encoder = encoder_open(&m->config, &m->list, m->max_tokens, true, m->team);
    batch_init(&m->batch, m->max_tokens, m->max_tokens, m->max_tokens);
    return 0;
}

void predict_close(struct predict_model *m)
{
    encoder_close(m->encoder);
    team_close(m->team);
    tokenizer_scratch_close(m->scratch);
    tokenizer_close(m->tokenizer);
    batch_release(&m->batch);
    params_list_release(&m->list);
    free(m->params);
    free(m->name);
    *m = (struct predict_model){0};
}

bool predict_has_room(const struct predict_model *m, size_t n)
{
    return m->batch.n_tokens + n <= m->max_tokens;
}

void predict_put(struct predict_model *m, const int32_t *ids, const uint8_t *segments, size_t n)
{
    struct batch *b = &m->batch;

    for (size_t i = 0; i < n; i++) {
        b->ids[b->n_tokens] = ids[i];
        b->segments[b->n_tokens] = segments[i];
        b->positions[b->n_tokens++] = (int32_t)i;
    }
    b->next_labels[b->n_sequences++] = -1;
    b->starts[b->n_sequences] = b->n_tokens;
}

const float *predict_forward(struct predict_model *m)
{
    const struct bert_pass pass = {.dropout = false};

    return encoder_forward(m->encoder, m->params, &m->batch, &pass);
}
