/* bert-train.c -- the trainer's commands; each has a file of its own. */
#include <string.h>

#include "bert-train-pretrain.h"
#include "bert-train-tune.h"
#include "cli.h"

struct command {
    const char *name;
    int (*main)(int argc, char **argv);
};

static const struct command commands[] = {
    {"pretrain", pretrain_main},
    {"squad", squad_main},
    {"classify", classify_main},
};

int main(int argc, char **argv)
{
    const struct opt opts[] = {OPT_END};
    const struct tool tool = {
        "bert-train",
        "pretrain|squad|classify [OPTION]...",
        "train BERT",
        opts,
        "pretrain: on pretraining shards, packed or not.\n"
        "squad: to answer questions, on features of squad-features.\n"
        "classify: to tell classes or scores of sentences, on features of glue-features.\n\n"
        "'bert-train COMMAND --help' tells the options of a command.",
        "bert-train pretrain --input_dir shards --config_file tiny --output_dir run"};
    struct err err = {0};
    int first;

    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].main(argc - 1, argv + 1);
    first = cli_parse(&tool, argc, argv);
    if (first < argc)
        err_set(&err, ERR_USAGE, "unknown command '%s': give pretrain, squad or classify",
                argv[first]);
    else
        err_set(&err, ERR_USAGE, "give a command: pretrain, squad or classify");
    return cli_finish(&tool, -1, &err);
}
