/* nnlsh-pack.c -- short sequences share rows: pretraining shards -> packed shards, or only the plan. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/mem.h"
#include "cli.h"
#include "pack/histogram.h"
#include "pack/metadata.h"
#include "pack/packer.h"
#include "pack/places.h"
#include "pack/plan.h"
#include "pack/solver.h"
#include "progress.h"

enum { MAX_LENGTH = 1 << 16, MAX_LINE = 4096 };

struct args {
    const char *input;
    const char *output;
    const char *histogram;
    const char *solver;
    const char *compression;
    int64_t seq_length;
    int64_t max_predictions;
    int64_t max_sequences;
    int64_t seed;
    int64_t samples_per_file;
    uint64_t memory;
    int64_t threads;
    bool quiet;
    bool assign;
};

static void show_progress(void *context, uint64_t done)
{
    progress_at(context, done);
}

/* What it came to, and how far from the best that is. */
static void say_plan(const struct tool *tool, const struct plan *plan, const struct histogram *h,
                     uint64_t n_packs)
{
    const double packs = (double)n_packs;
    const uint64_t above = n_packs - plan->lower_bound;
    struct buf distance = {0};

    if (above)
        buf_printf(&distance, "at most %llu above the optimum", (unsigned long long)above);
    else
        buf_put_text(&distance, "the optimum, proven");
    fprintf(stderr,
            "%s: %llu sequences in %llu packs, %s; %.4f a pack, %.4f %% of the tokens are not "
            "padding\n",
            tool->name, (unsigned long long)h->n_sequences, (unsigned long long)n_packs,
            distance.data, (double)h->n_sequences / packs,
            100 * (double)h->n_tokens / (packs * (double)plan->seq_length));
    buf_release(&distance);
}

static int save_metadata(const struct packer *p, const char *path, struct err *err)
{
    struct json *metadata = metadata_of_packs(p, err);
    int rc;

    if (!metadata)
        return -1;
    rc = json_save(metadata, path, JSON_SORTED, err);
    json_release(metadata);
    return rc;
}

/* The phases in order; the metadata comes last and says that all is there. */
static int run_phases(struct packer *p, const struct args *a, const struct tool *tool,
                      struct err *err)
{
    struct progress *bar = p->options.context;
    char *metadata = file_beside(a->output, "_metadata.json");
    int rc;

    progress_open(bar, "measuring", PROGRESS_COUNT, (uint64_t)p->n_rows, a->quiet);
    rc = packer_measure(p, err);
    progress_close(bar);
    if (rc == 0) {
        progress_open(bar, "packing", PROGRESS_COUNT, p->histogram.n_sequences + p->plan.n_packs,
                      a->quiet);
        rc = packer_write(p, a->output, metadata, err);
        progress_close(bar);
    }
    if (rc == 0 && p->output.n_meetings)
        cli_warn(tool, "%llu of %llu sequences share a row with another of their document",
                 (unsigned long long)p->output.n_meetings, (unsigned long long)p->output.n_known);
    if (rc == 0)
        rc = save_metadata(p, metadata, err);
    if (rc == 0 && !a->quiet)
        say_plan(tool, &p->plan, &p->histogram, (uint64_t)p->output.n_rows);
    free(metadata);
    return rc;
}

static enum chunk_packing packing_of(const char *name)
{
    if (!strcmp(name, "zstd"))
        return CHUNK_ZSTD;
    return !strcmp(name, "none") ? CHUNK_PLAIN : CHUNK_GZIP;
}

static int run_pack(const struct args *a, const struct tool *tool, struct err *err)
{
    struct progress bar = {0};
    struct packer p = {0};
    /* Neither where the data are nor how many cores took part changes them. */
    char *text = cli_options_json(tool, "input output threads quiet memory");
    struct packer_options options = {
        .seq_length = (size_t)a->seq_length,
        .max_predictions = (size_t)a->max_predictions,
        .max_sequences = (size_t)a->max_sequences,
        .solver = a->solver,
        .seed = (uint64_t)a->seed,
        .samples_per_file = (size_t)a->samples_per_file,
        .packing = packing_of(a->compression),
        .memory = (size_t)a->memory,
        .n_threads = (size_t)a->threads,
        .text = text,
        .progress = show_progress,
        .context = &bar,
    };
    int rc = packer_open(&p, a->input, &options, err);

    if (rc == 0)
        rc = run_phases(&p, a, tool, err);
    packer_close(&p);
    free(text);
    return rc;
}

/* Lengths that are remembered, for --assign. */
struct lengths {
    struct place *places; /* (n), only the lengths are set */
    size_t n;
    size_t cap;
};

static void remember(struct lengths *l, uint32_t len)
{
    if (l->n == l->cap) {
        l->cap = mem_grow(l->cap, l->n + 1);
        l->places = mem_resize(l->places, l->cap, sizeof *l->places);
    }
    l->places[l->n++] = (struct place){.len = len};
}

/* Lengths, one a line, from the files or standard input; `all` may be NULL. */
static int read_lengths(struct histogram *h, struct lengths *all, char **files, size_t n_files,
                        struct err *err)
{
    struct lines in = {0};
    int rc = lines_open(&in, files, n_files, NEWLINE_LF, MAX_LINE, err);

    while (rc >= 0 && (rc = lines_next(&in, err)) == 1) {
        char *end;
        const long long len = strtoll(in.line.data ? in.line.data : "", &end, 10);

        if (in.line.len == 0 || end != in.line.data + in.line.len) {
            err_set(err, ERR_FORMAT, "not a length");
            rc = lines_err(&in, err);
            break;
        }
        if (histogram_add(h, len, 1, err) < 0) {
            rc = lines_err(&in, err);
            break;
        }
        if (all)
            remember(all, (uint32_t)len);
    }
    lines_close(&in);
    return rc;
}

static int print_plan(const struct args *a, const struct plan *plan, const struct histogram *h,
                      struct err *err)
{
    struct json *json = metadata_of_plan(plan, h, a->solver, plan->n_packs);
    struct buf text = {0};
    int rc = 0;

    json_write(&text, json, JSON_SORTED);
    if (fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
        rc = err_errno(err, "cannot write standard output");
    json_release(json);
    buf_release(&text);
    return rc;
}

/* "PACK OFFSET" for every line. */
static int print_places(const struct args *a, const struct lengths *all, const struct plan *plan,
                        const struct histogram *h, struct err *err)
{
    bool good = true;

    if (places_find(all->places, all->n, plan, h, (uint64_t)a->seed, err) < 0)
        return -1;
    for (size_t i = 0; i < all->n && good; i++)
        good = printf("%llu %u\n", (unsigned long long)all->places[i].pack,
                      (unsigned)all->places[i].offset) > 0;
    return good && fflush(stdout) == 0 ? 0 : err_errno(err, "cannot write standard output");
}

static int run_plan(const struct args *a, const struct tool *tool, char **files, size_t n_files,
                    struct err *err)
{
    struct lengths all = {0};
    struct plan plan = {0};
    struct histogram h;
    int rc;

    histogram_init(&h, (size_t)a->seq_length);
    rc = a->histogram ? histogram_load(&h, a->histogram, err)
                      : read_lengths(&h, a->assign ? &all : NULL, files, n_files, err);
    if (rc == 0 && h.n_sequences == 0)
        rc = err_set(err, ERR_FORMAT, "no sequences to plan for");
    if (rc == 0)
        rc =
            solver_plan(&plan, a->solver, &h, (size_t)a->seq_length, (size_t)a->max_sequences, err);
    if (rc == 0)
        rc = a->assign ? print_places(a, &all, &plan, &h, err) : print_plan(a, &plan, &h, err);
    if (rc == 0 && !a->quiet)
        say_plan(tool, &plan, &h, plan.n_packs);
    free(all.places);
    plan_release(&plan);
    histogram_release(&h);
    return rc;
}

#define OPT_DEPTH(v)                                                                               \
    OPT_INT('d', "max-sequences-per-pack", v, 0, MAX_LENGTH,                                       \
            "most sequences in a row, 0 = any number", .alias = "max_sequences")
#define OPT_SEED(v)                                                                                \
    OPT_INT(0, "seed", v, 0, INT64_C(1) << 53,                                                     \
            "decides which sequences share a row, and the order of the rows")
#define OPT_SOLVER(v)                                                                              \
    OPT_CHOICE(                                                                                    \
        0, "solver", v, solver_names,                                                              \
        "how packs are planned: at the proven optimum, by non-negative least squares as the "      \
        "original does, or by best-fit decreasing")

static int main_plan(int argc, char **argv)
{
    struct args a = {.seq_length = 512, .max_sequences = 3, .seed = 42, .solver = "optimal"};
    const struct opt opts[] = {
        OPT_TEXT('H', "histogram", &a.histogram, "FILE",
                 "JSON with the number of sequences of each length (index = length): a list, or an "
                 "object with it as 'histogram' or 'counts'"),
        OPT_INT('s', "seq-length", &a.seq_length, 1, MAX_LENGTH, "tokens in a row",
                .alias = "max_sequence_length max_seq_length"),
        OPT_DEPTH(&a.max_sequences),
        OPT_SOLVER(&a.solver),
        OPT_FLAG('a', "assign", &a.assign,
                 "print pack and offset for every input line, not the plan"),
        OPT_SEED(&a.seed),
        OPT_QUIET(&a.quiet),
        OPT_END,
    };
    const struct tool tool = {
        "nnlsh-pack plan",
        "[FILE]...",
        "plan how sequences of given lengths share rows",
        opts,
        "Reads lengths, one a line, from the files or standard input, or a histogram; writes the "
        "plan "
        "to standard output as JSON, with the keys that the metadata of packs have: 'patterns' are "
        "the lengths that share a row, 'pattern_counts' how many rows are filled so, and "
        "'lower_bound' is the number of rows that no plan can go below.\n\n"
        "With --assign, a line PACK OFFSET for every input line instead: which row its sequence "
        "goes "
        "to, counted from 0, and behind how many tokens; the sequences of a row stand in order of "
        "length. All lines are held in memory then, some 50 bytes each.\n\n"
        "The optimal solver finds the plan by a linear program and proves the bound in integers; "
        "where rows have up to 512 tokens the two usually meet. The nnls solver works as the "
        "original packer does and takes rows of up to 1024 tokens.",
        "nnlsh-pack plan --histogram histogram.json --seq-length 512 --max-sequences-per-pack 3\n"
        "awk '{ print NF + 2 }' ids.txt | nnlsh-pack plan -s 128 -d 0\n"
        "awk '{ print NF + 2 }' ids.txt | nnlsh-pack plan -s 128 -d 0 --assign >places.txt"};
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv);

    if (a.histogram && first < argc)
        return cli_finish(
            &tool, err_set(&err, ERR_USAGE, "both --histogram and '%s' were given", argv[first]),
            &err);
    if (a.histogram && a.assign)
        return cli_finish(
            &tool, err_set(&err, ERR_USAGE, "--assign needs lengths line by line, not --histogram"),
            &err);
    return cli_finish(&tool, run_plan(&a, &tool, argv + first, (size_t)(argc - first), &err), &err);
}

static int main_pack(int argc, char **argv)
{
    struct args a = {.max_sequences = 3,
                     .seed = 42,
                     .samples_per_file = 4480,
                     .memory = UINT64_C(1) << 30,
                     .compression = "gzip",
                     .solver = "optimal"};
    const struct opt opts[] = {
        OPT_NEED(
            'i', "input", &a.input, "DIR",
            "folder of pretraining shards: its .hdf5 and .h5 files; only those with 'training' "
            "in their name where there are such",
            .alias = "input_dir"),
        OPT_NEED('o', "output", &a.output, "DIR",
                 "folder for the packs, made where missing; the metadata goes beside it",
                 .alias = "output_dir"),
        OPT_INT('s', "seq-length", &a.seq_length, 0, MAX_LENGTH,
                "tokens in a row of the packs, at least as many as in the shards; 0 = as many",
                .alias = "max_sequence_length max_seq_length"),
        OPT_INT('p', "max-predictions", &a.max_predictions, 0, MAX_LENGTH,
                "masked tokens of a sequence, at least as many as in the shards; 0 = as many",
                .alias = "max_predictions_per_sequence max_predictions_per_seq"),
        OPT_DEPTH(&a.max_sequences),
        OPT_SEED(&a.seed),
        OPT_SOLVER(&a.solver),
        OPT_INT(0, "samples-per-file", &a.samples_per_file, 1, INT32_MAX, "rows of an output file"),
        OPT_CHOICE(0, "compression", &a.compression, "gzip|zstd|none",
                   "of the packs: gzip, which every reader has; zstd is HDF5 filter 32015"),
        OPT_BYTES(0, "memory", &a.memory,
                  "memory to sort in; what exceeds it goes to unnamed files "
                  "in the output folder"),
        OPT_THREADS(&a.threads),
        OPT_QUIET(&a.quiet),
        OPT_NOTE_VALUE("train_batch_size", "it had none in the original"),
        OPT_NOTE_VALUE("local_rank", "the seed is --seed alone"),
        OPT_END,
    };
    const struct tool tool = {
        "nnlsh-pack",
        "",
        "pack several short sequences into one row",
        opts,
        "Rows of pretraining shards are padded to one length; here, several sequences share a row, "
        "so "
        "that a trainer computes on few padding tokens. Input are the shards that make-pretrain or "
        "the original systems' scripts write (packed ones are packed anew). Output are "
        "mixed_strategies_part_<i>.hdf5 with the nine data sets of the original packer, and "
        "<output>_metadata.json, written last.\n\n"
        "Every sequence is in the output exactly once, and sequences of a row stand in order of "
        "length. Which ones share a row is random, and so is the order of rows, but both depend on "
        "the input and --seed only. Where shards tell which document a row was made of "
        "(make-pretrain "
        "--document-ids), sequences of one document, its copies among them (--dupe-factor), are "
        "kept "
        "out of one row; those for which there was no other place are counted. Parts of an earlier "
        "run in the output folder are replaced.\n\n"
        "A row has room for max-predictions + max-sequences-per-pack - 1 masked tokens; that some "
        "row could need more is an error before anything is written, which says how many "
        "max-predictions are enough. Trainers of the original systems read at most 3 sequences a "
        "row "
        "correctly.\n\n"
        "'nnlsh-pack plan' only plans, from a histogram of lengths: see 'nnlsh-pack plan --help'.",
        "nnlsh-pack --input shards_128 --output packed_128\n"
        "nnlsh-pack --input_dir=shards_512 --output_dir=packed_512 --max_sequence_length=512 "
        "--max_predictions_per_sequence=80\n"
        "nnlsh-pack -i shards_512 -o packed_512 --max-sequences-per-pack 0"};
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv);

    mem_keep_freed();
    if (first < argc)
        return cli_finish(
            &tool,
            err_set(&err, ERR_USAGE, "no operands are expected, '%s' was given", argv[first]),
            &err);
    return cli_finish(&tool, run_pack(&a, &tool, &err), &err);
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "plan"))
        return main_plan(argc - 1, argv + 1);
    return main_pack(argc, argv);
}
