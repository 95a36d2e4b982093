/* bert-predict.c -- what a trained BERT answers; each task has a file of its own.
 *
 * The task is the first word, "bert-predict fill-mask ...", or the value of --task anywhere. */
#include <string.h>

#include "bert-predict.h"
#include "cli.h"

struct command {
    const char *name;
    int (*main)(int argc, char **argv);
};

static const struct command commands[] = {
    {"fill-mask", fill_mask_main},
    {"embed", embed_main},
    {"classify", classify_main},
    {"squad", squad_main},
};

static const char ALL[] = "fill-mask, embed, classify or squad";

static bool same_name(const char *a, const char *b)
{
    for (; *a && (*a == *b || (*a == '_' && *b == '-')); a++, b++)
        ;
    return *a == *b;
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (same_name(name, commands[i].name))
            return &commands[i];
    return NULL;
}

/* Takes "--task X" or "--task=X" out of the arguments; NULL when there is none. */
static const char *take_task(int *argc, char **argv)
{
    static const char option[] = "--task";
    const size_t n = strlen(option);

    for (int i = 1; i < *argc; i++) {
        const bool joined = !strncmp(argv[i], option, n) && argv[i][n] == '=';
        const bool apart = !strcmp(argv[i], option) && i + 1 < *argc;
        const char *task = joined ? argv[i] + n + 1 : argv[i + apart];
        const int taken = joined ? 1 : 2;

        if (!strcmp(argv[i], "--"))
            break;
        if (!joined && !apart)
            continue;
        /* with the NULL behind the last */
        memmove(argv + i, argv + i + taken, (size_t)(*argc - i - taken + 1) * sizeof *argv);
        *argc -= taken;
        return task;
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const char *task = NULL;
    const struct opt opts[] = {
        OPT_TEXT(0, "task", &task, "NAME", "what to predict; may stand as the first word instead"),
        OPT_END,
    };
    const struct tool tool = {
        "bert-predict",
        "fill-mask|embed|classify|squad [OPTION]...",
        "let a trained BERT answer",
        opts,
        "fill-mask: the words that may stand at [MASK].\n\n"
        "embed: sentences as vectors.\n\n"
        "classify: the class or the score of sentences and pairs.\n\n"
        "squad: answers to questions about texts.\n\n"
        "'bert-predict TASK --help' tells the options of a task.",
        "bert-predict --task fill-mask --model run/ckpt_1000",
    };
    const struct command *command = argc > 1 ? find(argv[1]) : NULL;
    struct err err = {0};
    int first;

    if (command)
        return command->main(argc - 1, argv + 1);
    task = take_task(&argc, argv);
    command = task ? find(task) : NULL;
    if (command)
        return command->main(argc, argv);
    first = task ? 0 : cli_parse(&tool, argc, argv);
    if (task || first < argc)
        err_set(&err, ERR_USAGE, "unknown task '%s': there is %s", task ? task : argv[first], ALL);
    else
        err_set(&err, ERR_USAGE, "give a task: %s", ALL);
    return cli_finish(&tool, -1, &err);
}
