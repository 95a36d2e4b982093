/* shard-text.c -- sentences -> balanced text shards, for those who make a published set again.
 *
 *   inputs --> documents --balance--> PREFIX_training_<i>.txt, PREFIX_test_<i>.txt --> metadata
 *
 * make-pretrain does not need them: it shuffles over the whole corpus. With --rng python it makes one
 * shard of each of these, as the originals did. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli.h"
#include "instance/stage.h"
#include "instance/text_shards.h"

enum { DEFAULT_SHARDS = 256, MAX_SHARDS = 1 << 20 };

struct args {
    const char *output, *prefix;
    int64_t shards, test_shards;
    double test_fraction;
    int64_t threads;
    bool quiet;
};

static bool is_stale(void *context, const char *name)
{
    return text_shards_is_name(context, name);
}

static void sum_up(const struct tool *tool, const struct text_shards *t)
{
    uint64_t sentences[2] = {0, 0};

    for (size_t i = 0; i < t->balance.n_training + t->balance.n_test; i++)
        sentences[i >= t->balance.n_training] += t->balance.shards[i].n_sentences;
    fprintf(stderr,
            "%s: %llu sentences of %zu documents: %llu in %zu training shards, %llu in %zu test "
            "shards\n",
            tool->name, (unsigned long long)t->n_sentences, t->n_documents,
            (unsigned long long)sentences[0], t->balance.n_training,
            (unsigned long long)sentences[1], t->balance.n_test);
}

/* The shards of an earlier set go when the new ones come: none of them may be an input. */
static int spare_inputs(const char *folder, const char *prefix, char *const *inputs,
                        size_t n_inputs, struct err *err)
{
    char **names = NULL;
    size_t n = 0;
    int rc = 0;

    if (file_is_folder(folder) && file_list(&names, &n, folder, ".txt", err) < 0)
        return -1;
    for (size_t i = 0; i < n && rc == 0; i++) {
        char *path = file_join(folder, names[i]);

        if (text_shards_is_name(prefix, names[i]))
            rc = file_spare(path, inputs, n_inputs, err);
        free(path);
    }
    file_free_names(names, n);
    return rc;
}

/* {"name": .., "sha256": ..} of an input; null for what can be read only once. */
static int push_input(struct json *inputs, const char *path, struct err *err)
{
    struct json *map = json_new_map();
    char *name = file_base(path);
    char sha256[HASH_HEX_SIZE];
    int rc = 0;

    json_put_text(map, "name", name);
    if (strcmp(path, "-") == 0 || strstr(path, "://") || !file_exists(path))
        json_put_null(map, "sha256");
    else if ((rc = sha256_of_file(sha256, NULL, path, err)) == 0)
        json_put_text(map, "sha256", sha256);
    json_push(inputs, map);
    free(name);
    return rc;
}

static int save_metadata(const char *path, const char *options, struct json *inputs,
                         const struct text_shards *t, const struct stage *stage, struct err *err)
{
    struct json *root = json_new_map();
    struct json *files = json_new_list();
    int rc;

    json_put_text(root, "format", "bertline text shards");
    json_put_int(root, "format_version", 1);
    json_put_text(root, "tool", "shard-text");
    json_put(root, "options", json_parse(options, strlen(options), err));
    json_put(root, "inputs", inputs);
    json_put_int(root, "documents", (int64_t)t->n_documents);
    json_put_int(root, "sentences", (int64_t)t->n_sentences);
    for (size_t i = 0; i < stage->n_files; i++) {
        struct json *map = json_new_map();

        json_put_text(map, "name", stage->files[i].name);
        json_put_int(map, "documents", (int64_t)t->balance.shards[i].n_documents);
        json_put_int(map, "sentences", stage->files[i].n_rows);
        json_put_text(map, "sha256", stage->files[i].sha256);
        json_push(files, map);
    }
    json_put(root, "files", files);
    rc = json_save(root, path, JSON_INDENTED, err);
    json_release(root);
    return rc;
}

static int settle(struct args *a, const char *prefix, struct err *err)
{
    if (!*prefix || strchr(prefix, '/'))
        return err_set(err, ERR_USAGE, "'%s' cannot be the beginning of file names: use --prefix",
                       prefix);
    if (a->test_fraction == 0 && a->test_shards > 0)
        return err_set(err, ERR_USAGE, "--test-shards without a test fraction");
    if (a->test_fraction > 0 && a->test_shards == 0)
        return err_set(err, ERR_USAGE, "--test-fraction %g needs test shards", a->test_fraction);
    if (a->test_shards < 0)
        a->test_shards = a->test_fraction > 0 ? a->shards : 0;
    return 0;
}

/* All inputs, read and described. */
static int read_inputs(struct text_shards *t, struct json *inputs, char **paths, size_t n,
                       struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (text_shards_add(t, paths[i], err) < 0 || push_input(inputs, paths[i], err) < 0)
            return -1;
    if (t->n_documents == 0)
        return err_set(err, ERR_FORMAT, "no document in the input");
    return 0;
}

static int run(const struct tool *tool, struct args *a, char **paths, size_t n, struct err *err)
{
    static char standard_input[] = "-";
    char *only[] = {standard_input};
    char *folder = file_beside(a->output, "");
    char *metadata = file_beside(folder, "_metadata.json");
    char *prefix = a->prefix ? mem_text(a->prefix) : file_base(folder);
    char *options = cli_options_json(tool, "output prefix threads quiet");
    struct json *inputs = json_new_list();
    struct text_shards t = {0};
    struct stage stage = {0};
    int rc = -1;

    if (settle(a, prefix, err) < 0 || spare_inputs(folder, prefix, paths, n, err) < 0 ||
        stage_open(&stage, folder, prefix, false, err) < 0 ||
        text_shards_open(&t, stage.part, err) < 0 ||
        read_inputs(&t, inputs, n ? paths : only, n ? n : 1, err) < 0 ||
        text_shards_write(&t, &stage, prefix, (size_t)a->shards, (size_t)a->test_shards,
                          a->test_fraction, err) < 0)
        goto out;
    if (file_remove(metadata, err) < 0 || stage_publish(&stage, is_stale, prefix, err) < 0)
        goto out;
    rc = save_metadata(metadata, options, inputs, &t, &stage, err);
    inputs = NULL;
    if (rc == 0 && t.balance.n_too_long)
        cli_warn(tool, "%zu documents have more sentences than a shard's share: shards are uneven",
                 t.balance.n_too_long);
    if (rc == 0 && !a->quiet)
        sum_up(tool, &t);
out:
    json_release(inputs);
    text_shards_close(&t);
    stage_close(&stage);
    free(options);
    free(prefix);
    free(metadata);
    free(folder);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.shards = DEFAULT_SHARDS, .test_shards = -1, .test_fraction = 0.1};
    const struct opt opts[] = {
        OPT_NEED('o', "output", &a.output, "DIR", "folder to write the shards to",
                 .alias = "output_dir"),
        OPT_INT('n', "shards", &a.shards, 1, MAX_SHARDS, "training shards",
                .alias = "n_training_shards"),
        OPT_INT(0, "test-shards", &a.test_shards, 0, MAX_SHARDS,
                "test shards (default as --shards; 0 when the test fraction is 0)",
                .alias = "n_test_shards", .hidden_default = true),
        OPT_REAL(0, "test-fraction", &a.test_fraction, 0, 0.99,
                 "share of sentences for test shards", .alias = "fraction_test_set"),
        OPT_TEXT(0, "prefix", &a.prefix, "NAME",
                 "beginning of the shards' names (default: the folder's name)"),
        OPT_THREADS(&a.threads),
        OPT_QUIET(&a.quiet),
        OPT_END,
    };
    const struct tool tool = {
        .name = "shard-text",
        .operands = "[FILE]...",
        .summary = "distribute documents over balanced text shards",
        .opts = opts,
        .details =
            "Reads sentences, one a line, an empty line between documents, and writes them to "
            "PREFIX_training_N.txt and PREFIX_test_N.txt so that shards have about the same number "
            "of sentences. Which document goes where is decided as the sharding step of NVIDIA's "
            "and Habana's BERT for PyTorch decides it: the largest documents go to the training "
            "shards first, nothing is random, and what does not fit a test shard ends in training, "
            "so the test part may be smaller than its fraction. It is for making a published set "
            "again; make-pretrain shuffles over the whole corpus by itself.\n\n"
            "Beside the folder comes DIR_metadata.json with counts and checksums; it is written "
            "last. One thread does all the work; --threads is there for the sake of scripts.",
        .examples =
            "shard-text --output shards --shards 256 wiki.sentences\n"
            "make-pretrain --rng python --vocab vocab.txt -o wiki_128 shards/*_training_*.txt",
    };
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv); /* --help and usage errors end here */

    return cli_finish(&tool, run(&tool, &a, argv + first, (size_t)(argc - first), &err), &err);
}
