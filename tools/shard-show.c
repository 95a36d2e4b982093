/* shard-show.c -- what is in shards, for people: numbers, rows as text, a report; and whether all of it
 * is as it should be. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/sink.h"
#include "cli.h"
#include "show/instance_text.h"
#include "show/report.h"
#include "show/statistics.h"
#include "store/shard.h"
#include "store/verify.h"
#include "text/unicode.h"
#include "text/vocab.h"

enum { MAX_METADATA = 256 << 20, ROWS_AT_ONCE = 256 };

struct args {
    const char *rows;
    const char *vocab;
    const char *report;
    const char *color;
    bool verify;
    bool json;
    int64_t threads;
    bool quiet;
};

/* ---- what to read ---- */

/* One operand: a file, or all the HDF5 files of a folder in the order of their names. */
struct set {
    char *name;
    char **paths; /* (n_paths) */
    size_t n_paths;
    struct statistics statistics;
    struct json *metadata; /* of packs, NULL = none */
};

static bool ends_in(const char *name, const char *suffix)
{
    const size_t n = strlen(name);
    const size_t m = strlen(suffix);

    return n > m && !strcmp(name + n - m, suffix);
}

static int list_folder(struct set *s, const char *folder, struct err *err)
{
    char **names;
    size_t n;

    if (file_list(&names, &n, folder, "", err) < 0)
        return -1;
    s->paths = mem_array(n + 1, sizeof *s->paths);
    for (size_t i = 0; i < n; i++)
        if (ends_in(names[i], ".hdf5") || ends_in(names[i], ".h5"))
            s->paths[s->n_paths++] = file_join(folder, names[i]);
    file_free_names(names, n);
    if (s->n_paths)
        return 0;
    return err_set(err, ERR_FORMAT, "folder '%s' holds no shards (files that end in .hdf5 or .h5)",
                   folder);
}

static int load_metadata(struct set *s, const char *folder, struct err *err)
{
    char *path = file_beside(folder, "_metadata.json");
    int rc = 0;

    if (file_exists(path) && !(s->metadata = json_load(path, MAX_METADATA, err)))
        rc = -1;
    free(path);
    return rc;
}

static int set_open(struct set *s, const char *path, struct err *err)
{
    *s = (struct set){.name = file_base(path)};
    if (file_is_folder(path))
        return list_folder(s, path, err) < 0 ? -1 : load_metadata(s, path, err);
    s->paths = mem_array(1, sizeof *s->paths);
    s->paths[s->n_paths++] = mem_text(path);
    return 0;
}

static void set_close(struct set *s)
{
    for (size_t i = 0; i < s->n_paths; i++)
        free(s->paths[i]);
    free(s->paths);
    free(s->name);
    statistics_release(&s->statistics);
    json_release(s->metadata);
    *s = (struct set){0};
}

/* ---- numbers as text ---- */

static double percent(int64_t part, int64_t whole)
{
    return whole ? 100 * (double)part / (double)whole : 0;
}

static void put_spread(struct buf *to, const char *name, const struct spread *t)
{
    buf_printf(to, "  %-14s %zu to %zu, mean %.2f, median %zu, 95 %% up to %zu\n", name,
               spread_least(t), spread_most(t), spread_mean(t), spread_part(t, 0.5),
               spread_part(t, 0.95));
}

static void put_bound(struct buf *to, const struct json *metadata)
{
    const int64_t bound = json_int_or(json_member(metadata, "lower_bound"), 0);
    const int64_t packs = json_int_or(json_member(metadata, "new_number_of_samples"), 0);

    if (bound && packs >= bound)
        buf_printf(to,
                   "  %-14s at least %" PRId64 " rows for these sequences, %" PRId64
                   " more are used\n",
                   "bound", bound, packs - bound);
}

static void put_set(struct buf *to, const struct set *set)
{
    const struct statistics *s = &set->statistics;
    const int64_t masked = s->masked.sum;
    const int64_t sequences = s->length.n_values;

    buf_printf(to, "%s: %zu %s, %" PRId64 " rows of %zu tokens, up to %zu %s and %zu masked\n",
               set->name, s->n_files, statistics_kind(s), s->n_rows, s->shape.seq_length,
               s->shape.max_sequences, s->shape.max_sequences == 1 ? "sequence" : "sequences",
               s->shape.max_predictions);
    buf_printf(to, "  %-14s %" PRId64 ", %.4f a row\n", "sequences", sequences,
               spread_mean(&s->sequences));
    buf_printf(to, "  %-14s %" PRId64 ", %.4f %% of the room in the rows\n", "tokens",
               s->length.sum, 100 * statistics_efficiency(s));
    put_spread(to, "length", &s->length);
    if (s->n_packed) {
        put_spread(to, "row fill", &s->fill);
        put_spread(to, "in a row", &s->sequences);
    }
    put_spread(to, "masked in row", &s->masked);
    if (masked)
        buf_printf(to,
                   "  %-14s %" PRId64
                   ", %.2f %% of tokens: %.1f %% as id %ld, %.1f %% kept, %.1f %% others\n",
                   "masked", masked, percent(masked, s->length.sum), percent(s->n_mask, masked),
                   (long)s->mask_id, percent(s->n_kept, masked), percent(s->n_other, masked));
    buf_printf(to, "  %-14s %.1f %% follow, %.1f %% are random, %.1f %% without label\n",
               "second segment", percent(s->n_follows, sequences), percent(s->n_random, sequences),
               percent(s->n_unlabelled, sequences));
    if (set->metadata)
        put_bound(to, set->metadata);
    if (s->origin.vocab_size)
        buf_printf(to, "  %-14s %" PRId64 " tokens, SHA-256 %s\n", "vocabulary",
                   s->origin.vocab_size,
                   s->origin.vocab_sha256[0] ? s->origin.vocab_sha256 : "unknown");
    if (s->origin.options)
        buf_printf(to, "  %-14s %s\n", "made with", s->origin.options);
}

static int print(const struct buf *text, struct err *err)
{
    if (text->len && (fwrite(text->data, 1, text->len, stdout) != text->len || fflush(stdout) != 0))
        return err_errno(err, "cannot write standard output");
    return 0;
}

static int write_report(const struct set *sets, size_t n, const char *path, struct err *err)
{
    struct report_set *all = mem_array(n, sizeof *all);
    struct sink out = {0};
    struct buf page = {0};
    int rc = -1;

    for (size_t i = 0; i < n; i++)
        all[i] = (struct report_set){
            .name = sets[i].name, .statistics = &sets[i].statistics, .metadata = sets[i].metadata};
    report_write(&page, all, n);
    if (sink_open(&out, path, err) == 0 && sink_write(&out, page.data, page.len, err) == 0)
        rc = sink_commit(&out, err);
    sink_close(&out);
    buf_release(&page);
    free(all);
    return rc;
}

static int show_numbers(const struct args *a, struct set *sets, size_t n, struct err *err)
{
    struct buf text = {0};
    int rc = 0;

    for (size_t i = 0; i < n && rc == 0; i++) {
        struct set *s = &sets[i];

        rc = statistics_read(&s->statistics, s->paths, s->n_paths, (size_t)a->threads, err);
        if (rc < 0)
            break;
        if (a->json) {
            struct json *json = statistics_json(&s->statistics, s->name);

            json_write(&text, json, JSON_LINE);
            buf_put_byte(&text, '\n');
            json_release(json);
        } else if (!a->report) {
            put_set(&text, s);
        }
    }
    if (rc == 0 && a->report)
        rc = write_report(sets, n, a->report, err);
    if (rc == 0)
        rc = print(&text, err);
    buf_release(&text);
    return rc;
}

/* ---- rows as text ---- */

/* "A:B" = rows A to B - 1, "A" = one row; either side may be left out. */
static int parse_range(int64_t *first, int64_t *end, const char *text, struct err *err)
{
    const char *colon = strchr(text, ':');
    char *stop = NULL;

    *first = 0;
    *end = INT64_MAX;
    if (text[0] != ':') {
        *first = strtoll(text, &stop, 10);
        if (stop != (colon ? colon : text + strlen(text)) || *text == '-' || stop == text)
            goto wrong;
    }
    if (!colon)
        *end = *first < INT64_MAX ? *first + 1 : *first;
    else if (colon[1]) {
        *end = strtoll(colon + 1, &stop, 10);
        if (*stop || colon[1] == '-')
            goto wrong;
    }
    if (*first < *end)
        return 0;
wrong:
    return err_set(err, ERR_USAGE, "--rows wants FIRST:END, counted from 0, not '%s'", text);
}

/* Rows [first, end) of a shard; they are numbered from `number` on. */
static int print_rows(struct shard *s, int64_t first, int64_t end, int64_t number,
                      const struct vocab *vocab, bool colour, struct err *err)
{
    int rc = 0;

    for (int64_t at = first; at < end && rc == 0; at += ROWS_AT_ONCE) {
        const int64_t n = end - at < ROWS_AT_ONCE ? end - at : ROWS_AT_ONCE;
        struct sequence *sequences;
        struct buf text = {0};
        int32_t *row_of;
        size_t n_sequences;
        size_t start = 0;

        rc = shard_read(&sequences, &n_sequences, &row_of, s, at, n, err);
        if (rc < 0)
            break;
        for (size_t i = 0; i < n_sequences; i++) {
            if (i + 1 < n_sequences && row_of[i + 1] == row_of[i])
                continue;
            instance_text_row(&text, number + at - first + row_of[i], sequences + start,
                              i + 1 - start, s->shape.seq_length, vocab, colour);
            start = i + 1;
        }
        rc = print(&text, err);
        buf_release(&text);
        sequences_free(sequences, n_sequences);
        free(row_of);
    }
    return rc;
}

/* Rows are counted through all files of all operands. */
static int show_rows_of(const struct args *a, const struct set *sets, size_t n,
                        const struct vocab *vocab, struct err *err)
{
    const bool colour = !strcmp(a->color, "always") ||
                        (!strcmp(a->color, "auto") && isatty(STDOUT_FILENO) && !getenv("NO_COLOR"));
    int64_t first;
    int64_t end;
    int64_t before = 0; /* rows of the files passed */

    if (parse_range(&first, &end, a->rows, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < sets[i].n_paths && before < end; k++) {
            struct shard s;
            int64_t from;
            int64_t to;
            int rc;

            if (shard_open(&s, sets[i].paths[k], err) < 0)
                return -1;
            from = first > before ? first - before : 0;
            to = end - before < s.n_rows ? end - before : s.n_rows;
            rc = print_rows(&s, from, to, before + from, vocab, colour, err);
            before += s.n_rows;
            shard_close(&s);
            if (rc < 0)
                return -1;
        }
    if (before <= first)
        return err_set(err, ERR_USAGE,
                       "there is no row %" PRId64 ": the shards have %" PRId64 " rows", first,
                       before);
    return 0;
}

static int show_rows(const struct args *a, const struct set *sets, size_t n, struct err *err)
{
    struct unicode *unicode = unicode_open();
    struct vocab vocab = {0};
    int rc = a->vocab ? vocab_load(&vocab, a->vocab, unicode, err) : 0;

    if (rc == 0)
        rc = show_rows_of(a, sets, n, a->vocab ? &vocab : NULL, err);
    vocab_release(&vocab);
    unicode_close(unicode);
    return rc;
}

/* ---- whether all is right ---- */

static void say_problem(void *context, const char *message)
{
    const struct tool *tool = context;

    fprintf(stderr, "%s: %s\n", tool->name, message);
}

/* Goes on to the next operand when there is something wrong with one. */
static int verify_all(const struct args *a, const struct tool *tool, char **paths, size_t n,
                      struct err *err)
{
    size_t n_problems = 0;

    for (size_t i = 0; i < n; i++) {
        struct verify v = {
            .n_threads = (size_t)a->threads, .problem = say_problem, .context = (void *)tool};
        struct err first = {0};

        if (verify_set(&v, paths[i], &first) < 0) {
            /* What kept it from looking at all was told to nobody yet. */
            if (v.n_problems == 0)
                say_problem((void *)tool, first.text);
            n_problems += v.n_problems ? v.n_problems : 1;
        } else if (!a->quiet) {
            printf("%s: %zu %s, %" PRId64 " rows, %" PRId64 " sequences: all as it should be%s\n",
                   paths[i], v.n_files, v.n_files == 1 ? "file" : "files", v.counts.rows,
                   v.counts.sequences, v.has_metadata ? "" : " (no metadata beside them)");
        }
        verify_release(&v);
    }
    if (fflush(stdout) != 0)
        return err_errno(err, "cannot write standard output");
    return n_problems ? err_set(err, ERR_FORMAT, "%zu %s found", n_problems,
                                n_problems == 1 ? "problem was" : "problems were")
                      : 0;
}

/* ---- the tool ---- */

static int run(const struct args *a, const struct tool *tool, char **paths, size_t n,
               struct err *err)
{
    struct set *sets;
    int rc = 0;

    if (n == 0)
        return err_set(err, ERR_USAGE, "which files or folders?");
    if (a->verify + a->json + (a->rows != NULL) > 1)
        return err_set(err, ERR_USAGE, "--verify, --rows and --json do not go together");
    if (a->report && (a->verify || a->rows))
        return err_set(err, ERR_USAGE, "--report goes alone or with --json");
    if (a->verify)
        return verify_all(a, tool, paths, n, err);
    sets = mem_array(n, sizeof *sets);
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = set_open(&sets[i], paths[i], err);
    if (rc == 0)
        rc = a->rows ? show_rows(a, sets, n, err) : show_numbers(a, sets, n, err);
    for (size_t i = 0; i < n; i++)
        set_close(&sets[i]);
    free(sets);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.color = "auto"};
    const struct opt opts[] = {
        OPT_TEXT(
            'r', "rows", &a.rows, "A:B",
            "print rows A to B - 1 as text, counted from 0 through all files; A alone is one row"),
        OPT_TEXT('v', "vocab", &a.vocab, "FILE", "vocabulary to print tokens with, else ids",
                 .alias = "vocab_file"),
        OPT_CHOICE(0, "color", &a.color, "auto|always|never",
                   "colours in rows; auto: on a terminal, unless NO_COLOR is set",
                   .alias = "colour"),
        OPT_FLAG('V', "verify", &a.verify,
                 "check every invariant of the format, and the metadata beside a folder"),
        OPT_FLAG('j', "json", &a.json, "numbers and histograms as JSON, a line for each operand"),
        OPT_TEXT('R', "report", &a.report, "FILE",
                 "write them as one HTML page with histograms; - is standard output"),
        OPT_THREADS(&a.threads),
        OPT_QUIET(&a.quiet),
        OPT_END,
    };
    const struct tool tool = {
        "shard-show",
        "FILE|DIR...",
        "show, verify and report on pretraining shards and packs",
        opts,
        "Reads the HDF5 files that make-pretrain and nnlsh-pack write, and those of the original "
        "systems. A folder stands for all files in it that end in .hdf5 or .h5. Without options: "
        "kind, rows, how full they are, lengths, masking, options they were made with.\n\n"
        "With --rows, instances as text: segments A and B, and behind a masked token what stood "
        "there, in braces.\n\n"
        "With --verify, each problem is a line on standard error with file and row, one for each "
        "file; the exit status is 1 if there are any. Checksums and counts are held against "
        "DIR_metadata.json where there is one.",
        "shard-show packed_128\n"
        "shard-show --rows 3:5 --vocab vocab.txt packed_128/mixed_strategies_part_0.hdf5\n"
        "shard-show --verify shards_128 packed_128\n"
        "shard-show --report shards.html shards_128 packed_128"};
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv);

    return cli_finish(&tool, run(&a, &tool, argv + first, (size_t)(argc - first), &err), &err);
}
