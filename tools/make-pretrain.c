/* make-pretrain.c -- tokens -> pretraining shards.
 *
 *   inputs --intake--> corpus --pairs, masking--> instances --order--> rows --> shards, metadata
 *
 * The shards are made in a hidden folder and moved in when all are whole; the metadata file beside
 * the folder comes last, so where it is, the set is complete. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/comm.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli.h"
#include "instance/global_set.h"
#include "instance/intake.h"
#include "instance/original_set.h"
#include "instance/pretrain.h"
#include "instance/pretrain_metadata.h"
#include "instance/stage.h"
#include "progress.h"
#include "store/verify.h"
#include "text/tokenizer.h"

enum { DEFAULT_SHARDS = 256, MAX_COPIES = 1 << 20, MAX_SHARDS = 1 << 20 };

static const double DEFAULT_TEST_FRACTION = 0.1;
static const double DEFAULT_SHORT_SEQ_PROB = 0.1;

/* Options whose default depends on others. */
enum { NOT_GIVEN = -1 };

struct args {
    const char *output, *input, *vocab, *rules, *prefix, *rng, *check;
    const char *pairs, *nsp_label, *masking, *format, *compression;
    int64_t seq_length, max_predictions, dupe_factor, seed;
    int64_t shards, test_shards;
    double masked_lm_prob, short_seq_prob, test_fraction;
    bool whole_words, keep_original, document_ids, cased, lower_case, quiet;
    uint64_t memory;
    int64_t threads;
};

/* Where the results go. */
struct target {
    char *folder;
    char *prefix;    /* of the shards' names, and of the hidden folder's */
    char *file_name; /* of a single shard, else NULL */
    char *metadata;
};

struct meter {
    struct progress progress;
    const char *phase;
    bool quiet;
};

static void show_progress(void *context, const char *phase, uint64_t done, uint64_t total)
{
    struct meter *m = context;

    if (m->phase != phase) {
        progress_close(&m->progress);
        progress_open(&m->progress, phase,
                      strcmp(phase, "read") == 0 ? PROGRESS_BYTES : PROGRESS_COUNT, total,
                      m->quiet);
        m->phase = phase;
    }
    m->progress.total = total;
    progress_at(&m->progress, done);
}

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
static const char *metadata_suffix(const struct args *a)
{
    return strcmp(a->format, "tfrecord") == 0 ? "_tfrecord.json" : "_metadata.json";
}

static void find_single_file(struct target *t, const struct args *a, size_t stem_len)
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

static int find_target(struct target *t, const struct args *a, struct err *err)
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

static void release_target(struct target *t)
{
    free(t->folder);
    free(t->prefix);
    free(t->file_name);
    free(t->metadata);
}

/* The inputs: operands, --input, and the .txt files of folders. */
struct paths {
    char **all;
    size_t n;
};

static void add_path(struct paths *p, const char *path)
{
    p->all = mem_resize(p->all, p->n + 1, sizeof *p->all);
    p->all[p->n++] = mem_text(path);
}

static int add_input(struct paths *p, const char *path, struct err *err)
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

static int find_inputs(struct paths *p, const struct args *a, char *const *operands, size_t n,
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

static void release_paths(struct paths *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->all[i]);
    free(p->all);
}

static bool is_original(const struct args *a)
{
    return strcmp(a->rng, "python") == 0;
}

/* How many shards there are of each part, where that is not free. */
static int settle_fixed(struct args *a, const struct target *t, int64_t n_inputs, struct err *err)
{
    const bool single = t->file_name;

    if (a->test_shards == NOT_GIVEN)
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
    if (a->shards != NOT_GIVEN && a->shards != n_inputs)
        return err_set(err, ERR_USAGE, "%s: %lld shards, not %lld",
                       single ? "a single file" : "--rng python makes one shard of each input",
                       (long long)n_inputs, (long long)a->shards);
    a->shards = n_inputs;
    a->test_fraction = 0;
    return 0;
}

static int settle_free(struct args *a, struct err *err)
{
    if (a->test_fraction > 0 && a->test_shards == 0)
        return err_set(err, ERR_USAGE, "--test-fraction %g needs test shards", a->test_fraction);
    if (a->test_fraction == 0 && a->test_shards > 0)
        return err_set(err, ERR_USAGE, "--test-shards without a test fraction");
    if (a->shards == NOT_GIVEN)
        a->shards = DEFAULT_SHARDS;
    if (a->test_shards == NOT_GIVEN)
        a->test_shards = a->test_fraction == 0 ? 0 : a->shards;
    if (a->test_fraction == NOT_GIVEN)
        a->test_fraction = a->test_shards ? DEFAULT_TEST_FRACTION : 0;
    return 0;
}

/* Gives the options that depend on others their values, and refuses what contradicts itself. */
static int settle(struct args *a, const struct target *t, size_t n_inputs, struct err *err)
{
    const bool is_tfrecord = strcmp(a->format, "tfrecord") == 0;

    if ((is_original(a) || t->file_name ? settle_fixed(a, t, (int64_t)n_inputs, err)
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
    if (a->short_seq_prob == NOT_GIVEN)
        a->short_seq_prob = strcmp(a->pairs, "none") == 0 ? 0 : DEFAULT_SHORT_SEQ_PROB;
    if (!a->compression)
        a->compression = is_tfrecord ? "none" : "gzip";
    return 0;
}

static bool is_stale(void *context, const char *name)
{
    const struct target *t = context;

    return !t->file_name && pretrain_name_is(t->prefix, name);
}

static void warn(const struct tool *tool, const struct args *a,
                 const struct pretrain_counts counts[2])
{
    /* As the rows would have them, were it not for the limit. */
    const double most = (double)a->seq_length * a->masked_lm_prob;

    if (most > (double)a->max_predictions + 0.5)
        cli_warn(
            tool,
            "rows of %lld tokens have %lld masked ones at most, not %.0f: see --max-predictions",
            (long long)a->seq_length, (long long)a->max_predictions, most);
    if ((int64_t)counts[0].shards < a->shards)
        cli_warn(tool, "%llu training shards instead of %lld: there are no more instances",
                 (unsigned long long)counts[0].shards, (long long)a->shards);
    if (a->test_shards && counts[1].shards == 0)
        cli_warn(tool, "no test shards: none of the %llu documents fell into a fraction of %g",
                 (unsigned long long)counts[0].documents, a->test_fraction);
    else if ((int64_t)counts[1].shards < a->test_shards)
        cli_warn(tool, "%llu test shards instead of %lld: there are no more test instances",
                 (unsigned long long)counts[1].shards, (long long)a->test_shards);
}

static void sum_up(const struct tool *tool, const struct pretrain_counts counts[2])
{
    static const char *const parts[] = {"training", "test"};

    for (int i = 0; i < 2; i++) {
        const struct pretrain_counts *c = &counts[i];

        if (c->instances)
            fprintf(stderr,
                    "%s: %s: %llu instances of %llu documents in %llu shards, %.1f tokens and %.1f "
                    "masked each\n",
                    tool->name, parts[i], (unsigned long long)c->instances,
                    (unsigned long long)c->documents, (unsigned long long)c->shards,
                    (double)c->tokens / (double)c->instances,
                    (double)c->masked / (double)c->instances);
    }
}

/* All inputs into one corpus, one order over everything. */
static int make_global(struct pretrain_counts counts[2], struct json *corpora, struct json **vocab,
                       struct stage *stage, const struct paths *paths, struct intake *in,
                       struct pretrain_options *options, struct err *err)
{
    struct shard_origin origin = *options->origin;

    for (size_t i = 0; i < paths->n; i++)
        if (intake_add(in, paths->all[i], err) < 0)
            return -1;
    if (intake_end(in, err) < 0)
        return -1;
    origin.vocab_size = in->vocab.vocab_size;
    memcpy(origin.vocab_sha256, in->vocab.vocab_sha256, sizeof origin.vocab_sha256);
    options->origin = &origin;
    json_push(corpora, pretrain_metadata_corpus(in));
    *vocab = pretrain_metadata_vocab(&in->vocab);
    return global_set_make(counts, stage, &in->corpus, &in->vocab, options, err);
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

static struct pretrain_options to_options(const struct args *a, const struct target *t)
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
        .progress = show_progress,
    };
}

/* Everything a run holds. */
struct session {
    struct comm comm;
    struct target target;
    struct paths paths;
    struct stage stage;
    struct intake in;
    struct tokenizer *tokenizer;
    struct pretrain_counts counts[2];
    struct shard_origin origin;
    struct json *corpora;
    struct json *vocab;
    struct meter meter;
};

/* Rank 0 makes the hidden folder; the others come when it is there. */
static int open_stage(struct session *s, struct err *err)
{
    const bool guest = s->comm.rank > 0;

    if (guest && comm_barrier(&s->comm, err) < 0)
        return -1;
    if (stage_open(&s->stage, s->target.folder, s->target.prefix, guest, err) < 0)
        return -1;
    return guest ? 0 : comm_barrier(&s->comm, err);
}

static int prepare(struct session *s, const struct tool *tool, struct args *a,
                   char *const *operands, size_t n_operands, struct err *err)
{
    const struct tokenizer_options tokenizer_options = {.cased = a->cased, .rules = a->rules};

    if (find_target(&s->target, a, err) < 0 ||
        find_inputs(&s->paths, a, operands, n_operands, err) < 0 ||
        settle(a, &s->target, s->paths.n, err) < 0)
        return -1;
    for (size_t i = 0; i < s->paths.n && s->comm.size > 1; i++)
        if (strcmp(s->paths.all[i], "-") == 0)
            return err_set(err, ERR_USAGE, "several ranks cannot all read standard input");
    if (a->vocab && !(s->tokenizer = tokenizer_open(a->vocab, &tokenizer_options, err)))
        return -1;
    s->origin.options = cli_options_json(
        tool,
        "output input vocab cased do-lower-case rules whole-word-mask prefix memory threads quiet "
        "check");
    s->meter.quiet = a->quiet || s->comm.rank > 0;
    s->in = (struct intake){.tokenizer = s->tokenizer,
                            .n_threads = (size_t)a->threads,
                            .progress = show_progress,
                            .progress_context = &s->meter};
    for (int i = 0; i < 2; i++)
        pretrain_counts_init(&s->counts[i], (size_t)a->seq_length);
    return open_stage(s, err);
}

/* The shards to their place; the metadata come last. */
static int publish(struct session *s, struct err *err)
{
    int rc = stage_settle(&s->stage, err);

    if (rc == 0)
        rc = comm_barrier(&s->comm, err);
    if (rc == 0 && s->comm.rank == 0) {
        rc = file_remove(s->target.metadata, err);
        if (rc == 0)
            rc = stage_publish(&s->stage, is_stale, &s->target, err);
        if (rc == 0) {
            rc = pretrain_metadata_save(s->target.metadata, s->origin.options, s->vocab, s->corpora,
                                        s->counts, &s->stage, err);
            s->vocab = s->corpora = NULL;
        }
    }
    return rc < 0 ? rc : comm_barrier(&s->comm, err);
}

static void release(struct session *s)
{
    json_release(s->vocab);
    json_release(s->corpora);
    shard_origin_release(&s->origin);
    intake_release(&s->in);
    stage_close(&s->stage);
    tokenizer_close(s->tokenizer);
    release_paths(&s->paths);
    release_target(&s->target);
    pretrain_counts_release(&s->counts[0]);
    pretrain_counts_release(&s->counts[1]);
    comm_close(&s->comm);
}

static int make(struct session *s, const struct tool *tool, struct args *a, char *const *operands,
                size_t n_operands, struct err *err)
{
    struct pretrain_options options;
    int rc;

    if (comm_open(&s->comm, err) < 0 || prepare(s, tool, a, operands, n_operands, err) < 0)
        return -1;
    options = to_options(a, &s->target);
    options.origin = &s->origin;
    options.comm = &s->comm;
    options.progress_context = &s->meter;
    s->in.folder = s->stage.part;
    s->corpora = json_new_list();
    rc = is_original(a)
             ? original_set_make(s->counts, s->corpora, &s->vocab, &s->stage, s->paths.all,
                                 s->paths.n, s->target.file_name != NULL, &s->in, &options, err)
             : make_global(s->counts, s->corpora, &s->vocab, &s->stage, &s->paths, &s->in, &options,
                           err);
    progress_close(&s->meter.progress);
    if (rc < 0 || publish(s, err) < 0)
        return -1;
    if (s->comm.rank == 0) {
        warn(tool, a, s->counts);
        if (!a->quiet)
            sum_up(tool, s->counts);
    }
    return 0;
}

static void show_problem(void *context, const char *message)
{
    (void)context;
    fprintf(stderr, "%s\n", message);
}

/* --check: what is wrong, a line each, then the verdict. */
static int check(const struct tool *tool, const struct args *a, struct err *err)
{
    struct verify v = {.n_threads = (size_t)a->threads, .problem = show_problem};
    int rc = verify_set(&v, a->check, err);

    if (rc < 0 && v.n_problems)
        err_set(err, ERR_FORMAT, "%s: %zu thing%s wrong", a->check, v.n_problems,
                v.n_problems == 1 ? " is" : "s are");
    if (rc == 0 && !v.has_metadata)
        rc = err_set(err, ERR_FORMAT,
                     "%s: no metadata beside it: rows are good, but nothing tells whether they are "
                     "all",
                     a->check);
    if (rc == 0 && !a->quiet)
        fprintf(stderr, "%s: %s: %zu files, %lld sequences, all as the metadata say\n", tool->name,
                a->check, v.n_files, (long long)v.counts.sequences);
    verify_release(&v);
    return rc;
}

static int run(const struct tool *tool, struct args *a, char *const *operands, size_t n_operands,
               struct err *err)
{
    struct session s = {0};
    int rc;

    if (a->check) {
        if (a->output || n_operands)
            return err_set(err, ERR_USAGE, "--check makes nothing: leave out outputs and inputs");
        return check(tool, a, err);
    }
    rc = make(&s, tool, a, operands, n_operands, err);
    if (rc < 0 && s.comm.size > 1) {
        cli_finish(tool, rc, err); /* what follows does not return */
        comm_abort(&s.comm);       /* the other ranks wait for us */
    }
    release(&s);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.rules = "hf",
                     .rng = "counter",
                     .pairs = "nsp",
                     .nsp_label = "nvidia",
                     .masking = "tokens",
                     .format = "hdf5",
                     .seq_length = 128,
                     .max_predictions = 20,
                     .dupe_factor = 5,
                     .seed = 12345,
                     .shards = NOT_GIVEN,
                     .test_shards = NOT_GIVEN,
                     .masked_lm_prob = 0.15,
                     .short_seq_prob = NOT_GIVEN,
                     .test_fraction = NOT_GIVEN,
                     .memory = (uint64_t)1 << 30};
    const struct opt opts[] = {
        OPT_TEXT('o', "output", &a.output, "DIR",
                 "folder to write the shards to; a name that ends in .hdf5, .h5 or .tfrecord is a "
                 "single file",
                 .alias = "output_dir output_file"),
        OPT_TEXT('i', "input", &a.input, "FILE",
                 "one more input: a file, or a folder whose .txt files are meant",
                 .alias = "input_file input_dir"),
        OPT_TEXT('v', "vocab", &a.vocab, "FILE",
                 "vocabulary to tokenize text input with; token streams need none",
                 .alias = "vocab_file"),
        OPT_FLAG('c', "cased", &a.cased, "text input: keep case and accents"),
        OPT_FLAG(0, "do-lower-case", &a.lower_case,
                 "text input: lower-case and take accents away: the default, said aloud",
                 .alias = "uncased"),
        OPT_CHOICE(0, "rules", &a.rules, "hf|google|hf-fast",
                   "text input: whose tokenizer to equal, as in tokenize"),
        OPT_INT('s', "seq-length", &a.seq_length, PAIRS_MIN_LENGTH, 65535,
                "tokens of a row, [CLS] and both [SEP] included", .alias = "max_seq_length"),
        OPT_INT('p', "max-predictions", &a.max_predictions, 1, 65535, "masked tokens of a row",
                .alias = "max_predictions_per_seq"),
        OPT_REAL(0, "masked-lm-prob", &a.masked_lm_prob, 0, 1, "share of tokens to mask"),
        OPT_REAL(0, "short-seq-prob", &a.short_seq_prob, 0, 1,
                 "share of documents to cut into shorter instances (default 0.1; 0 with --pairs "
                 "none)",
                 .hidden_default = true),
        OPT_CHOICE(0, "masking", &a.masking, "tokens|words|spans",
                   "what is masked together: single pieces, the pieces of a word, or runs of words "
                   "as in SpanBERT"),
        OPT_FLAG(0, "whole-word-mask", &a.whole_words, "the same as --masking words",
                 .alias = "do_whole_word_mask"),
        OPT_FLAG(0, "keep-original", &a.keep_original,
                 "leave the ids unmasked, for trainers that mask on their own; which ones would be "
                 "masked is still told"),
        OPT_FLAG(0, "document-ids", &a.document_ids,
                 "HDF5: a seventh data set, document_ids, that tells which rows were cut from one "
                 "document, so that nnlsh-pack keeps them out of one pack"),
        OPT_CHOICE(0, "pairs", &a.pairs, "nsp|sop|none",
                   "nsp: B follows A or is random; sop: B follows A or they are swapped; none: one "
                   "segment of as many sentences as fit"),
        OPT_CHOICE(
            0, "nsp-label", &a.nsp_label, "nvidia|google",
            "label of a random B that had to come from the same document: nvidia 0, google 1"),
        OPT_INT('d', "dupe-factor", &a.dupe_factor, 1, MAX_COPIES,
                "how often each document is used, with other cuts and masks"),
        OPT_INT(0, "seed", &a.seed, 0, INT64_MAX, "of all random choices", .alias = "random_seed"),
        OPT_CHOICE(0, "rng", &a.rng, "counter|python",
                   "counter: one order over everything; python: as the original scripts, one "
                   "shard of each input"),
        OPT_INT('n', "shards", &a.shards, 1, MAX_SHARDS,
                "training shards (default 256; with --rng python one for each input)",
                .alias = "n_training_shards", .hidden_default = true),
        OPT_INT(
            0, "test-shards", &a.test_shards, 0, MAX_SHARDS,
            "test shards (default as --shards; 0 when the test fraction is 0); with --rng python "
            "the last inputs become them (default 0)",
            .alias = "n_test_shards", .hidden_default = true),
        OPT_REAL(0, "test-fraction", &a.test_fraction, 0, 0.99,
                 "share of documents for test shards (default 0.1; 0 with --rng python)",
                 .alias = "fraction_test_set", .hidden_default = true),
        OPT_TEXT(0, "prefix", &a.prefix, "NAME",
                 "beginning of the shards' names (default: the folder's name)"),
        OPT_CHOICE(0, "format", &a.format, "hdf5|tfrecord",
                   "tfrecord: as the TensorFlow trainers read, in folders training and test"),
        OPT_CHOICE(0, "compression", &a.compression, "gzip|zstd|none",
                   "of HDF5 (default gzip, which every reader has; zstd is filter 32015)",
                   .hidden_default = true),
        OPT_TEXT(0, "check", &a.check, "DIR",
                 "make nothing: verify the set in DIR, rows, checksums and metadata"),
        OPT_BYTES('m', "memory", &a.memory, "for sorting; what does not fit goes to the disk"),
        OPT_THREADS(&a.threads),
        OPT_QUIET(&a.quiet),
        OPT_NOTE_VALUE("bert_model", "the original did not use it"),
        OPT_END,
    };
    const struct tool tool = {
        .name = "make-pretrain",
        .operands = "[FILE]...",
        .summary = "turn tokens into BERT pretraining shards",
        .opts = opts,
        .details =
            "Reads token streams made by tokenize, compressed or not, or, with --vocab, sentences "
            "as text: one a line, an empty line between documents. Writes HDF5 files with the six "
            "data sets of NVIDIA's and Habana's BERT, PREFIX_training_N.hdf5 and "
            "PREFIX_test_N.hdf5, each row an instance [CLS] A [SEP] B [SEP]: B follows A or, in "
            "about half of the rows, comes from another document. Beside the folder comes "
            "DIR_metadata.json (DIR_tfrecord.json with --format tfrecord): counts, lengths, "
            "options, "
            "checksums of inputs and outputs; --check holds a set against it.\n\n"
            "With --rng counter all instances of all documents stand in one random order, cut into "
            "shards that differ by one row at most. A document is for training or for testing with "
            "all its copies, decided by a hash of its content, and random sentences come from "
            "documents of the same part. Where instances are fewer than shards, there are as many "
            "shards as instances.\n\n"
            "With --rng python each input becomes one shard, exactly the one that the original "
            "create_pretraining_data.py makes with this seed; the last ones become test shards, "
            "as many as --test-shards says. Several inputs for one output file are one collection, "
            "as there.\n\n"
            "The same inputs, options and seed give the same bytes for any number of threads, and "
            "of "
            "ranks when started by mpirun: ranks need one file system, read all inputs and share "
            "the "
            "rest of the work. The "
            "output folder changes only when all shards are whole: then shards of an earlier run "
            "with this prefix are removed and the new ones moved in, and the metadata file is "
            "written last. Temporary files have no names and lie in the output folder; they need "
            "about 4 bytes for each token of the input and each copy.",
        .examples =
            "tokenize --vocab vocab.txt wiki.txt | make-pretrain --output wiki_128 --shards 256\n"
            "make-pretrain -o wiki_512 --seq-length 512 --max-predictions 80 wiki.tokens\n"
            "make-pretrain --rng python --vocab vocab.txt --input_file shard_0.txt "
            "--output_file shard_0.hdf5\n"
            "mpirun -n 8 make-pretrain -o wiki_128 tokens/*.tokens\n"
            "make-pretrain --check wiki_128",
    };
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv); /* --help and usage errors end here */

    return cli_finish(&tool, run(&tool, &a, argv + first, (size_t)(argc - first), &err), &err);
}
