/* bert-convert.c -- models that come and go: the weights of Hugging Face, PyTorch and TensorFlow as a
 * folder for Hugging Face's programs and this project's, or for those of the PyTorch system. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "model/conversion.h"
#include "model/export.h"

struct args {
    const char *input;
    const char *output;
    const char *format;
    const char *config;
    const char *vocab;
    bool quiet;
};

static void say_lines(const struct tool *tool, const struct buf *text, bool as_warnings)
{
    const char *line = text->data;
    const char *end;

    for (; line && (end = strchr(line, '\n')); line = end + 1)
        if (as_warnings)
            cli_warn(tool, "%.*s", (int)(end - line), line);
        else
            fprintf(stderr, "%s: %.*s\n", tool->name, (int)(end - line), line);
}

static int run(const struct args *a, const struct tool *tool, struct err *err)
{
    struct conversion c;
    int rc;

    if (conversion_read(&c, a->input, a->config, a->vocab, err) < 0)
        return -1;
    rc = strcmp(a->format, "pytorch") != 0 ? export_huggingface(&c, a->output, err)
                                           : export_pytorch(&c, a->output, err);
    if (rc == 0 && !a->quiet)
        say_lines(tool, &c.report, false);
    if (rc == 0)
        say_lines(tool, &c.warnings, true);
    conversion_release(&c);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.format = "huggingface"};
    const struct opt opts[] = {
        OPT_NEED('i', "input", &a.input, "PATH",
                 "folder, file, archive or TensorFlow prefix of weights",
                 .alias = "init_checkpoint tf_checkpoint_path"),
        OPT_NEED('o', "output", &a.output, "DIR", "folder to write into",
                 .alias = "output_dir pytorch_dump_path"),
        OPT_CHOICE(
            'f', "format", &a.format, "huggingface|pytorch",
            "model.safetensors for Hugging Face and bert-train, or pytorch_model.bin for the "
            "PyTorch system (dense_act)"),
        OPT_TEXT(
            'c', "config", &a.config, "FILE",
            "config.json or bert_config.json, or tiny to large; else the one beside the weights, "
            "else their shapes",
            .alias = "config_file bert_config_file"),
        OPT_TEXT('v', "vocab", &a.vocab, "FILE", "vocab.txt; else the one beside the weights",
                 .alias = "vocab_file"),
        OPT_QUIET(&a.quiet),
        OPT_END,
    };
    const struct tool tool = {
        .name = "bert-convert",
        .operands = "",
        .summary = "read the weights of a BERT of any system, write them for another",
        .opts = opts,
        .details =
            "Reads model.safetensors (also in shards), files of torch.save() in both of their "
            "forms, and TensorFlow checkpoints of version 2 (Google's BERT, NVIDIA's, the model "
            "garden's of TensorFlow 2), in folders, alone or in an archive. "
            "What is in a file tells its kind. Nothing in a pickle is ever run: it may hold "
            "tensors and containers only.\n"
            "\n"
            "Names and shapes of all systems become Hugging Face's, numbers float32. What was "
            "taken, renamed, left out or guessed is told on standard error.",
        .examples = "bert-convert --input uncased_L-12_H-768_A-12.zip --output base\n"
                    "bert-convert --input results/ckpt_8601.pt --output model --vocab vocab.txt\n"
                    "bert-convert --input model --output system --format pytorch",
    };
    struct err err = {0};

    cli_parse(&tool, argc, argv);
    return cli_finish(&tool, run(&a, &tool, &err), &err);
}
