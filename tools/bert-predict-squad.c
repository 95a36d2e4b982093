/* bert-predict-squad.c -- questions -> answers.
 *
 *   questions.json --passages--> windows --model--> logits --n-best--> predictions.json, ...
 *                                        `--> --save-logits        ^
 *                                             --logits ------------'
 *   --text FILE: the same for questions that are typed (bert-predict-ask.c) */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "bert-predict-ask.h"
#include "bert-predict-windows.h"
#include "progress.h"
#include "squad/decoding.h"
#include "squad/logits.h"
#include "squad/passages.h"
#include "squad/predictions.h"
#include "squad/scores.h"

enum { GROUP_WINDOWS = 256, MAX_LENGTH = 1 << 16 };

struct args {
    struct predict_options model;
    struct ask_options ask;
    const char *input, *output;
    const char *logits, *save_logits;
    const char *postprocess, *json_summary;
    int64_t seq_length, doc_stride, max_query_length;
    int64_t n_best, max_answer_length;
    double null_threshold;
    bool version_2;
    bool evaluate;
};

struct run {
    struct windows windows;
    struct passages *in;
    struct predictions *out;
    struct logits_writer *logits;
    struct progress progress;
    size_t n_questions, n_windows;
};

static struct passage_options passage_options(const struct args *a, size_t seq_length)
{
    return (struct passage_options){.seq_length = seq_length,
                                    .doc_stride = (size_t)a->doc_stride,
                                    .max_query_length = (size_t)a->max_query_length};
}

/* Computes the passages that wait, and answers their questions. */
static int flush(struct run *r, struct err *err)
{
    struct windows *w = &r->windows;
    size_t at = 0;

    windows_compute(w);
    if (r->logits && logits_put(r->logits, w->start, w->end, w->n_windows, err) < 0)
        return -1;
    if (windows_decode(w, err) < 0)
        return -1;
    for (size_t i = 0; i < w->n; i++) {
        const struct passage *p = &w->passages[i];

        for (size_t q = 0; q < p->paragraph.n_questions; q++)
            if (predictions_put(r->out, p->paragraph.questions[q].id, p->queries[q].n_windows > 0,
                                &w->answers[at++], err) < 0)
                return -1;
    }
    r->n_questions += w->n_questions;
    r->n_windows += w->n_windows;
    windows_clear(w);
    progress_at(&r->progress, r->n_questions);
    return 0;
}

static int answer_all(struct run *r, struct err *err)
{
    struct passage passage;
    int more;

    while ((more = passages_next(&passage, r->in, err)) == 1) {
        windows_add(&r->windows, &passage);
        if (r->windows.n_windows >= GROUP_WINDOWS && flush(r, err) < 0)
            return -1;
    }
    return more < 0 ? -1 : flush(r, err);
}

/* --do_eval: the official scores as squad-score prints them, and for the records. */
static int evaluate(struct json **record, const struct tool *tool, const struct args *a,
                    struct err *err)
{
    const struct scores_options options = {.version = SCORES_BY_FILE, .na_threshold = 1.0};
    char *path = file_join(a->output, "predictions.json");
    enum scores_version version;
    struct json *result = scores_make(&version, a->input, path, &options, err);
    struct buf text = {0};
    int rc = -1;

    free(path);
    if (!result)
        return -1;
    json_write(&text, result, JSON_LINE);
    if (printf("%s\n", text.data) < 0 || fflush(stdout) != 0) {
        err_errno(err, "cannot write standard output");
        goto out;
    }
    *record = json_new_map();
    json_put_real(
        *record, "exact_match",
        json_real_or(json_member(result, version == SCORES_1_1 ? "exact_match" : "exact"), 0));
    json_put_real(*record, "F1", json_real_or(json_member(result, "f1"), 0));
    if (!a->version_2 && version == SCORES_2_0)
        cli_warn(tool, "'%s' is version 2.0: --version-2-with-negative lets \"\" be an answer",
                 a->input);
    rc = 0;
out:
    json_release(result);
    buf_release(&text);
    return rc;
}

static int predict(const struct tool *tool, const struct args *a, const struct nbest_options *nbest,
                   struct err *err)
{
    const struct passage_options options = passage_options(a, (size_t)a->seq_length);
    struct predict_speed speed = {.path = a->json_summary};
    struct run r = {0};
    int rc = -1;

    progress_open(&r.progress, tool->name, PROGRESS_COUNT, 0, a->model.quiet);
    if (windows_open(&r.windows, tool, &a->model, options.seq_length, nbest, err) < 0)
        goto out;
    r.in = passages_open(a->input, r.windows.model.tokenizer, &options, err);
    if (!r.in)
        goto out;
    r.out = predictions_open(a->output, nbest, err);
    if (!r.out)
        goto out;
    if (a->save_logits && !(r.logits = logits_create(a->save_logits, options.seq_length, err)))
        goto out;
    if (answer_all(&r, err) < 0)
        goto out;
    progress_close(&r.progress);
    if ((r.logits && logits_commit(r.logits, err) < 0) || predictions_commit(r.out, err) < 0)
        goto out;
    speed.n_samples = r.n_questions;
    speed.n_features = r.n_windows;
    speed.seconds = r.windows.seconds;
    speed.precision = predict_precision(&r.windows.model);
    if (a->evaluate && evaluate(&speed.result, tool, a, err) < 0)
        goto out;
    rc = predict_report(&speed, tool, &a->model, err);
out:
    progress_close(&r.progress);
    logits_discard(r.logits);
    predictions_close(r.out);
    passages_close(r.in);
    windows_close(&r.windows);
    return rc;
}

/* Saved logits again, by whatever rules; no model is needed, but its vocabulary. */
static int decode(const struct tool *tool, const struct args *a, const struct nbest_options *nbest,
                  struct err *err)
{
    struct predict_model m = {0};
    struct logits logits = {0};
    struct passage_options options;
    struct decoding_counts counts;
    struct json *record = NULL;
    int rc = -1;

    if (logits_open(&logits, a->logits, err) < 0)
        return -1;
    options = passage_options(a, logits.seq_length);
    logits_close(&logits);
    if (predict_open_tokenizer(&m, &a->model, tool, err) == 0)
        rc = decoding_run(&counts, a->output, a->input, a->logits, m.tokenizer, &options, nbest,
                          err);
    if (rc == 0 && a->evaluate) {
        rc = evaluate(&record, tool, a, err);
        json_release(record);
    }
    if (rc == 0 && !a->model.quiet)
        fprintf(stderr, "%s: %llu questions, %llu windows\n", tool->name,
                (unsigned long long)counts.n_questions, (unsigned long long)counts.n_windows);
    predict_close(&m);
    return rc;
}

static int check(const struct args *a, size_t n_operands, struct err *err)
{
    if (n_operands)
        return err_set(err, ERR_USAGE, "questions are given with --input");
    if (a->ask.text && (a->input || a->logits || a->save_logits || a->output))
        return err_set(err, ERR_USAGE,
                       "--text asks for questions itself: no --input, --output, --logits, "
                       "--save-logits");
    if (!a->ask.text && !a->input)
        return err_set(err, ERR_USAGE, "give questions with --input, or a text with --text");
    if (!a->ask.text && !a->output)
        return err_set(err, ERR_USAGE, "--output DIR is needed");
    if (a->logits && a->save_logits)
        return err_set(err, ERR_USAGE, "--logits and --save-logits exclude each other");
    if (a->save_logits && file_is_same(a->save_logits, a->input))
        return err_set(err, ERR_USAGE, "--save-logits '%s' is a file to be read", a->save_logits);
    if (a->logits && !a->model.vocab && !a->model.model)
        return err_set(err, ERR_USAGE, "--logits needs --vocab or --model");
    return 0;
}

static int run(const struct tool *tool, const struct args *a, size_t n_operands, struct err *err)
{
    const struct nbest_options nbest = {.pytorch = strcmp(a->postprocess, "pytorch") == 0,
                                        .version_2 = a->version_2,
                                        .n_best = (size_t)a->n_best,
                                        .max_answer_length = (size_t)a->max_answer_length,
                                        .null_threshold = a->null_threshold};
    const struct passage_options options = passage_options(a, (size_t)a->seq_length);

    if (check(a, n_operands, err) < 0)
        return -1;
    if (a->ask.text)
        return ask(tool, &a->ask, &a->model, &options, &nbest, err);
    return a->logits ? decode(tool, a, &nbest, err) : predict(tool, a, &nbest, err);
}

int squad_main(int argc, char **argv)
{
    struct args a = {.model = PREDICT_DEFAULTS,
                     .ask = {.top = 5},
                     .postprocess = "google",
                     .seq_length = 384,
                     .doc_stride = 128,
                     .max_query_length = 64,
                     .n_best = 20,
                     .max_answer_length = 30};
    const struct opt opts[] = {
        PREDICT_MODEL_OPTIONS(&a.model),
        OPT_TEXT('i', "input", &a.input, "FILE",
                 "questions: SQuAD's JSON, version 1.1 or 2.0; compressed files and URLs as well",
                 .alias = "predict_file"),
        OPT_TEXT('o', "output", &a.output, "DIR",
                 "folder for predictions.json, nbest_predictions.json and, for version 2, "
                 "null_odds.json",
                 .alias = "output_dir"),
        OPT_FLAG('2', "version-2-with-negative", &a.version_2, "no answer is an answer, too"),
        OPT_REAL(0, "null-score-diff-threshold", &a.null_threshold, -1e9, 1e9,
                 "version 2: answer \"\" when no answer scores better by more than this"),
        OPT_CHOICE(0, "postprocess", &a.postprocess, "google|pytorch",
                   "whose rules choose the answers: google-research/bert's, or the PyTorch "
                   "system's with its faults"),
        OPT_TEXT(0, "save-logits", &a.save_logits, "FILE", "HDF5 file for the logits"),
        OPT_TEXT(0, "logits", &a.logits, "FILE",
                 "decode these saved logits again; needs no model but --vocab"),
        OPT_INT('s', "seq-length", &a.seq_length, 4, MAX_LENGTH,
                "tokens in a window (with --logits, theirs)", .alias = "max_seq_length"),
        OPT_INT(0, "doc-stride", &a.doc_stride, 1, MAX_LENGTH,
                "tokens from the start of a window to the start of the next"),
        OPT_INT(0, "max-query-length", &a.max_query_length, 0, MAX_LENGTH,
                "tokens of a question; what is longer is cut"),
        OPT_INT(0, "n-best-size", &a.n_best, 1, 1000, "how many answers are looked at and listed",
                .alias = "n_best"),
        OPT_INT(0, "max-answer-length", &a.max_answer_length, 1, MAX_LENGTH, "tokens of an answer"),
        OPT_CHOICE(0, "rules", &a.model.rules, "hf|google|hf-fast", "whose tokenizer to equal"),
        OPT_TEXT(0, "text", &a.ask.text, "FILE",
                 "answer questions from standard input, one a line, out of this text, a paragraph "
                 "a line; - is not possible"),
        OPT_INT('k', "top", &a.ask.top, 1, 1000, "with --text: how many answers"),
        OPT_FLAG(0, "json", &a.ask.json, "with --text: a line of JSON for each question"),
        OPT_TEXT(0, "json-summary", &a.json_summary, "FILE",
                 "records of size and speed in NVIDIA's dllogger format"),
        OPT_NOTE("do-predict", "predicting is all this tool does"),
        OPT_FLAG('e', "do-eval", &a.evaluate,
                 "score the predictions by the answers in --input, as squad-score does"),
        OPT_NOTE_VALUE("eval-script", "the scorers are built in"),
        OPT_NOTE_VALUE("bert-model", "--model tells the model"),
        OPT_NOTE_VALUE("predict-batch-size",
                       "batches are counted in tokens here, see --batch-tokens"),
        OPT_NOTE("use-habana", "there is no accelerator here"),
        OPT_NOTE_VALUE("use-lazy-mode", "there is no accelerator here", .alias = "use_hpu_graphs"),
        OPT_NOTE("use-torch-compile", "there is no accelerator here",
                 .alias = "compiled_autograd no_cuda"),
        OPT_NOTE("fp16", "for accelerators: --precision bf16 is the fast one here", .alias = "amp"),
        OPT_NOTE_VALUE("loss-scale", "predictions need no gradients"),
        OPT_NOTE_VALUE("local-rank", "one process predicts"),
        OPT_NOTE("use-env", "one process predicts"),
        OPT_NOTE("skip-cache", "windows are made anew in memory"),
        OPT_NOTE_VALUE("cache-dir", "windows are made anew in memory"),
        OPT_NOTE("verbose-logging", "there is nothing more to tell"),
        OPT_NOTE_VALUE("log-freq", "there are no steps to tell of"),
        OPT_NOTE("use-fused-adam", "bert-train squad trains"),
        OPT_NOTE_VALUE("train-batch-size", "bert-train squad trains",
                       .alias = "train_file seed learning_rate num_train_epochs max_steps "
                                "warmup_proportion gradient_accumulation_steps "
                                "throughput_warmup_steps"),
        OPT_END,
    };
    const struct tool tool = {
        .name = "bert-predict squad",
        .operands = "",
        .summary = "answer questions about texts",
        .opts = opts,
        .details =
            "Cuts the contexts into windows as squad-features does, lets the model score each "
            "token as the first and the last of the answer, and chooses as the original "
            "run_squad.py does. The files are the original's, byte for byte where the logits are "
            "the same; squad-score scores them.\n\n"
            "The rules of google-research/bert rank the answers of all windows together. Those of "
            "the PyTorch system let a text come twice and, in version 2, give every question the "
            "null logits of the last one; they are there to compare with it.\n\n"
            "With --text it reads questions, one a line, and writes the best answers with "
            "probability (among those shown), score (sum of both logits) and the line of the text "
            "they are in.\n\n"
            "The model needs a head for questions, as bert-train squad leaves it. The output is "
            "the same for any number of threads.",
        .examples =
            "bert-predict --task squad --model squad/ckpt_7298 --input dev-v1.1.json -o out\n"
            "squad-score dev-v1.1.json out/predictions.json\n"
            "bert-predict squad --logits l.hdf5 --vocab vocab.txt -i dev-v1.1.json -o out "
            "--postprocess pytorch\n"
            "bert-predict squad --model squad/ckpt_7298 --text moby-dick.txt",
    };
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv); /* --help and usage errors end here */

    return cli_finish(&tool, run(&tool, &a, (size_t)(argc - first), &err), &err);
}
