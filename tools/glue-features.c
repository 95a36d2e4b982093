/* glue-features.c -- a file of a GLUE task -> features for fine-tuning and prediction.
 *
 *   F.tsv --columns of the task--> texts, label --WordPiece, pair--> F.hdf5
 *
 * All of the work is libprep/glue/features.c; this is its options and what is said of it. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cli.h"
#include "glue/features.h"

struct args {
    const char *task, *vocab, *input, *output;
    const char *set, *language, *rules;
    int64_t seq_length;
    bool cased, lower_case;
    int64_t threads;
    bool quiet;
};

static void sum_up(const struct tool *tool, const struct args *a,
                   const struct glue_features_summary *s)
{
    if (s->header_is_example)
        cli_warn(tool,
                 "'%s': line 1 reads like an example, but the files of this task begin with "
                 "names of columns: it was left out",
                 a->input);
    if (s->n_short)
        cli_warn(tool, "'%s': %llu lines have too few columns and were left out, line %llu first",
                 a->input, (unsigned long long)s->n_short, (unsigned long long)s->first_short);
    if (a->quiet)
        return;
    fprintf(stderr, "%s: %llu examples%s, %llu cut to %lld tokens", tool->name,
            (unsigned long long)s->n_rows, s->labelled ? "" : " without labels",
            (unsigned long long)s->n_cut, (long long)a->seq_length);
    if (s->n_foreign)
        fprintf(stderr, "; %llu lines in other languages", (unsigned long long)s->n_foreign);
    fprintf(stderr, "\n");
}

static int run(const struct tool *tool, const struct args *a, size_t n_operands, struct err *err)
{
    const struct tokenizer_options tokenizer = {.cased = a->cased, .rules = a->rules};
    struct glue_features_options o = {.language = a->language,
                                      .seq_length = (size_t)a->seq_length,
                                      .n_threads = (size_t)a->threads};
    struct glue_features_summary summary;
    struct tokenizer *t = NULL;
    char *origin = cli_options_json(tool, "vocab input output threads quiet");
    int rc = -1;

    o.origin = origin;
    if (n_operands) {
        err_set(err, ERR_USAGE, "the file to read is given with --input");
        goto out;
    }
    if (a->cased && a->lower_case) {
        err_set(err, ERR_USAGE, "--cased and --do-lower-case contradict each other");
        goto out;
    }
    if (file_is_same(a->output, a->input) || file_is_same(a->output, a->vocab)) {
        err_set(err, ERR_USAGE, "--output '%s' is a file to be read", a->output);
        goto out;
    }
    o.task = glue_task_find(a->task, err);
    if (!o.task)
        goto out;
    if (strcmp(a->set, "auto") != 0 && !(o.form = glue_form_of(o.task, a->set, err)))
        goto out;
    o.tokenizer = t = tokenizer_open(a->vocab, &tokenizer, err);
    if (!t || glue_features_write(&summary, a->output, &o, a->input, err) < 0)
        goto out;
    sum_up(tool, a, &summary);
    rc = 0;
out:
    tokenizer_close(t);
    free(origin);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.set = "auto", .language = "zh", .rules = "hf", .seq_length = 128};
    const struct opt opts[] = {
        OPT_NEED(0, "task", &a.task, "NAME",
                 "mrpc, sst-2, cola, rte, qnli, wnli, mnli, qqp, xnli or sts-b; dashes and case do "
                 "not matter",
                 .alias = "task_name"),
        OPT_NEED('v', "vocab", &a.vocab, "FILE",
                 "WordPiece vocabulary: one token a line, the id is the line number from 0",
                 .alias = "vocab_file"),
        OPT_NEED('i', "input", &a.input, "FILE",
                 "the task's file, tab-separated; - for standard "
                 "input; compressed files and URLs as well",
                 .alias = "input_file data_file"),
        OPT_NEED('o', "output", &a.output, "FILE", "HDF5 file to write", .alias = "output_file"),
        OPT_INT('s', "seq-length", &a.seq_length, 3, 1 << 16,
                "tokens of a row; longer texts are cut, the longer of a pair first",
                .alias = "max_seq_length"),
        OPT_CHOICE(0, "set", &a.set, "auto|train|dev|test",
                   "which set the file is: test sets have other columns and no labels; auto reads "
                   "it from the first line"),
        OPT_TEXT(0, "language", &a.language, "CODE",
                 "xnli: take the lines of the dev set in this language"),
        OPT_FLAG('c', "cased", &a.cased, "keep case and accents (the default lowers both)"),
        OPT_FLAG(0, "do-lower-case", &a.lower_case,
                 "lower-case and take accents away: the default, said aloud", .alias = "uncased"),
        OPT_CHOICE(0, "rules", &a.rules, "hf|google|hf-fast", "whose tokenizer to equal"),
        OPT_THREADS(&a.threads),
        OPT_QUIET(&a.quiet),
        OPT_END,
    };
    const struct tool tool = {
        .name = "glue-features",
        .operands = "",
        .summary = "turn a file of a GLUE task into features",
        .opts = opts,
        .details =
            "Reads the columns that google-research/bert's and Hugging Face's processors read, and "
            "writes [CLS] A [SEP], or [CLS] A [SEP] B [SEP], cut and padded to --seq-length: "
            "input_ids, input_mask, segment_ids and, unless the set has no labels, label_ids "
            "(numbers of the task's labels in alphabetical order; for sts-b the score).\n\n"
            "mrpc takes train.tsv, dev.tsv and test.tsv of GLUE and the original's "
            "msr_paraphrase_train.txt and msr_paraphrase_test.txt; mnli both dev sets; xnli the "
            "file of MultiNLI it is trained on and xnli.dev.tsv or xnli.test.tsv. The first line "
            "is names of columns, but for CoLA's train and dev set. Nothing is quoted: a quote is "
            "a character. A line that is no example ends the run with its number; lines of qqp "
            "with too few columns, which its training set has, are left out and counted, as the "
            "original does.\n\n"
            "The output is the same for any number of threads.",
        .examples =
            "glue-features --task mrpc --vocab vocab.txt --input MRPC/train.tsv -o mrpc.hdf5\n"
            "glue-features --task sst2 --vocab vocab.txt -i SST-2/dev.tsv -o dev.hdf5 -s 64",
    };
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv); /* --help and usage errors end here */

    return cli_finish(&tool, run(&tool, &a, (size_t)(argc - first), &err), &err);
}
