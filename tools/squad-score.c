/* squad-score.c -- predictions against SQuAD's gold answers -> the official scores. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli.h"
#include "squad/scores.h"

struct args {
    const char *version;
    const char *na_probs;
    double na_threshold;
    bool articles;
    bool quiet;
};

static void say_unanswered(void *context, const char *id)
{
    cli_warn(context, "question '%s' has no prediction and counts 0", id);
}

static void say_version(void *context, const char *of_file)
{
    cli_warn(context, "the questions are of version '%s', not of the one asked for", of_file);
}

static enum scores_version version_of(const char *name)
{
    if (!strcmp(name, "1.1"))
        return SCORES_1_1;
    return !strcmp(name, "2.0") ? SCORES_2_0 : SCORES_BY_FILE;
}

static int run(const struct tool *tool, const struct args *a, char **files, int n, struct err *err)
{
    const struct scores_options options = {
        .version = version_of(a->version),
        .na_probs = a->na_probs,
        .na_threshold = a->na_threshold,
        .articles = a->articles,
        .context = (void *)(uintptr_t)tool,
        .unanswered = a->quiet ? NULL : say_unanswered,
        .other_version = a->quiet ? NULL : say_version,
    };
    enum scores_version version;
    struct json *result;
    struct buf text = {0};
    int rc = 0;

    if (n != 2)
        return err_set(err, ERR_USAGE, "two files are needed: the gold answers, the predictions");
    result = scores_make(&version, files[0], files[1], &options, err);
    if (!result)
        return -1;
    /* As the official scorers print: the one in one line, the other indented. */
    json_write(&text, result, version == SCORES_1_1 ? JSON_LINE : JSON_INDENTED);
    if (version == SCORES_1_1)
        buf_put_byte(&text, '\n');
    if (fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
        rc = err_errno(err, "cannot write standard output");
    json_release(result);
    buf_release(&text);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.version = "file", .na_threshold = 1.0};
    const struct opt opts[] = {
        OPT_CHOICE(0, "version", &a.version, "file|1.1|2.0",
                   "whose rules: those of the file's own version, or of this one"),
        OPT_TEXT(
            'n', "na-prob-file", &a.na_probs, "FILE",
            "version 2.0: JSON with how likely each question has no answer, or null_odds.json; "
            "adds the best thresholds"),
        OPT_REAL(0, "na-prob-thresh", &a.na_threshold, -1e308, 1e308,
                 "what is more likely than this counts as \"\""),
        OPT_FLAG('a', "articles", &a.articles, "add the scores of each article"),
        OPT_FLAG('q', "quiet", &a.quiet, "no warnings"),
        OPT_END,
    };
    const struct tool tool = {
        .name = "squad-score",
        .operands = "GOLD.json PREDICTIONS.json",
        .summary = "exact match and F1 of answers to SQuAD",
        .opts = opts,
        .details =
            "Prints the JSON of the official scorers evaluate-v1.1.py and evaluate-v2.0.py: the "
            "same keys, the same numbers to the last digit. Answers are compared in lower case, "
            "without punctuation and articles.\n\n"
            "Version 1.1: a question without a prediction counts 0, with a warning. Version 2.0: "
            "it is an error, as is a question that --na-prob-file does not have. The best "
            "thresholds are those at which answering only the questions below would score most.",
        .examples = "squad-score dev-v1.1.json predictions.json\n"
                    "squad-score dev-v2.0.json predictions.json --na-prob-file null_odds.json",
    };
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv); /* --help and usage errors end here */

    return cli_finish(&tool, run(&tool, &a, argv + first, argc - first, &err), &err);
}
