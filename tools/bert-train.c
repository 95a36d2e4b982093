/* bert-train.c -- the trainer's commands; each has a file of its own. */
#include <string.h>

#include "bert-train-pretrain.h"
#include "cli.h"

struct command {
    const char *name;
    int (*main)(int argc, char **argv);
};

static const struct command commands[] = {
    {"pretrain", pretrain_main},
};

int main(int argc, char **argv)
{
    const struct opt opts[] = {OPT_END};
    const struct tool tool = {
        "bert-train",
        "pretrain [OPTION]...",
        "train BERT",
        opts,
        "pretrain: on pretraining shards, packed or not.\n\n"
        "'bert-train COMMAND --help' tells the options of a command.",
        "bert-train pretrain --input_dir shards --config_file tiny --output_dir run"};
    struct err err = {0};
    int first;

    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(argv[1], commands[i].name))
            return commands[i].main(argc - 1, argv + 1);
    first = cli_parse(&tool, argc, argv);
    if (first < argc)
        err_set(&err, ERR_USAGE, "unknown command '%s': pretrain is the one there is", argv[first]);
    else
        err_set(&err, ERR_USAGE, "give a command: pretrain");
    return cli_finish(&tool, -1, &err);
}
