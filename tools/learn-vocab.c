/* learn-vocab.c -- text -> WordPiece vocabulary.
 *
 *   lines --read--> batch --count words, in parallel--> counts --in order--> all counts --> vocabulary
 *
 * The words are the tokenizer's (text/basic.h), so what is learnt is what tokenize will meet. */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/sink.h"
#include "cli.h"
#include "progress.h"
#include "text/basic.h"
#include "text/vocab.h"
#include "text/vocab_learner.h"
#include "text/word_counts.h"

enum { BATCH_SIZE = 1 << 20, MAX_LINE = 64 << 20 };

struct args {
    int64_t size;
    int64_t min_count;
    int64_t max_alphabet;
    int64_t max_words;
    const char *rules;
    const char *output;
    bool cased, lower_case;
    bool quiet;
    int64_t n_threads;
};

/* What one worker needs between batches. */
struct worker {
    struct basic basic;
    struct word_counts counts;
};

struct run {
    const struct basic_rules *rules;
    bool cased;
    struct unicode *unicode;
    struct lines in;
    struct worker *workers; /* (n_workers) */
    size_t n_workers;
    struct word_counts counts; /* of all batches written so far */
    struct progress progress;
};

/* A word of a batch, followed by its bytes. */
struct record {
    uint64_t count;
    size_t len;
};

static int read_batch(void *context, struct buf *in, struct err *err)
{
    struct run *r = context;
    const int rc = lines_fill(&r->in, in, BATCH_SIZE, err);

    progress_at(&r->progress, lines_taken(&r->in));
    return rc;
}

static int count_batch(void *context, size_t worker, struct buf *out, struct buf *in,
                       struct err *err)
{
    const struct run *r = context;
    struct basic *b = &r->workers[worker].basic;
    struct word_counts *counts = &r->workers[worker].counts;

    (void)err;
    word_counts_clear(counts);
    for (const char *line = in->data, *end = in->data + in->len; line < end;) {
        const char *line_end = memchr(line, '\n', (size_t)(end - line));

        basic_split(b, r->unicode, r->rules, r->cased, line, (size_t)(line_end - line));
        for (size_t i = 0; i < b->n_words; i++) {
            const struct basic_word *w = &b->words[i];

            if (!w->special && w->n_points <= r->rules->max_points)
                word_counts_add(counts, b->text.data + w->at, w->len, 1);
        }
        line = line_end + 1;
    }
    for (size_t i = 0; i < counts->n_words; i++) {
        const struct word_count *w = &counts->words[i];
        const struct record record = {.count = w->count, .len = w->len};

        buf_put(out, &record, sizeof record);
        buf_put(out, counts->text.data + w->at, w->len);
    }
    return 0;
}

static int add_batch(void *context, const struct buf *out, struct err *err)
{
    struct run *r = context;
    struct record record;

    (void)err;
    for (size_t at = 0; at < out->len; at += record.len) {
        memcpy(&record, out->data + at, sizeof record);
        at += sizeof record;
        word_counts_add(&r->counts, out->data + at, record.len, record.count);
    }
    return 0;
}

/* What did not go as wished is said aloud, and the result stays valid. */
static void report(const struct tool *tool, const struct args *a, const struct run *r,
                   const struct vocab_learner_report *got)
{
    if (r->counts.n_dropped > 0)
        cli_warn(tool,
                 "more than %lld different words: %llu rare ones (%llu occurrences) were dropped, "
                 "see --max-words",
                 (long long)a->max_words, (unsigned long long)r->counts.n_dropped,
                 (unsigned long long)r->counts.count_dropped);
    if (got->n_characters_left_out > 0)
        cli_warn(
            tool,
            "%zu rare characters are not in the alphabet of %zu; %.3f %% of the words have one "
            "and will be [UNK], see --max-alphabet",
            got->n_characters_left_out, got->n_characters,
            100.0 * (double)got->count_left_out / (double)got->count);
    if (got->n_tokens < (size_t)a->size)
        cli_warn(tool,
                 "only %zu tokens, not %lld: no further pair occurs %lld times or more, see "
                 "--min-count",
                 got->n_tokens, (long long)a->size, (long long)a->min_count);
}

static int count_words(struct run *r, const struct args *a, char *const *paths, size_t n_paths,
                       struct err *err)
{
    const struct parallel work = {.context = r,
                                  .n_threads = r->n_workers,
                                  .read = read_batch,
                                  .work = count_batch,
                                  .write = add_batch};

    progress_open(&r->progress, "learn-vocab", PROGRESS_BYTES, 0, a->quiet);
    if (lines_open(&r->in, paths, n_paths, NEWLINE_UNIVERSAL, MAX_LINE, err) < 0)
        return -1;
    return parallel_map(&work, err);
}

static int learn(struct buf *text, const struct tool *tool, const struct args *a,
                 const struct run *r, struct err *err)
{
    const struct vocab_learner_options options = {.size = (size_t)a->size,
                                                  .max_alphabet = (size_t)a->max_alphabet,
                                                  .min_count = (uint64_t)a->min_count};
    struct vocab_learner_report got;

    if (vocab_learner_run(text, &got, &r->counts, r->unicode, &options, err) < 0)
        return -1;
    if (!a->quiet)
        report(tool, a, r, &got);
    return 0;
}

static int run(const struct tool *tool, const struct args *a, char *const *paths, size_t n_paths,
               struct err *err)
{
    struct run r = {.rules = basic_rules_named(a->rules), .cased = a->cased};
    struct sink out = {0};
    struct buf text = {0};
    int rc = -1;

    if (a->cased && a->lower_case)
        return err_set(err, ERR_USAGE, "--cased and --do-lower-case contradict each other");
    if (file_spare(a->output, paths, n_paths, err) < 0)
        return -1;
    r.unicode = unicode_open();
    r.n_workers = parallel_threads((size_t)a->n_threads);
    r.workers = mem_array(r.n_workers, sizeof *r.workers);
    r.counts.max_words = (size_t)a->max_words;
    if (sink_open(&out, a->output, err) < 0 || count_words(&r, a, paths, n_paths, err) < 0)
        goto out;
    progress_close(&r.progress);
    if (learn(&text, tool, a, &r, err) < 0 || sink_write(&out, text.data, text.len, err) < 0)
        goto out;
    rc = sink_commit(&out, err);
out:
    progress_close(&r.progress);
    sink_close(&out);
    buf_release(&text);
    lines_close(&r.in);
    for (size_t i = 0; i < r.n_workers; i++) {
        basic_release(&r.workers[i].basic);
        word_counts_release(&r.workers[i].counts);
    }
    free(r.workers);
    word_counts_release(&r.counts);
    unicode_close(r.unicode);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {
        .size = 30522, .min_count = 2, .max_alphabet = 1000, .max_words = 2000000, .rules = "hf"};
    const struct opt opts[] = {
        OPT_INT('s', "size", &a.size, VOCAB_LEARNER_MIN_SIZE, VOCAB_MAX_TOKENS,
                "tokens in the vocabulary, special ones included", .alias = "vocab_size"),
        OPT_FLAG('c', "cased", &a.cased, "keep case and accents (the default lowers both)"),
        OPT_FLAG(0, "do-lower-case", &a.lower_case,
                 "lower-case and take accents away: the default, said aloud", .alias = "uncased"),
        OPT_CHOICE(0, "rules", &a.rules, "hf|google|hf-fast",
                   "the tokenizer whose words to learn from"),
        OPT_INT('m', "min-count", &a.min_count, 1, INT64_C(1) << 53,
                "do not make a piece of what occurs less often", .alias = "min_frequency"),
        OPT_INT('a', "max-alphabet", &a.max_alphabet, 1, 1114112,
                "characters to keep; a word with a rarer one will be [UNK]",
                .alias = "limit_alphabet"),
        OPT_INT(0, "max-words", &a.max_words, 16, INT64_C(1) << 30,
                "different words to hold in memory; when there are more, the rarest are dropped"),
        OPT_TEXT('o', "output", &a.output, "FILE", "where to write; standard output when missing",
                 .alias = "output_file"),
        OPT_THREADS(&a.n_threads),
        OPT_QUIET(&a.quiet),
        OPT_END,
    };
    const struct tool tool = {
        .name = "learn-vocab",
        .operands = "[FILE]...",
        .summary = "learn a WordPiece vocabulary from text",
        .opts = opts,
        .details =
            "Reads UTF-8 text of any kind, compressed files and URLs as well, cuts it into words "
            "as tokenize does, and merges the most frequent pair of neighbouring pieces until the "
            "vocabulary has its size (byte-pair encoding with ## marks). The result does not "
            "depend on the number of threads; words of more than 100 characters are left out.\n\n"
            "Writes one token a line: [PAD], [unused0] to [unused98], [UNK] (100), [CLS], [SEP], "
            "[MASK] (103) as in Google's vocabularies, then the characters, the characters that "
            "continue a word, and the merged pieces, the most frequent first. Below 1,000 tokens "
            "only a tenth is [unused].\n\n"
            "The default alphabet suits alphabetic scripts. For Chinese, Japanese or many "
            "languages at once ask for more, e.g. --max-alphabet 10000.\n\n"
            "Memory grows with the number of different words, about 200 bytes each, up to "
            "--max-words.",
        .examples = "learn-vocab --size 30522 wiki.txt > vocab.txt\n"
                    "zstdcat books.txt.zst | learn-vocab --size 8000 --cased --output vocab.txt",
    };
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv); /* --help and usage errors end here */

    return cli_finish(&tool, run(&tool, &a, argv + first, (size_t)(argc - first), &err), &err);
}
