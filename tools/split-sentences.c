/* split-sentences.c -- documents -> sentences: the second arrow of the pipeline.
 *
 *      read: documents, in batches --> work: paragraphs -> sentences --> write: in order */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/sink.h"
#include "cli.h"
#include "progress.h"
#include "text/documents.h"
#include "text/punkt.h"
#include "text/sentences.h"

enum { BATCH_BYTES = 1 << 20 };

struct args {
    bool json;
    const char *model;
    const char *parameters;
    const char *language;
    const char *input_format;
    const char *output;
    int64_t threads;
    bool quiet;
};

struct job {
    bool json;
    bool whole_lines;    /* a paragraph is a sentence */
    struct punkt *punkt; /* NULL = by rules */
    enum language language;
    struct documents documents;
    struct document document;
    struct sentences *workers; /* (threads) */
    struct sink sink;
    struct progress progress;
    bool failed; /* reading has: read_err waits for the next call */
    struct err read_err;
};

/* A batch is documents: lengths of id, title and text, then these. */
static int read_batch(void *context, struct buf *in, struct err *err)
{
    struct job *job = context;
    const struct document *doc = &job->document;
    int got = 1;

    if (job->failed) {
        *err = job->read_err;
        return -1;
    }
    while (in->len < BATCH_BYTES &&
           (got = documents_next(&job->documents, &job->document, &job->read_err)) > 0) {
        const struct buf *const fields[] = {&doc->id, &doc->title, &doc->text};
        for (size_t i = 0; i < 3; i++)
            buf_put_u64(in, fields[i]->len);
        for (size_t i = 0; i < 3; i++)
            buf_put(in, fields[i]->data ? fields[i]->data : "", fields[i]->len);
    }
    progress_at(&job->progress, documents_taken(&job->documents));
    job->failed = got < 0;
    if (job->failed && in->len == 0)
        *err = job->read_err;
    return in->len ? 1 : got;
}

static uint64_t take_u64(const struct buf *in, size_t *at)
{
    uint64_t value = 0;

    for (size_t i = 0; i < 8; i++)
        value |= (uint64_t)(unsigned char)in->data[*at + i] << (8 * i);
    *at += 8;
    return value;
}

/* first: whether no sentence of the document was written before. */
static void put_sentence(const struct job *job, struct buf *out, const char *text, size_t n,
                         bool *first)
{
    if (!job->json) {
        buf_put(out, text, n);
        buf_put_byte(out, '\n');
    } else {
        if (!*first)
            buf_put_text(out, ", ");
        json_write_text(out, text, n);
    }
    *first = false;
}

static void put_paragraph(const struct job *job, struct sentences *s, struct buf *out,
                          const char *text, size_t n, bool *first)
{
    if (job->whole_lines) {
        put_sentence(job, out, text, n, first);
        return;
    }
    if (job->punkt)
        punkt_split(s, job->punkt, text, n);
    else
        sentences_split(s, job->language, text, n);
    for (size_t i = 0; i < s->n; i++)
        put_sentence(job, out, text + s->spans[i].start, s->spans[i].end - s->spans[i].start,
                     first);
}

static int work_batch(void *context, size_t worker, struct buf *out, struct buf *in,
                      struct err *err)
{
    const struct job *job = context;

    (void)err;
    for (size_t at = 0; at < in->len;) {
        const size_t n_id = (size_t)take_u64(in, &at), n_title = (size_t)take_u64(in, &at);
        const size_t n_text = (size_t)take_u64(in, &at);
        const char *id = in->data + at, *text = id + n_id + n_title;
        bool first = true;

        if (job->json) {
            buf_put_text(out, "{\"id\": ");
            json_write_text(out, id, n_id);
            buf_put_text(out, ", \"title\": ");
            json_write_text(out, id + n_id, n_title);
            buf_put_text(out, ", \"sentences\": [");
        }
        for (size_t i = 0; i < n_text;) {
            const char *end = memchr(text + i, '\n', n_text - i);
            const size_t n = (size_t)(end - (text + i));
            put_paragraph(job, &job->workers[worker], out, text + i, n, &first);
            i += n + 1;
        }
        buf_put_text(out, job->json ? "]}\n" : "\n");
        at += n_id + n_title + n_text;
    }
    return 0;
}

static int write_batch(void *context, const struct buf *out, struct err *err)
{
    struct job *job = context;

    return sink_write(&job->sink, out->data, out->len, err);
}

static int split(struct job *job, const struct args *a, struct err *err)
{
    const size_t n_workers = parallel_threads((size_t)a->threads);
    const struct parallel plan = {.context = job,
                                  .n_threads = n_workers,
                                  .read = read_batch,
                                  .work = work_batch,
                                  .write = write_batch};
    int rc;

    job->workers = mem_array(n_workers, sizeof *job->workers);
    progress_open(&job->progress, "split-sentences", PROGRESS_BYTES, 0, a->quiet);
    rc = parallel_map(&plan, err);
    progress_close(&job->progress);
    for (size_t i = 0; i < n_workers; i++)
        sentences_release(&job->workers[i]);
    free(job->workers);
    return rc;
}

static int run(const struct args *a, int n_paths, char *const *paths, struct err *err)
{
    struct job job = {.json = a->json,
                      .whole_lines = strcmp(a->model, "line") == 0,
                      .language = language_of(a->language)};
    const bool punkt = strcmp(a->model, "punkt") == 0;
    int rc = -1;

    if (punkt != (a->parameters != NULL))
        return err_set(err, ERR_USAGE,
                       punkt ? "--model punkt needs --parameters FILE"
                             : "--parameters belongs to --model punkt");
    if (file_spare(a->output, paths, (size_t)n_paths, err) < 0)
        return -1;
    if (punkt && !(job.punkt = punkt_open(a->parameters, err)))
        return -1;
    if (documents_open(&job.documents, paths, (size_t)n_paths, documents_format_of(a->input_format),
                       err) < 0 ||
        sink_open(&job.sink, a->output, err) < 0)
        goto out;
    rc = split(&job, a, err);
    if (rc == 0)
        rc = sink_commit(&job.sink, err);
out:
    sink_close(&job.sink);
    documents_close(&job.documents);
    document_release(&job.document);
    punkt_close(job.punkt);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.model = "rules", .language = "auto", .input_format = "auto"};
    const struct opt opts[] = {
        OPT_FLAG(0, "json", &a.json, "JSON Lines with id, title and the list of sentences"),
        OPT_CHOICE(0, "model", &a.model, "rules|punkt|line",
                   "how to find sentences: by rules, as NLTK does, or each paragraph is one"),
        OPT_TEXT(0, "parameters", &a.parameters, "FILE",
                 "what Punkt has learnt of the language: english.json"),
        OPT_CHOICE('l', "language", &a.language, LANGUAGES,
                   "whose abbreviations the rules know; auto: those that fit in any language"),
        OPT_CHOICE(0, "input-format", &a.input_format, DOCUMENTS_FORMATS,
                   "what the input is; auto looks at the first line of each file"),
        OPT_TEXT('o', "output", &a.output, "FILE", "where to write; standard output when missing"),
        OPT_THREADS(&a.threads),
        OPT_QUIET(&a.quiet),
        OPT_END};
    const struct tool tool = {
        .name = "split-sentences",
        .operands = "[FILE]...",
        .summary = "split documents into sentences, one a line",
        .opts = opts,
        .details =
            "Each FILE (standard input when there is none) holds documents: a paragraph a line "
            "with an empty line between documents; JSON Lines with a member \"text\"; "
            "WikiExtractor's <doc> files; or, with --input-format lines, a document a line. Files "
            "may be compressed. The end of a file always ends a document.\n\n"
            "The output is one sentence a line with an empty line after each document. No byte of "
            "a sentence is changed, only the blanks between sentences become line ends.\n\n"
            "The rules are made for English first (abbreviations, initials, decimals, quotations, "
            "ellipses, list marks) and know the stops of every script; --language adds what a "
            "language abbreviates and, for German and Turkish, ordinals (\"2. Weltkrieg\").\n\n"
            "--model punkt gives exactly the sentences of NLTK 3.8's Punkt. Its --parameters are "
            "JSON files of the kind that the Debian package "
            "golang-gopkg-neurosnap-sentences.v1-dev has for 17 languages (english.json).\n\n"
            "The output is the same for any number of threads.",
        .examples = "wiki-extract dump.xml.bz2 | split-sentences > sentences.txt\n"
                    "split-sentences --json documents.jsonl > sentences.jsonl\n"
                    "split-sentences --model punkt --parameters english.json AA/wiki_00\n"
                    "split-sentences --input-format lines one-book-per-line.txt"};
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv);

    return cli_finish(&tool, run(&a, argc - first, argv + first, &err), &err);
}
