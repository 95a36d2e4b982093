/* bert-predict-classify.c -- sentences or pairs -> classes or scores.
 *
 *   F.tsv --libprep/glue--> features --rows--> batch --model--> logits (N, C)
 *     --softmax--> test_results.tsv, predictions.tsv; with labels --metrics--> eval_results.txt */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sink.h"
#include "bert-predict.h"
#include "glue/features.h"
#include "ops/profile.h"
#include "progress.h"
#include "store/features.h"
#include "store/shard.h"
#include "tasks/metrics.h"
#include "tasks/tuned.h"

enum { BLOCK_ROWS = 256, DEFAULT_LENGTH = 128 };

struct args {
    struct predict_options model;
    const char *input, *output, *task, *set, *language, *json_summary;
    int64_t seq_length, n_labels;
};

struct run {
    const struct args *a;
    struct predict_model model;
    struct tuned *tuned;
    char *made; /* features made of the input, to be removed */
    struct features features;
    size_t n_classes; /* C; 1 = scores */
    size_t *class_of; /* (C) which logit is that of a class of the data */
    struct progress progress;
    double seconds;                  /* in the model */
    float *logits;                   /* (N, C) in the order of the model's classes */
    struct features_target *targets; /* (N) */
    size_t n_done;                   /* rows that have logits */
    struct json *result;             /* metrics, when there are labels */
};

/* ---- the rows ---- */

static bool is_hdf5(const char *path)
{
    static const char magic[] = "\x89HDF";
    char start[4] = "";
    FILE *f = fopen(path, "rb");
    bool is = false;

    if (f) {
        is = fread(start, 1, sizeof start, f) == sizeof start && !memcmp(start, magic, 4);
        fclose(f);
    }
    return is;
}

/* The task's file becomes features beside the results, until the end of the run. */
static int make_features(struct run *r, const struct tool *tool, struct err *err)
{
    const struct args *a = r->a;
    struct glue_features_options o = {.language = a->language,
                                      .seq_length = (size_t)a->seq_length,
                                      .n_threads = (size_t)a->model.threads};
    const size_t most = r->model.config.max_positions;
    struct glue_features_summary summary;

    if (!a->task)
        return err_set(err, ERR_USAGE, "'%s' is no features file: --task-name tells how to read it",
                       a->input);
    o.task = glue_task_find(a->task, err);
    if (!o.task)
        return -1;
    if (strcmp(a->set, "auto") != 0 && !(o.form = glue_form_of(o.task, a->set, err)))
        return -1;
    if (o.seq_length > most)
        return err_set(err, ERR_USAGE, "--seq-length %zu: the model knows %zu positions",
                       o.seq_length, most);
    if (o.seq_length == 0)
        o.seq_length = most < DEFAULT_LENGTH ? most : DEFAULT_LENGTH;
    if (o.seq_length < 3)
        return err_set(err, ERR_USAGE, "--seq-length %zu: 3 tokens are the least", o.seq_length);
    if (predict_open_tokenizer(&r->model, &a->model, tool, err) < 0)
        return -1;
    o.tokenizer = r->model.tokenizer;
    r->made = file_join(a->output, "features.hdf5.part");
    if (glue_features_write(&summary, r->made, &o, a->input, err) < 0)
        return -1;
    if (summary.n_short)
        cli_warn(tool, "'%s': %" PRIu64 " lines have too few columns and were left out", a->input,
                 summary.n_short);
    return 0;
}

static int open_rows(struct run *r, const struct tool *tool, struct err *err)
{
    struct features *f = &r->features;
    char sha256[HASH_HEX_SIZE];
    char *vocab;
    int rc = 0;

    if (!is_hdf5(r->a->input) && make_features(r, tool, err) < 0)
        return -1;
    if (features_open(f, r->made ? r->made : r->a->input, err) < 0)
        return -1;
    if (f->kind == FEATURES_SPANS)
        return err_set(err, ERR_FORMAT, "%s: these are features of questions, not of classes",
                       f->path);
    vocab = predict_vocab_path(&r->a->model);
    if (f->vocab_sha256[0] && file_exists(vocab)) {
        rc = sha256_of_file(sha256, NULL, vocab, err);
        if (rc == 0 && strcmp(sha256, f->vocab_sha256) != 0)
            rc = err_set(err, ERR_FORMAT, "%s: made with another vocabulary than '%s'", f->path,
                         vocab);
    }
    free(vocab);
    return rc;
}

/* ---- classes ---- */

/* Item i of "a|b|c"; its length. */
static const char *label_of(size_t *len, const char *labels, size_t i)
{
    for (; i > 0; i--)
        labels += strcspn(labels, "|") + 1;
    *len = strcspn(labels, "|");
    return labels;
}

static size_t count_labels(const char *labels)
{
    size_t n = labels && *labels ? 1 : 0;

    for (; n && *labels; labels++)
        n += *labels == '|';
    return n;
}

/* Models and data may number the same classes otherwise: then names decide. */
static void match_classes(struct run *r)
{
    const struct bert_config *c = &r->model.config;
    const char *names = r->features.labels;
    size_t *found = mem_array(r->n_classes, sizeof *found);
    size_t n_found = 0;

    for (size_t i = 0; i < r->n_classes; i++) {
        r->class_of[i] = i;
        for (size_t k = 0; names && k < r->n_classes; k++) {
            char name[CONFIG_LABELS_SIZE];
            size_t len;
            const char *wanted = label_of(&len, names, i);

            config_label(name, sizeof name, c, k);
            if (strlen(name) == len && memcmp(name, wanted, len) == 0) {
                found[i] = k;
                n_found++;
                break;
            }
        }
    }
    if (n_found == r->n_classes)
        memcpy(r->class_of, found, r->n_classes * sizeof *found);
    free(found);
}

/* How many classes there are: the model knows, else the options, else the data. */
static int settle_classes(struct run *r, struct err *err)
{
    struct bert_config *c = &r->model.config;
    const size_t named = count_labels(r->features.labels);
    const bool scores = r->features.kind == FEATURES_SCORES;

    if (r->a->n_labels > 0)
        c->n_labels = (size_t)r->a->n_labels;
    else if (c->heads != HEADS_CLASSES)
        c->n_labels = scores ? 1 : named;
    if (c->n_labels == 0)
        return err_set(err, ERR_USAGE,
                       "neither the model's config nor the data tell how many classes there are: "
                       "give --num-labels");
    r->n_classes = c->n_labels;
    if (scores && r->n_classes != 1)
        return err_set(err, ERR_FORMAT, "%s: scores, but '%s' knows %zu classes", r->a->input,
                       r->model.name, r->n_classes);
    if (!scores && r->n_classes == 1 && r->features.labelled)
        return err_set(err, ERR_FORMAT, "%s: classes, but '%s' gives scores", r->a->input,
                       r->model.name);
    if (named && r->n_classes > 1 && named != r->n_classes)
        return err_set(err, ERR_FORMAT, "%s: %zu classes, but '%s' knows %zu", r->a->input, named,
                       r->model.name, r->n_classes);
    r->class_of = mem_array(r->n_classes, sizeof *r->class_of);
    match_classes(r);
    return 0;
}

/* What class i of the data is called. */
static void put_name(struct buf *out, const struct run *r, size_t i)
{
    char name[CONFIG_LABELS_SIZE];
    size_t len;
    const char *label;

    if (count_labels(r->features.labels) == r->n_classes) {
        label = label_of(&len, r->features.labels, i);
        buf_put(out, label, len);
    } else {
        config_label(name, sizeof name, &r->model.config, i);
        buf_put_text(out, name);
    }
}

/* ---- the model ---- */

static void flush(struct run *r)
{
    struct batch *b = &r->model.batch;
    const double from = profile_now();

    if (b->n_sequences == 0)
        return;
    tuned_classes(r->logits + r->n_done * r->n_classes, r->tuned, r->model.params, b);
    r->seconds += profile_now() - from;
    r->n_done += b->n_sequences;
    batch_clear(b);
    progress_at(&r->progress, r->n_done);
}

static int put_row(struct run *r, const struct sequence *s, int64_t row, struct err *err)
{
    const struct bert_config *c = &r->model.config;

    if (s->n_ids > c->max_positions)
        return err_set(err, ERR_LIMIT,
                       "%s: row %" PRId64 ": %zu tokens, but the model knows %zu positions",
                       r->features.path, row, s->n_ids, c->max_positions);
    for (size_t i = 0; i < s->n_ids; i++)
        if (s->ids[i] < 0 || (size_t)s->ids[i] >= c->vocab_size)
            return err_set(err, ERR_FORMAT,
                           "%s: row %" PRId64 ": id %d, but the model knows %zu tokens",
                           r->features.path, row, (int)s->ids[i], c->vocab_size);
    if (r->features.kind == FEATURES_CLASSES && r->targets[row].label >= (int32_t)r->n_classes)
        return err_set(err, ERR_FORMAT,
                       "%s: row %" PRId64 ": label %d, but the model knows %zu classes",
                       r->features.path, row, (int)r->targets[row].label, r->n_classes);
    if (!predict_has_room(&r->model, s->n_ids))
        flush(r);
    predict_put(&r->model, s->ids, s->n_ids, s->n_first);
    return 0;
}

static int compute(struct run *r, struct err *err)
{
    const int64_t N = r->features.n_rows;

    r->logits = mem_array((size_t)N, r->n_classes * sizeof *r->logits);
    r->targets = mem_array((size_t)N, sizeof *r->targets);
    for (int64_t first = 0; first < N; first += BLOCK_ROWS) {
        const int64_t n = N - first < BLOCK_ROWS ? N - first : BLOCK_ROWS;
        struct sequence *rows = NULL;
        struct features_target *targets = NULL;
        int rc = features_read(&rows, &targets, &r->features, first, n, err);

        if (rc == 0)
            memcpy(r->targets + first, targets, (size_t)n * sizeof *targets);
        for (int64_t i = 0; i < n && rc == 0; i++)
            rc = put_row(r, &rows[i], first + i, err);
        if (rows)
            sequences_free(rows, (size_t)n);
        free(targets);
        if (rc < 0)
            return -1;
    }
    flush(r);
    return 0;
}

/* ---- the results ---- */

/* str(numpy.float32(x)): the fewest digits that read back to it. */
static void put_float(struct buf *out, float x)
{
    char text[40];
    const bool small = x != 0 && fabs((double)x) < 1e-4;

    for (int digits = 1; digits <= 9; digits++) {
        if (small)
            snprintf(text, sizeof text, "%.*e", digits - 1, (double)x);
        else
            snprintf(text, sizeof text, "%.*g", digits, (double)x);
        if (strtof(text, NULL) == x)
            break;
    }
    buf_put_text(out, text);
    if (!strpbrk(text, ".en"))
        buf_put_text(out, ".0");
}

/* The probabilities of a row's classes, in the order of the data; returns the best of them. */
static size_t judge(double *p, double *loss, const struct run *r, size_t row)
{
    const float *logits = r->logits + row * r->n_classes;
    const int32_t label = r->targets[row].label;
    double largest = logits[0];
    double sum = 0;
    size_t best = 0;

    for (size_t i = 1; i < r->n_classes; i++)
        largest = fmax(largest, logits[i]);
    for (size_t i = 0; i < r->n_classes; i++) {
        p[i] = exp(logits[r->class_of[i]] - largest);
        sum += p[i];
        best = p[i] > p[best] ? i : best;
    }
    if (label >= 0)
        *loss += largest + log(sum) - logits[r->class_of[label]];
    for (size_t i = 0; i < r->n_classes; i++)
        p[i] /= sum;
    return best;
}

static int save(const struct run *r, const char *name, const struct buf *text, struct err *err)
{
    char *path = file_join(r->a->output, name);
    struct sink out = {0};
    int rc = -1;

    if (sink_open(&out, path, err) == 0 && sink_write(&out, text->data, text->len, err) == 0)
        rc = sink_commit(&out, err);
    sink_close(&out);
    free(path);
    return rc;
}

/* eval_results.txt, and the same as a line of JSON on standard output. */
static int report(struct run *r, const struct metrics *m, double loss, struct err *err)
{
    const size_t n = (size_t)r->features.n_rows;
    struct json *map = metrics_json(m);
    struct buf text = {0};
    struct buf line = {0};
    int rc;

    json_put_real(map, "loss", loss / (double)n);
    json_put_int(map, "examples", (int64_t)n);
    json_write(&line, map, JSON_LINE);
    r->result = map;
    if (m->regression) {
        buf_printf(&text, "eval_loss = %.9g\neval_pearson = %.9g\neval_spearman = %.9g\n",
                   loss / (double)n, m->pearson, m->spearman);
    } else {
        buf_printf(&text, "eval_accuracy = %.9g\n", m->accuracy);
        if (m->binary)
            buf_printf(&text, "eval_f1 = %.9g\n", m->f1);
        buf_printf(&text, "eval_loss = %.9g\neval_matthews = %.9g\n", loss / (double)n,
                   m->matthews);
    }
    rc = save(r, "eval_results.txt", &text, err);
    if (rc == 0 && (printf("%s\n", line.data) < 0 || fflush(stdout) != 0))
        rc = err_errno(err, "cannot write standard output");
    buf_release(&text);
    buf_release(&line);
    return rc;
}

static int write_classes(struct run *r, struct err *err)
{
    const size_t n = (size_t)r->features.n_rows;
    int32_t *best = mem_array(n, sizeof *best);
    int32_t *labels = mem_array(n, sizeof *labels);
    double *p = mem_array(r->n_classes, sizeof *p);
    struct buf rows = {0};
    struct buf answers = {0};
    struct metrics m;
    double loss = 0;
    int rc;

    buf_put_text(&answers, "index\tprediction\n");
    for (size_t i = 0; i < n; i++) {
        best[i] = (int32_t)judge(p, &loss, r, i);
        labels[i] = r->targets[i].label;
        for (size_t k = 0; k < r->n_classes; k++) {
            put_float(&rows, (float)p[k]);
            buf_put_byte(&rows, k + 1 < r->n_classes ? '\t' : '\n');
        }
        buf_printf(&answers, "%zu\t", i);
        put_name(&answers, r, (size_t)best[i]);
        buf_put_byte(&answers, '\n');
    }
    rc =
        save(r, "test_results.tsv", &rows, err) < 0 || save(r, "predictions.tsv", &answers, err) < 0
            ? -1
            : 0;
    if (rc == 0 && r->features.labelled) {
        metrics_of_classes(&m, best, labels, n, r->n_classes);
        rc = report(r, &m, loss, err);
    }
    buf_release(&rows);
    buf_release(&answers);
    free(best);
    free(labels);
    free(p);
    return rc;
}

static int write_scores(struct run *r, struct err *err)
{
    const size_t n = (size_t)r->features.n_rows;
    float *labels = mem_array(n, sizeof *labels);
    struct buf rows = {0};
    struct buf answers = {0};
    struct metrics m;
    double loss = 0;
    int rc;

    buf_put_text(&answers, "index\tprediction\n");
    for (size_t i = 0; i < n; i++) {
        const double miss = (double)r->logits[i] - (double)r->targets[i].score;

        labels[i] = r->targets[i].score;
        loss += miss * miss;
        put_float(&rows, r->logits[i]);
        buf_put_byte(&rows, '\n');
        buf_printf(&answers, "%zu\t", i);
        put_float(&answers, r->logits[i]);
        buf_put_byte(&answers, '\n');
    }
    rc =
        save(r, "test_results.tsv", &rows, err) < 0 || save(r, "predictions.tsv", &answers, err) < 0
            ? -1
            : 0;
    if (rc == 0 && r->features.labelled) {
        metrics_of_scores(&m, r->logits, labels, n);
        rc = report(r, &m, loss, err);
    }
    buf_release(&rows);
    buf_release(&answers);
    free(labels);
    return rc;
}

static int load(struct run *r, struct err *err)
{
    struct predict_model *m = &r->model;

    if (predict_load(m, &r->a->model, HEADS_CLASSES, err) < 0 ||
        predict_needs(m, "classifier.", "classifier", err) < 0 ||
        predict_needs(m, "bert.pooler.", "pooler", err) < 0)
        return -1;
    r->tuned = tuned_open_forward(&m->config, m->max_tokens, m->max_tokens, m->halves, m->team);
    tuned_take(r->tuned, m->params);
    return 0;
}

static int check(const struct args *a, size_t n_operands, struct err *err)
{
    if (n_operands)
        return err_set(err, ERR_USAGE, "the examples are given with --input");
    if (!a->input)
        return err_set(err, ERR_USAGE, "--input FILE is needed");
    if (!a->output)
        return err_set(err, ERR_USAGE, "--output DIR is needed");
    return file_make_folder(a->output, err);
}

static int run(const struct tool *tool, const struct args *a, size_t n_operands, struct err *err)
{
    struct predict_speed speed = {.path = a->json_summary};
    struct run r = {.a = a};
    struct err ignored = {0};
    int rc = -1;

    progress_open(&r.progress, tool->name, PROGRESS_COUNT, 0, a->model.quiet);
    if (check(a, n_operands, err) < 0 || predict_open(&r.model, &a->model, err) < 0 ||
        open_rows(&r, tool, err) < 0 || settle_classes(&r, err) < 0 || load(&r, err) < 0)
        goto out;
    r.progress.total = (uint64_t)r.features.n_rows;
    if (compute(&r, err) < 0)
        goto out;
    progress_close(&r.progress);
    if ((r.n_classes > 1 ? write_classes(&r, err) : write_scores(&r, err)) < 0)
        goto out;
    speed.n_samples = speed.n_features = (size_t)r.features.n_rows;
    speed.seconds = r.seconds;
    speed.precision = predict_precision(&r.model);
    speed.result = r.result;
    r.result = NULL;
    rc = predict_report(&speed, tool, &a->model, err);
out:
    progress_close(&r.progress);
    json_release(r.result);
    features_close(&r.features);
    if (r.made)
        file_remove(r.made, &ignored);
    tuned_close(r.tuned);
    predict_close(&r.model);
    free(r.made);
    free(r.class_of);
    free(r.logits);
    free(r.targets);
    return rc;
}

int classify_main(int argc, char **argv)
{
    struct args a = {.model = PREDICT_DEFAULTS, .set = "auto", .language = "zh"};
    const struct opt opts[] = {
        PREDICT_MODEL_OPTIONS(&a.model),
        OPT_TEXT('i', "input", &a.input, "FILE",
                 "features of glue-features, or the task's tab-separated file",
                 .alias = "input_file data_file"),
        OPT_TEXT('o', "output", &a.output, "DIR", "folder for the results", .alias = "output_dir"),
        OPT_TEXT(0, "task-name", &a.task, "NAME",
                 "of a tab-separated file: mrpc, sst-2, cola, rte, qnli, wnli, mnli, qqp, xnli or "
                 "sts-b",
                 .alias = "task"),
        OPT_CHOICE(0, "set", &a.set, "auto|train|dev|test", "which set the file is"),
        OPT_TEXT(0, "language", &a.language, "CODE", "xnli: take the lines in this language"),
        OPT_INT('s', "seq-length", &a.seq_length, 0, 1 << 16,
                "tokens of an example; longer texts are cut; 0 = 128, or the model's positions "
                "where these are fewer",
                .alias = "max_seq_length"),
        OPT_CHOICE(0, "rules", &a.model.rules, "hf|google|hf-fast", "whose tokenizer to equal"),
        OPT_INT(0, "num-labels", &a.n_labels, 0, CONFIG_MAX_LABELS,
                "classes of a model whose config does not tell; 1 = scores, 0 = as the data tell"),
        OPT_TEXT(0, "json-summary", &a.json_summary, "FILE",
                 "records of size and speed in NVIDIA's dllogger format", .alias = "dllog_path"),
        OPT_NOTE("do-predict", "predicting is all this tool does", .alias = "do_eval"),
        OPT_NOTE_VALUE("predict-batch-size",
                       "batches are counted in tokens here, see --batch-tokens",
                       .alias = "eval_batch_size"),
        OPT_END,
    };
    const struct tool tool = {
        .name = "bert-predict classify",
        .operands = "",
        .summary = "say the class or the score of sentences and pairs",
        .opts = opts,
        .details =
            "Writes to the output folder test_results.tsv, the probability of each class, one line "
            "an example, as run_classifier.py does (for scores the score); predictions.tsv, the "
            "best class by name, as GLUE wants it; and, when the examples have labels, "
            "eval_results.txt with accuracy, F1 of class 1 where there are two, Matthews' "
            "correlation and the loss, or for scores Pearson's and Spearman's correlation. The "
            "same comes as a line of JSON on standard output.\n\n"
            "Classes stand in the order of the data. Where model and data name the same classes in "
            "another order, names decide.\n\n"
            "The model needs a classifier, as bert-train classify leaves it. The output is the "
            "same for any number of threads.",
        .examples = "bert-predict --task classify --model mrpc/ckpt_345 --input dev.hdf5 -o out\n"
                    "bert-predict classify --model sst/ckpt_6315 --task_name sst-2 "
                    "-i SST-2/dev.tsv -o out",
    };
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv); /* --help and usage errors end here */

    return cli_finish(&tool, run(&tool, &a, (size_t)(argc - first), &err), &err);
}
