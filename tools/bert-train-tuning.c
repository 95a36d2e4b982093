/* bert-train-tuning.c -- data or features in, a fine-tuned model out.
 *
 * Steps are counted from the features that there are, so the learning rate reaches its end with the last
 * of them. */
#include "bert-train-tuning.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "bert-train-answers.h"
#include "bert-train-features.h"
#include "data/loader.h"
#include "data/stream.h"
#include "store/features.h"

enum { MAX_CONFIG = 1 << 20 };

struct tune_args tune_defaults(void)
{
    struct tune_args a = {.run = run_defaults(),
                          .rules = "hf",
                          .n_best = 20,
                          .max_answer_length = 30,
                          .doc_stride = 128,
                          .max_query_length = 64,
                          .optimizer = "adamw",
                          .schedule = "linear",
                          .train_batch_size = 32,
                          .accumulation = 1,
                          .eval_batch_size = 32,
                          .max_steps = -1,
                          .warmup_steps = -1,
                          .learning_rate = 5e-5,
                          .warmup_proportion = 0.1,
                          .epochs = 3};

    a.run.log_freq = 50;
    a.run.steps_per_checkpoint = 1000;
    return a;
}

/* A session with the options of one of the two commands. */
struct tuning {
    struct session session; /* the first member */
    const struct tune_args *a;
    enum bert_heads heads;
    struct run_args run;
    char *init_vocab; /* of the folder of --init_checkpoint */
    char *train_path; /* of the features */
    char *eval_path;
    bool train_made; /* from other files */
    bool eval_made;
};

/* ---- data ---- */

static bool kind_fits(const struct tuning *t, enum row_kind kind)
{
    return t->heads == HEADS_SPANS ? kind == ROWS_SPANS
                                   : kind == ROWS_CLASSES || kind == ROWS_SCORES;
}

static int check_rows(const struct tuning *t, const char *path, enum row_kind kind, bool unlabelled,
                      size_t seq_length, struct err *err)
{
    if (!kind_fits(t, kind))
        return err_set(err, ERR_USAGE, "'%s' holds %s, not %s", path, row_kind_name(kind),
                       t->heads == HEADS_SPANS ? "questions" : "classes or scores");
    if (unlabelled)
        return err_set(err, ERR_USAGE, "'%s' holds no %s to learn from", path,
                       t->heads == HEADS_SPANS ? "answers" : "labels");
    if (seq_length > (size_t)t->a->max_seq_length)
        return err_set(err, ERR_USAGE,
                       "the rows of '%s' have %zu tokens, more than --max_seq_length %" PRId64,
                       path, seq_length, t->a->max_seq_length);
    return 0;
}

/* Features of a set, the work of rank 0; every rank learns where they are. */
static int prepare_set(char **path, bool *made, struct tuning *t, const char *data, bool dev,
                       struct err *err)
{
    const struct tune_args *a = t->a;
    struct session *s = &t->session;
    const struct features_plan plan = {
        .heads = t->heads,
        .task = a->task,
        .set = dev && t->heads == HEADS_CLASSES ? "dev" : NULL,
        .vocab = t->run.vocab,
        .rules = a->rules,
        .folder = a->skip_cache ? a->run.output_dir : a->cache_dir,
        .cased = t->run.cased,
        .version_2 = a->version_2,
        .first_answer = a->first_answer || dev,
        .seq_length = a->max_seq_length,
        .doc_stride = a->doc_stride,
        .max_query_length = a->max_query_length,
        .threads = a->run.threads,
    };

    if (s->comm.rank == 0 && features_of(path, made, &plan, data, &s->log, err) < 0)
        return -1;
    if (comm_barrier(&s->comm, err) < 0)
        return -1;
    return s->comm.rank == 0 ? 0 : features_of(path, made, &plan, data, &s->log, err);
}

/* --do_eval: of classes on held-back data, of answers by their scores. */
static int check_evaluation(const struct tuning *t, const char *dev, struct err *err)
{
    const struct tune_args *a = t->a;

    if (t->heads == HEADS_CLASSES)
        return a->evaluate && !dev ? err_set(err, ERR_USAGE, "--do_eval needs --eval_file") : 0;
    if (a->evaluate && !a->predict)
        return err_set(err, ERR_USAGE, "--do_eval scores answers: it needs --do_predict");
    if (a->predict && !a->predict_file)
        return err_set(err, ERR_USAGE, "--do_predict needs --predict_file");
    if (a->predict && (a->run.skip_checkpoint || !t->run.vocab))
        return err_set(err, ERR_USAGE, "--do_predict needs a checkpoint, with --vocab");
    return 0;
}

static int prepare_data(struct tuning *t, struct err *err)
{
    const struct tune_args *a = t->a;
    char *train = a->train_file ? mem_text(a->train_file) : NULL;
    char *dev = a->eval_file ? mem_text(a->eval_file) : NULL;
    int rc = 0;

    if (!train && a->data_dir)
        train = file_join(a->data_dir, "train.tsv");
    if (!dev && a->data_dir && a->evaluate)
        dev = file_join(a->data_dir, "dev.tsv");
    if (!train)
        rc = err_set(err, ERR_USAGE, "give --train_file; bert-predict %s answers without training",
                     t->heads == HEADS_CLASSES ? "classify" : "squad");
    else
        rc = check_evaluation(t, dev, err);
    if (rc == 0)
        rc = prepare_set(&t->train_path, &t->train_made, t, train, false, err);
    if (rc == 0 && dev)
        rc = prepare_set(&t->eval_path, &t->eval_made, t, dev, true, err);
    free(train);
    free(dev);
    return rc;
}

/* With --skip_cache, features that were made go with the run. */
static void drop_features(const char *path)
{
    char *sum = file_beside(path, ".sha256");
    struct err ignored = {0};

    file_remove(path, &ignored);
    file_remove(sum, &ignored);
    free(sum);
}

static int open_data(struct tuning *t, struct err *err)
{
    const struct tune_args *a = t->a;
    struct stream *s = &t->session.stream;
    struct loader *test = &t->session.test_loader;

    if (stream_open(s, t->train_path, (uint64_t)a->run.seed, err) < 0 ||
        check_rows(t, s->name, s->kind, s->unlabelled, s->shape.seq_length, err) < 0)
        return -1;
    if (!t->eval_path)
        return 0;
    if (loader_open_test(test, t->eval_path, false, err) < 0)
        return -1;
    if (test->kind != s->kind)
        return err_set(err, ERR_USAGE, "'%s' holds %s, '%s' %s", t->eval_path,
                       row_kind_name(test->kind), s->name, row_kind_name(s->kind));
    return check_rows(t, t->eval_path, test->kind, test->unlabelled, test->shape.seq_length, err);
}

static void set_limits(struct tuning *t)
{
    const struct bert_config *config = &t->session.training.config;
    const struct loader_limits limits = {.vocab_size = config->vocab_size,
                                         .max_positions = config->max_positions,
                                         .n_types = config->n_types,
                                         .n_classes = config->n_labels};

    stream_limit(&t->session.stream, &limits);
    loader_limit(&t->session.test_loader, &limits);
}

/* ---- model ---- */

/* What the file's classes are called, and how many there are. */
static int ask_classes(struct bert_config *c, const char *path, struct err *err)
{
    struct features f;
    size_t n;
    int rc;

    if (features_open(&f, path, err) < 0)
        return -1;
    rc = features_count_classes(&n, &f, err);
    if (rc == 0 && n > c->n_labels)
        c->n_labels = n;
    if (rc == 0 && f.labels && strlen(f.labels) < sizeof c->labels)
        snprintf(c->labels, sizeof c->labels, "%s", f.labels);
    features_close(&f);
    return rc;
}

static int open_classes(struct tuning *t, struct err *err)
{
    const struct stream *s = &t->session.stream;
    struct bert_config *c = &t->session.training.config;
    size_t n_found;

    c->n_labels = 0;
    c->labels[0] = '\0';
    if (t->heads == HEADS_SPANS)
        return 0;
    if (s->kind == ROWS_SCORES) {
        c->n_labels = 1;
        return 0;
    }
    for (size_t i = 0; i < s->n; i++)
        for (size_t k = 0; k < s->loaders[i].n_files; k++)
            if (ask_classes(c, s->loaders[i].paths[k], err) < 0)
                return -1;
    n_found = c->n_labels;
    if (t->a->n_labels > 0)
        c->n_labels = (size_t)t->a->n_labels;
    if (c->n_labels != n_found)
        c->labels[0] = '\0';
    if (c->n_labels < 2 || c->n_labels > CONFIG_MAX_LABELS || c->n_labels < n_found)
        return err_set(err, ERR_USAGE,
                       "'%s' has %zu classes, the model would have %zu: 2 to %d are possible",
                       s->name, n_found, c->n_labels, CONFIG_MAX_LABELS);
    return 0;
}

/* The model of --config_file, or of the folder the weights come from. A preset takes its vocabulary
 * size from the data. */
static int open_config(struct tuning *t, struct err *err)
{
    const struct tune_args *a = t->a;
    struct session *s = &t->session;
    struct bert_config *c = &s->training.config;
    char *path = NULL;
    int rc = -1;

    if (a->config_file)
        path = mem_text(a->config_file);
    else if (a->run.init_checkpoint && file_is_folder(a->run.init_checkpoint))
        path = file_join(a->run.init_checkpoint, "config.json");
    if (!path)
        err_set(err, ERR_USAGE,
                "give --config_file, or a folder with config.json as --init_checkpoint");
    else
        rc = config_load(c, path, err);
    if (rc == 0 && config_is_preset(path) && s->stream.vocab_size > 0)
        c->vocab_size = (size_t)s->stream.vocab_size;
    else if (rc == 0 && config_is_preset(path) && s->vocab.len > 0)
        c->vocab_size = session_vocab_size(s);
    free(path);
    c->heads = t->heads;
    if (rc < 0 || open_classes(t, err) < 0)
        return -1;
    if (t->train_made && (size_t)a->max_seq_length > c->max_positions)
        return err_set(err, ERR_USAGE, "--max_seq_length %" PRId64 ": the model has %zu positions",
                       a->max_seq_length, c->max_positions);
    set_limits(t);
    return session_check_vocab(s, err);
}

/* The vocabulary that lies beside the weights goes with the model, unless another one is given. */
static void find_vocab(struct tuning *t)
{
    const char *folder = t->a->run.init_checkpoint;
    struct err ignored = {0};
    struct json *tokenizer;
    char *path;

    if (t->run.vocab || !folder || !file_is_folder(folder))
        return;
    path = file_join(folder, "vocab.txt");
    if (!file_exists(path)) {
        free(path);
        return;
    }
    t->run.vocab = t->init_vocab = path;
    path = file_join(folder, "tokenizer_config.json");
    tokenizer = json_load(path, MAX_CONFIG, &ignored);
    if (!json_bool_or(json_member(tokenizer, "do_lower_case"), true))
        t->run.cased = true;
    json_release(tokenizer);
    free(path);
}

/* ---- plan ---- */

/* Every row is taken as often as there are epochs; the last step takes what is left. */
static int plan_steps(struct tuning *t, struct err *err)
{
    const struct tune_args *a = t->a;
    struct training_options *o = &t->session.training.options;
    const uint64_t per_step = (uint64_t)a->train_batch_size * (uint64_t)t->session.comm.size;
    const double rows = ceil(a->epochs * (double)t->session.stream.n_rows);

    if (a->train_batch_size % a->accumulation)
        return err_set(err, ERR_USAGE,
                       "--train_batch_size %" PRId64
                       " is not divisible by --gradient_accumulation_steps %" PRId64,
                       a->train_batch_size, a->accumulation);
    o->micro_rows = (size_t)(a->train_batch_size / a->accumulation);
    o->accumulation = (size_t)a->accumulation;
    o->end = (uint64_t)fmax(rows, 1);
    o->schedule = (struct schedule){
        .rate = a->learning_rate,
        .warmup = a->warmup_proportion,
        .n_steps = (int64_t)((o->end + per_step - 1) / per_step),
    };
    schedule_find(&o->schedule.kind, a->schedule); /* a choice of the table */
    if (a->warmup_steps >= 0)
        o->schedule.warmup = (double)a->warmup_steps / (double)o->schedule.n_steps;
    if (o->schedule.warmup > 1)
        return err_set(err, ERR_USAGE,
                       "--warmup_steps %" PRId64 " is more than the %" PRId64 " steps there are",
                       a->warmup_steps, o->schedule.n_steps);
    o->stop_at = a->max_steps >= 0 && a->max_steps < o->schedule.n_steps ? a->max_steps
                                                                         : o->schedule.n_steps;
    return 0;
}

static int plan(struct tuning *t, struct err *err)
{
    const struct tune_args *a = t->a;
    struct training_options *o = &t->session.training.options;

    if (session_plan(&t->session, err) < 0 || plan_steps(t, err) < 0)
        return -1;
    if ((size_t)a->freeze_layers > t->session.training.config.n_layers)
        return err_set(err, ERR_USAGE, "--freeze_layers %" PRId64 ": the model has %zu layers",
                       a->freeze_layers, t->session.training.config.n_layers);
    o->n_frozen = (size_t)a->freeze_layers;
    optimizer_find(&o->optimizer.kind, a->optimizer); /* a choice of the table */
    o->optimizer.uncorrected = !a->bias_correction;
    o->optimizer.max_tensor_norm = a->clip_tensors ? a->run.max_grad_norm : 0;
    o->average_over_step = true;
    o->evaluate = t->eval_path != NULL;
    o->evaluate_epochs = o->evaluate;
    o->evaluate_rows = (size_t)a->eval_batch_size;
    return 0;
}

/* ---- run ---- */

static void say_data(struct session *s)
{
    const struct training *t = &s->training;
    const struct tuning *tuning = (const struct tuning *)s;
    struct json *data = json_new_map();

    json_put_int(data, "training_features", (int64_t)s->stream.n_rows);
    log_parameter(&s->log, data);
    json_put_int(data = json_new_map(), "train_batch_size", tuning->a->train_batch_size);
    log_parameter(&s->log, data);
    json_put_int(data = json_new_map(), "steps", t->options.schedule.n_steps);
    log_parameter(&s->log, data);
    log_say(&s->log, "%zu layers of %zu, %.1f M parameters; %" PRIu64 " rows of %s in '%s'",
            t->config.n_layers, t->config.hidden_size, (double)t->list.n_params * 1e-6,
            s->stream.n_rows, row_kind_name(s->stream.kind), s->stream.name);
    if (t->config.heads == HEADS_CLASSES && t->config.n_labels > 1)
        log_say(&s->log, "%zu classes", t->config.n_labels);
    log_say(&s->log, "%g epochs are %" PRId64 " steps", tuning->a->epochs,
            t->options.schedule.n_steps);
}

static int run(struct tuning *t, struct err *err)
{
    struct session *s = &t->session;

    t->run = t->a->run;
    find_vocab(t);
    if (session_begin(s, err) < 0 || prepare_data(t, err) < 0 || open_data(t, err) < 0 ||
        open_config(t, err) < 0 || plan(t, err) < 0)
        return -1;
    return session_run(s, say_data, err);
}

/* After training, by the first rank alone. */
static int answer(const struct tuning *t, int64_t number, struct err *err)
{
    const struct tune_args *a = t->a;
    char *model = checkpoint_path(a->run.output_dir, number);
    const struct answers_plan plan = {
        .model = model,
        .questions = a->predict_file,
        .output_dir = a->run.output_dir,
        .rules = a->rules,
        .null_threshold = a->null_threshold,
        .seq_length = a->max_seq_length,
        .doc_stride = a->doc_stride,
        .max_query_length = a->max_query_length,
        .n_best = a->n_best,
        .max_answer_length = a->max_answer_length,
        .threads = a->run.threads,
        .version_2 = a->version_2,
        .quiet = a->run.quiet,
        .score = a->evaluate,
    };
    const int rc = answers_make(&plan, err);

    free(model);
    return rc;
}

int tune(const struct tune_args *a, const struct tool *tool, enum bert_heads heads)
{
    struct tuning t = {.session = {.a = &t.run, .tool = tool}, .a = a, .heads = heads};
    struct err err = {0};
    const int rc = run(&t, &err);
    const bool first = t.session.comm.rank == 0;
    const int64_t number = t.session.training.state.number;
    const bool whole = t.session.training.state.step >= t.session.training.options.stop_at;
    int status = session_finish(&t.session, rc, &err);

    if (first && a->skip_cache && t.train_made)
        drop_features(t.train_path);
    if (first && a->skip_cache && t.eval_made)
        drop_features(t.eval_path);
    if (first && status == 0 && a->predict && !whole)
        cli_warn(tool, "training is not at its end: no predictions");
    else if (first && status == 0 && a->predict && answer(&t, number, &err) < 0)
        status = cli_finish(tool, -1, &err);
    free(t.train_path);
    free(t.eval_path);
    free(t.init_vocab);
    return status;
}
