/* make-pretrain.c -- tokens -> pretraining shards.
 *
 *   inputs --intake--> corpus --pairs, masking--> instances --order--> rows --> shards, metadata
 *
 * The shards are made in a hidden folder and moved in when all are whole; the metadata file beside
 * the folder comes last, so where it is, the set is complete. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/comm.h"
#include "base/file.h"
#include "cli.h"
#include "instance/global_set.h"
#include "instance/intake.h"
#include "instance/original_set.h"
#include "instance/pretrain.h"
#include "instance/pretrain_metadata.h"
#include "instance/stage.h"
#include "make-pretrain-plan.h"
#include "progress.h"
#include "store/verify.h"
#include "text/tokenizer.h"

enum { MAX_COPIES = 1 << 20, MAX_SHARDS = 1 << 20 };

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

static bool is_stale(void *context, const char *name)
{
    const struct plan_target *t = context;

    return !t->file_name && pretrain_name_is(t->prefix, name);
}

static void warn(const struct tool *tool, const struct plan_args *a,
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
                       struct stage *stage, const struct plan_inputs *paths, struct intake *in,
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

/* Everything a run holds. */
struct session {
    struct comm comm;
    struct plan_target target;
    struct plan_inputs paths;
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

static int prepare(struct session *s, const struct tool *tool, struct plan_args *a,
                   char *const *operands, size_t n_operands, struct err *err)
{
    const struct tokenizer_options tokenizer_options = {.cased = a->cased, .rules = a->rules};

    if (plan_target(&s->target, a, err) < 0 ||
        plan_inputs(&s->paths, a, operands, n_operands, err) < 0 ||
        file_spare(a->output, s->paths.all, s->paths.n, err) < 0 ||
        plan_settle(a, &s->target, s->paths.n, err) < 0)
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
    plan_release_inputs(&s->paths);
    plan_release_target(&s->target);
    pretrain_counts_release(&s->counts[0]);
    pretrain_counts_release(&s->counts[1]);
    comm_close(&s->comm);
}

static int make(struct session *s, const struct tool *tool, struct plan_args *a,
                char *const *operands, size_t n_operands, struct err *err)
{
    struct pretrain_options options;
    int rc;

    if (comm_open(&s->comm, err) < 0 || prepare(s, tool, a, operands, n_operands, err) < 0)
        return -1;
    options = plan_options(a, &s->target);
    options.origin = &s->origin;
    options.comm = &s->comm;
    options.progress = show_progress;
    options.progress_context = &s->meter;
    s->in.folder = s->stage.part;
    s->corpora = json_new_list();
    rc = plan_is_original(a)
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
static int check(const struct tool *tool, const struct plan_args *a, struct err *err)
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

static int run(const struct tool *tool, struct plan_args *a, char *const *operands,
               size_t n_operands, struct err *err)
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
    struct plan_args a = {.rules = "hf",
                          .rng = "counter",
                          .pairs = "nsp",
                          .nsp_label = "nvidia",
                          .masking = "tokens",
                          .format = "hdf5",
                          .seq_length = 128,
                          .max_predictions = 20,
                          .dupe_factor = 5,
                          .seed = 12345,
                          .shards = PLAN_NOT_GIVEN,
                          .test_shards = PLAN_NOT_GIVEN,
                          .masked_lm_prob = 0.15,
                          .short_seq_prob = PLAN_NOT_GIVEN,
                          .test_fraction = PLAN_NOT_GIVEN,
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
