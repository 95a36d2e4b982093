/* bert-predict-model.c -- a model from the files of its folder, ready to compute. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "bert-predict.h"
#include "model/weight_map.h"
#include "run/log.h"

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
    if (o->cased || o->lower_case || !o->model)
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

char *predict_vocab_path(const struct predict_options *o)
{
    return o->vocab ? mem_text(o->vocab) : model_file(o->model, "vocab.txt");
}

/* config.json, or what Google's and the PyTorch system's folders have. */
static char *config_path(const struct predict_options *o)
{
    char *path = o->config ? mem_text(o->config) : model_file(o->model, "config.json");
    char *other;

    if (o->config || file_exists(path))
        return path;
    other = model_file(o->model, "bert_config.json");
    if (file_exists(other)) {
        free(path);
        return other;
    }
    free(other);
    return path;
}

int predict_open(struct predict_model *m, const struct predict_options *o, struct err *err)
{
    char *path;
    int rc;

    if (!o->model)
        return err_set(err, ERR_USAGE, "--model DIR is needed");
    if (!file_exists(o->model))
        return err_set(err, ERR_IO, "there is no model '%s'", o->model);
    m->name = mem_text(o->model);
    path = config_path(o);
    rc = config_load(&m->config, path, err);
    free(path);
    return rc;
}

/* A vocabulary that leaves out more than padding is another model's. */
static void check_vocab_size(const struct predict_model *m, const char *path,
                             const struct tool *tool)
{
    const size_t rows = m->config.vocab_size;
    const size_t n = (size_t)tokenizer_header(m->tokenizer)->vocab_size;

    if (n < rows && !weight_may_be_padded(rows, n))
        cli_warn(tool, "'%s' has %zu tokens, the model %zu: is it the model's?", path, n, rows);
}

int predict_open_tokenizer(struct predict_model *m, const struct predict_options *o,
                           const struct tool *tool, struct err *err)
{
    struct tokenizer_options options = {.rules = o->rules};
    char *path;
    int rc = -1;

    if (find_case(&options.cased, o, err) < 0)
        return -1;
    path = predict_vocab_path(o);
    m->tokenizer = tokenizer_open(path, &options, err);
    if (!m->tokenizer)
        goto out;
    if (m->name && tokenizer_header(m->tokenizer)->vocab_size > (int64_t)m->config.vocab_size) {
        err_set(err, ERR_FORMAT, "%s: %lld tokens, but the model knows %zu", path,
                (long long)tokenizer_header(m->tokenizer)->vocab_size, m->config.vocab_size);
        goto out;
    }
    if (m->name)
        check_vocab_size(m, path, tool);
    m->scratch = tokenizer_scratch_open();
    rc = 0;
out:
    free(path);
    return rc;
}

int predict_load(struct predict_model *m, const struct predict_options *o, enum bert_heads heads,
                 struct err *err)
{
    const size_t wanted = (size_t)o->batch_tokens;

    m->config.heads = heads;
    params_list_init(&m->list, &m->config);
    m->params = mem_array(m->list.n_floats, sizeof *m->params);
    if (weights_load(m->params, &m->report, &m->list, o->model, err) < 0)
        return -1;
    if (o->autocast || strcmp(o->precision, "bf16") == 0)
        m->halves = half_kernel_find("auto");
    m->max_tokens = wanted < m->config.max_positions ? m->config.max_positions : wanted;
    m->team = team_open(parallel_threads((size_t)o->threads));
    batch_init(&m->batch, m->max_tokens, m->max_tokens, m->max_tokens);
    return 0;
}

int predict_needs(const struct predict_model *m, const char *start, const char *what,
                  struct err *err)
{
    const char *missing = strstr(m->report.missing, start);

    if (!missing)
        return 0;
    return err_set(err, ERR_FORMAT, "'%s' has no %s: it lacks %.*s", m->name, what,
                   (int)strcspn(missing, ","), missing);
}

void predict_close(struct predict_model *m)
{
    encoder_close(m->encoder);
    packed_release(&m->packed);
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

void predict_put(struct predict_model *m, const int32_t *ids, size_t n, size_t n_first)
{
    struct batch *b = &m->batch;

    for (size_t i = 0; i < n; i++) {
        b->ids[b->n_tokens] = ids[i];
        b->segments[b->n_tokens] = i >= n_first;
        b->positions[b->n_tokens++] = (int32_t)i;
    }
    b->next_labels[b->n_sequences] = -1;
    b->starts[++b->n_sequences] = b->n_tokens;
}

const struct packed *predict_packed(struct predict_model *m)
{
    if (m->halves && !m->packed.kernel) {
        packed_open(&m->packed, &m->config, &m->list, m->halves, m->team);
        packed_update(&m->packed, m->params, m->team);
    }
    return m->halves ? &m->packed : NULL;
}

const char *predict_precision(const struct predict_model *m)
{
    return m->halves ? "bf16" : "fp32";
}

const float *predict_forward(struct predict_model *m)
{
    const struct bert_pass pass = {.dropout = false};

    if (!m->encoder)
        m->encoder =
            encoder_open_forward(&m->config, &m->list, m->max_tokens, predict_packed(m), m->team);
    return encoder_forward(m->encoder, m->params, &m->batch, &pass);
}

static void record(struct log *l, const char *key, int64_t value)
{
    struct json *data = json_new_map();

    json_put_int(data, key, value);
    log_parameter(l, data);
}

int predict_report(struct predict_speed *s, const struct tool *tool,
                   const struct predict_options *o, struct err *err)
{
    const double rate = s->seconds > 0 ? (double)s->n_features / s->seconds : 0;
    struct json *data;
    struct log log = {0};

    if (log_open(&log, s->path, false, stderr, tool->name, o->quiet, err) < 0) {
        json_release(s->result);
        s->result = NULL;
        return -1;
    }
    log_say(&log, "%zu sequences in %.3f s, %.1f sequences/s, %s", s->n_features, s->seconds, rate,
            s->precision);
    record(&log, "eval_samples", (int64_t)s->n_samples);
    record(&log, "eval_features", (int64_t)s->n_features);
    record(&log, "predict_batch_tokens", o->batch_tokens);
    data = json_new_map();
    json_put_text(data, "precision", s->precision);
    log_parameter(&log, data);
    data = json_new_map();
    json_put_real(data, "e2e_inference_time", s->seconds);
    json_put_real(data, "inference_sequences_per_second", rate);
    log_summary(&log, data);
    if (s->result)
        log_summary(&log, s->result);
    s->result = NULL;
    return log_close(&log, err);
}
