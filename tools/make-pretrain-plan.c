/* make-pretrain-plan.c -- each default and each contradiction has its place here. */
#define _XOPEN_SOURCE 700 /* realpath */
#include "make-pretrain-plan.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

enum { DEFAULT_SHARDS = 256 };

static const double DEFAULT_TEST_FRACTION = 0.1;
static const double DEFAULT_SHORT_SEQ_PROB = 0.1;

/* A name like a file's is one: --output_file of the original. Its length without the suffix, 0 for a
 * folder. */
static size_t stem_of_file(const char *output)
{
    static const char *const suffixes[] = {".hdf5", ".h5", ".tfrecord"};
    const size_t n = strlen(output);

    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        const size_t m = strlen(suffixes[i]);

        if (n > m && strcmp(output + n - m, suffixes[i]) == 0 && !file_is_folder(output))
            return n - m;
    }
    return 0;
}

/* TensorFlow's trainers take "_metadata.json" for the mark of packed data. */
static const char *metadata_suffix(const struct plan_args *a)
{
    return strcmp(a->format, "tfrecord") == 0 ? "_tfrecord.json" : "_metadata.json";
}

static void find_single_file(struct plan_target *t, const struct plan_args *a, size_t stem_len)
{
    const char *output = a->output;
    const char *slash = strrchr(output, '/');
    char *stem = mem_text_n(output, stem_len);

    t->folder =
        slash ? mem_text_n(output, slash > output ? (size_t)(slash - output) : 1) : mem_text(".");
    t->file_name = file_base(output);
    t->prefix = mem_text(t->file_name);
    t->metadata = file_beside(stem, metadata_suffix(a));
    free(stem);
}

int plan_target(struct plan_target *t, const struct plan_args *a, struct err *err)
{
    char full[PATH_MAX];
    size_t stem;
    char *name;

    if (!a->output)
        return err_set(err, ERR_USAGE, "--output is needed (or --check, to verify what is there)");
    stem = stem_of_file(a->output);
    if (stem) {
        if (a->prefix)
            return err_set(err, ERR_USAGE, "--prefix is for a folder; '%s' is a single file",
                           a->output);
        find_single_file(t, a, stem);
        return 0;
    }
    name = file_base(a->output);
    /* ".", ".." and "/" do not tell what the folder is called. */
    if ((!strcmp(name, ".") || !strcmp(name, "..")) && realpath(a->output, full))
        t->folder = mem_text(full);
    else
        t->folder = file_beside(a->output, "");
    free(name);
    t->prefix = a->prefix ? mem_text(a->prefix) : file_base(t->folder);
    t->metadata = file_beside(t->folder, metadata_suffix(a));
    if (!*t->prefix || strchr(t->prefix, '/'))
        return err_set(err, ERR_USAGE, "'%s' cannot be the beginning of file names: use --prefix",
                       t->prefix);
    return 0;
}

void plan_release_target(struct plan_target *t)
{
    free(t->folder);
    free(t->prefix);
    free(t->file_name);
    free(t->metadata);
}

static void add_path(struct plan_inputs *p, const char *path)
{
    p->all = mem_resize(p->all, p->n + 1, sizeof *p->all);
    p->all[p->n++] = mem_text(path);
}

static int add_input(struct plan_inputs *p, const char *path, struct err *err)
{
    char **names;
    size_t n;

    if (!file_is_folder(path)) {
        add_path(p, path);
        return 0;
    }
    if (file_list(&names, &n, path, ".txt", err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        char *file = file_join(path, names[i]);

        add_path(p, file);
        free(file);
    }
    file_free_names(names, n);
    return n ? 0 : err_set(err, ERR_FORMAT, "no .txt file in folder '%s'", path);
}

int plan_inputs(struct plan_inputs *p, const struct plan_args *a, char *const *operands, size_t n,
                struct err *err)
{
    if (a->input && add_input(p, a->input, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (add_input(p, operands[i], err) < 0)
            return -1;
    if (p->n == 0)
        add_path(p, "-");
    return 0;
}

void plan_release_inputs(struct plan_inputs *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->all[i]);
    free(p->all);
}

bool plan_is_original(const struct plan_args *a)
{
    return strcmp(a->rng, "python") == 0;
}

/* How many shards there are of each part, where that is not free. */
static int settle_fixed(struct plan_args *a, const struct plan_target *t, int64_t n_inputs,
                        struct err *err)
{
    const bool single = t->file_name;

    if (a->test_shards == PLAN_NOT_GIVEN)
        a->test_shards = 0;
    if (single && (a->test_fraction > 0 || a->test_shards > 0))
        return err_set(err, ERR_USAGE, "a single file has no test part");
    if (a->test_fraction > 0)
        return err_set(err, ERR_USAGE,
                       "--rng python draws no test part: --test-shards says how many inputs, the "
                       "last ones, are for testing");
    if (!single && a->test_shards >= n_inputs)
        return err_set(err, ERR_USAGE,
                       "--rng python makes one shard of each input: of %lld they cannot be %lld "
                       "test shards and one for training",
                       (long long)n_inputs, (long long)a->test_shards);
    n_inputs = single ? 1 : n_inputs - a->test_shards;
    if (a->shards != PLAN_NOT_GIVEN && a->shards != n_inputs)
        return err_set(err, ERR_USAGE, "%s: %lld shards, not %lld",
                       single ? "a single file" : "--rng python makes one shard of each input",
                       (long long)n_inputs, (long long)a->shards);
    a->shards = n_inputs;
    a->test_fraction = 0;
    return 0;
}

static int settle_free(struct plan_args *a, struct err *err)
{
    if (a->test_fraction > 0 && a->test_shards == 0)
        return err_set(err, ERR_USAGE, "--test-fraction %g needs test shards", a->test_fraction);
    if (a->test_fraction == 0 && a->test_shards > 0)
        return err_set(err, ERR_USAGE, "--test-shards without a test fraction");
    if (a->shards == PLAN_NOT_GIVEN)
        a->shards = DEFAULT_SHARDS;
    if (a->test_shards == PLAN_NOT_GIVEN)
        a->test_shards = a->test_fraction == 0 ? 0 : a->shards;
    if (a->test_fraction == PLAN_NOT_GIVEN)
        a->test_fraction = a->test_shards ? DEFAULT_TEST_FRACTION : 0;
    return 0;
}

int plan_settle(struct plan_args *a, const struct plan_target *t, size_t n_inputs, struct err *err)
{
    const bool is_tfrecord = strcmp(a->format, "tfrecord") == 0;

    if ((plan_is_original(a) || t->file_name ? settle_fixed(a, t, (int64_t)n_inputs, err)
                                             : settle_free(a, err)) < 0)
        return -1;
    if (a->cased && a->lower_case)
        return err_set(err, ERR_USAGE, "--cased and --do-lower-case contradict each other");
    if (a->cased && !a->vocab)
        return err_set(err, ERR_USAGE, "--cased is for text input, with --vocab");
    if (strcmp(a->rules, "hf") != 0 && !a->vocab)
        return err_set(err, ERR_USAGE, "--rules is for text input, with --vocab");
    if (a->whole_words && strcmp(a->masking, "spans") == 0)
        return err_set(err, ERR_USAGE, "--whole-word-mask and --masking spans exclude each other");
    if (strcmp(a->nsp_label, "google") == 0 && strcmp(a->pairs, "nsp") != 0)
        return err_set(err, ERR_USAGE, "--nsp-label is for --pairs nsp");
    if (is_tfrecord && a->compression && strcmp(a->compression, "none") != 0)
        return err_set(err, ERR_USAGE,
                       "--compression %s is for HDF5: TensorFlow's BERT reads plain "
                       "TFRecords",
                       a->compression);
    if (is_tfrecord && a->document_ids)
        return err_set(err, ERR_USAGE,
                       "--document-ids is for HDF5: the features of TFRecords are fixed");
    if (t->file_name && (strstr(t->file_name, ".tfrecord") != NULL) != is_tfrecord)
        return err_set(err, ERR_USAGE, "'%s' does not fit --format %s", t->file_name, a->format);

    if (a->whole_words)
        a->masking = "words";
    if (a->short_seq_prob == PLAN_NOT_GIVEN)
        a->short_seq_prob = strcmp(a->pairs, "none") == 0 ? 0 : DEFAULT_SHORT_SEQ_PROB;
    if (!a->compression)
        a->compression = is_tfrecord ? "none" : "gzip";
    return 0;
}

/* Which of the values, a NULL behind them; cli_parse() lets no others through. */
static size_t choice(const char *value, const char *const *values)
{
    size_t i = 0;

    assert(value);
    while (values[i + 1] && strcmp(values[i], value) != 0)
        i++;
    return i;
}

struct pretrain_options plan_options(const struct plan_args *a, const struct plan_target *t)
{
    static const char *const pairs[] = {"nsp", "sop", "none", NULL};
    static const char *const maskings[] = {"tokens", "words", "spans", NULL};
    static const char *const formats[] = {"hdf5", "tfrecord", NULL};
    static const char *const packings[] = {"gzip", "zstd", "none", NULL};

    return (struct pretrain_options){
        .rules = {.seq_length = (size_t)a->seq_length,
                  .masking = {.prob = a->masked_lm_prob,
                              .max_predictions = (size_t)a->max_predictions,
                              .way = (enum masking_way)choice(a->masking, maskings),
                              .keep_original = a->keep_original},
                  .short_seq_prob = a->short_seq_prob,
                  .kind = (enum pairs_kind)choice(a->pairs, pairs),
                  .google_label = strcmp(a->nsp_label, "google") == 0},
        .seed = (uint64_t)a->seed,
        .dupe_factor = (size_t)a->dupe_factor,
        .n_shards = (size_t)a->shards,
        .n_test_shards = (size_t)a->test_shards,
        .test_fraction = a->test_fraction,
        .n_threads = (size_t)a->threads,
        .memory = (size_t)a->memory,
        .format = (enum pretrain_format)choice(a->format, formats),
        .packing = (enum chunk_packing)choice(a->compression, packings),
        .document_ids = a->document_ids,
        .prefix = t->prefix,
        .file_name = t->file_name,
    };
}
