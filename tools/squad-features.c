/* squad-features.c -- the JSON of SQuAD -> windows of questions and contexts, as HDF5. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli.h"
#include "progress.h"
#include "squad/conversion.h"

enum { MAX_LENGTH = 1 << 16 };

struct args {
    const char *vocab;
    const char *input;
    const char *output;
    const char *rules;
    const char *compression;
    bool predict, train;
    bool version_2;
    bool first_answer;
    bool cased, lower_case;
    int64_t seq_length;
    int64_t doc_stride;
    int64_t max_query_length;
    int64_t n_threads;
    bool quiet;
};

/* What is said while it goes on. */
struct talk {
    const struct tool *tool;
    struct progress progress;
};

static void show_progress(void *context, uint64_t taken, uint64_t total)
{
    struct talk *talk = context;

    talk->progress.total = total;
    progress_at(&talk->progress, taken);
}

static void say_skipped(void *context, const char *id)
{
    struct talk *talk = context;

    progress_clear(&talk->progress);
    cli_warn(talk->tool, "question '%s' is skipped: its answer is not in the context", id);
}

static void say_counts(const struct tool *tool, const struct conversion_counts *counts)
{
    fprintf(stderr, "%s: %llu questions, %llu windows", tool->name,
            (unsigned long long)counts->n_questions, (unsigned long long)counts->n_windows);
    if (counts->n_skipped)
        fprintf(stderr, "; %llu questions skipped", (unsigned long long)counts->n_skipped);
    if (counts->n_without)
        fprintf(stderr, "; %llu questions without a window", (unsigned long long)counts->n_without);
    fprintf(stderr, "\n");
}

static enum chunk_packing packing_of(const char *name)
{
    if (!strcmp(name, "zstd"))
        return CHUNK_ZSTD;
    return !strcmp(name, "none") ? CHUNK_PLAIN : CHUNK_GZIP;
}

static int check(const struct args *a, struct err *err)
{
    if (a->cased && a->lower_case)
        return err_set(err, ERR_USAGE, "--cased and --do-lower-case exclude each other");
    if (a->predict && a->train)
        return err_set(err, ERR_USAGE, "--predict and --train exclude each other: a file each");
    if ((a->input && file_is_same(a->output, a->input)) || file_is_same(a->output, a->vocab))
        return err_set(err, ERR_USAGE, "--output '%s' is a file to be read", a->output);
    return 0;
}

static int run(const struct tool *tool, const struct args *a, struct err *err)
{
    const struct tokenizer_options tokenizer_options = {.cased = a->cased, .rules = a->rules};
    struct talk talk = {.tool = tool};
    struct conversion_counts counts;
    struct tokenizer *t;
    /* Neither where the data are nor how many cores took part changes them. */
    char *text =
        cli_options_json(tool, "vocab input output threads quiet predict train do_lower_case");
    const struct conversion_options options = {
        .passage =
            {
                .seq_length = (size_t)a->seq_length,
                .doc_stride = (size_t)a->doc_stride,
                .max_query_length = (size_t)a->max_query_length,
                .training = !a->predict,
                .version_2 = a->version_2,
                .first_answer = a->first_answer,
            },
        .packing = packing_of(a->compression),
        .n_threads = (size_t)a->n_threads,
        .text = text,
        .context = &talk,
        .progress = show_progress,
        .skipped = say_skipped,
    };
    int rc = -1;

    t = check(a, err) == 0 ? tokenizer_open(a->vocab, &tokenizer_options, err) : NULL;
    if (t) {
        progress_open(&talk.progress, tool->name, PROGRESS_BYTES, 0, a->quiet);
        rc = conversion_run(&counts, a->output, a->input, t, &options, err);
        progress_close(&talk.progress);
    }
    if (rc == 0 && !a->quiet)
        say_counts(tool, &counts);
    tokenizer_close(t);
    free(text);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.rules = "hf",
                     .compression = "gzip",
                     .seq_length = 384,
                     .doc_stride = 128,
                     .max_query_length = 64};
    const struct opt opts[] = {
        OPT_NEED('v', "vocab", &a.vocab, "FILE", "WordPiece vocabulary, one token a line",
                 .alias = "vocab_file"),
        OPT_TEXT('i', "input", &a.input, "FILE",
                 "questions: SQuAD's JSON, version 1.1 or 2.0 (default: standard input)",
                 .alias = "train_file predict_file"),
        OPT_NEED('o', "output", &a.output, "FILE", "HDF5 file to make", .alias = "output_file"),
        OPT_FLAG(0, "train", &a.train, "for training, with the answers: the default",
                 .alias = "do_train"),
        OPT_FLAG('p', "predict", &a.predict,
                 "for prediction, without answers and with the way back to the text",
                 .alias = "do_predict"),
        OPT_FLAG('2', "version-2-with-negative", &a.version_2,
                 "some questions have no answer, and say so by 'is_impossible'"),
        OPT_FLAG(0, "first-answer", &a.first_answer,
                 "train on the first answer where there are several, which is an error otherwise"),
        OPT_INT('s', "seq-length", &a.seq_length, 4, MAX_LENGTH, "tokens in a window",
                .alias = "max_seq_length"),
        OPT_INT(0, "doc-stride", &a.doc_stride, 1, MAX_LENGTH,
                "tokens from the start of a window to the start of the next"),
        OPT_INT(0, "max-query-length", &a.max_query_length, 0, MAX_LENGTH,
                "tokens of a question; what is longer is cut"),
        OPT_FLAG(0, "cased", &a.cased, "keep case and accents"),
        OPT_FLAG(0, "do-lower-case", &a.lower_case,
                 "do not keep them: the default, for scripts that say so"),
        OPT_CHOICE(0, "rules", &a.rules, "hf|google|hf-fast",
                   "whose tokens: the PyTorch system's, google-research/bert's, the fast "
                   "tokenizers'"),
        OPT_CHOICE(0, "compression", &a.compression, "gzip|zstd|none",
                   "of HDF5: gzip is what every reader has; zstd is filter 32015"),
        OPT_THREADS(&a.n_threads),
        OPT_QUIET(&a.quiet),
        OPT_END,
    };
    const struct tool tool = {
        .name = "squad-features",
        .operands = "",
        .summary = "turn SQuAD questions into windows for training or prediction",
        .opts = opts,
        .details =
            "Each question becomes one or more rows [CLS] question [SEP] part of its context "
            "[SEP]: contexts that are too long are cut into windows that overlap. The rows are "
            "those of the original run_squad.py.\n\n"
            "For training every question needs one answer, or, with --version-2-with-negative, may "
            "be impossible. Its place is narrowed to the tokens of the answer's text; a window "
            "that does not hold all of it is labelled 0, 0. A question whose answer is not in the "
            "words its offset points at is skipped, named and counted. An offset outside of the "
            "context, a missing member or broken JSON end the program, and no file is made.\n\n"
            "The JSON is read a paragraph at a time, compressed or not; memory does not grow with "
            "the file. The same input and options give the same bytes for any number of threads.",
        .examples = "squad-features -v vocab.txt -i train-v1.1.json -o train.hdf5\n"
                    "squad-features -v vocab.txt -i dev-v1.1.json -o dev.hdf5 --predict\n"
                    "squad-features -v vocab.txt -i train-v2.0.json -o train2.hdf5 "
                    "--version-2-with-negative",
    };
    struct err err = {0};

    cli_parse(&tool, argc, argv); /* --help and usage errors end here */
    return cli_finish(&tool, run(&tool, &a, &err), &err);
}
