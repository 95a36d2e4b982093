/* wiki-extract.c -- a Wikipedia dump -> documents: the first arrow of the pipeline.
 *
 *      read: pages of the dump, in batches --> work: wikitext -> paragraphs --> write: in order
 *
 * Pages that are no articles are left out by read(), pages without text by work(); the report counts
 * both. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/sink.h"
#include "cli.h"
#include "progress.h"
#include "wiki/dump.h"
#include "wiki/markup.h"
#include "wiki/tally.h"

enum { BATCH_BYTES = 1 << 20, TOP_TEMPLATES = 200 };

struct args {
    bool json;
    const char *report;
    const char *output;
    int64_t threads;
    bool quiet;
};

struct worker {
    struct markup markup;
    struct buf text, unknown;
};

/* In front of each batch that work() has made: numbers for the report, then names, then text. */
struct batch_head {
    uint64_t n_kept, n_empty, n_paragraphs;
    uint64_t unknown_len;
};

struct counts {
    int64_t pages, kept, paragraphs, characters;
    int64_t redirects, other_namespaces, other_models, oversize, empty;
};

struct job {
    bool json;
    struct dump *dump;
    struct sink sink;
    struct templates *templates;
    struct worker *workers;
    struct progress progress;
    struct counts counts;
    struct tally unknown;
    bool failed; /* the dump has: err_of_dump waits for the next read */
    struct err err_of_dump;
};

/* Whether the page is an article; counts what it is else. */
static bool is_article(struct counts *c, const struct dump_page *page)
{
    c->pages++;
    if (page->ns != SITE_ARTICLE)
        c->other_namespaces++;
    else if (page->redirect)
        c->redirects++;
    else if (!page->wikitext)
        c->other_models++;
    else if (page->oversize)
        c->oversize++;
    else
        return true;
    return false;
}

static int read_batch(void *context, struct buf *in, struct err *err)
{
    struct job *job = context;
    struct dump_page page;
    int got = 1;

    if (job->failed) {
        *err = job->err_of_dump;
        return -1;
    }
    while (in->len < BATCH_BYTES && (got = dump_next(job->dump, &page, &job->err_of_dump)) > 0) {
        if (!is_article(&job->counts, &page))
            continue;
        buf_put_u64(in, (uint64_t)page.id);
        buf_put_u64(in, strlen(page.title));
        buf_put_u64(in, page.len);
        buf_put(in, page.title, strlen(page.title) + 1);
        buf_put(in, page.text, page.len);
    }
    progress_at(&job->progress, dump_taken(job->dump));
    job->failed = got < 0;
    if (job->failed && in->len == 0)
        *err = job->err_of_dump;
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

static void put_document(struct buf *out, bool json, uint64_t id, const char *title,
                         const struct buf *text)
{
    if (!json) {
        buf_put(out, text->data, text->len);
        buf_put_byte(out, '\n');
        return;
    }
    buf_printf(out, "{\"id\": \"%llu\", \"title\": ", (unsigned long long)id);
    json_write_text(out, title, strlen(title));
    buf_put_text(out, ", \"text\": ");
    json_write_text(out, text->data, text->len - 1);
    buf_put_text(out, "}\n");
}

static int work_batch(void *context, size_t index, struct buf *out, struct buf *in, struct err *err)
{
    struct job *job = context;
    struct worker *w = &job->workers[index];
    struct batch_head head = {0};

    (void)err;
    buf_clear(&w->unknown);
    buf_put(out, &head, sizeof head);
    for (size_t at = 0; at < in->len;) {
        const uint64_t id = take_u64(in, &at);
        const size_t n_title = (size_t)take_u64(in, &at), n_text = (size_t)take_u64(in, &at);
        const char *title = in->data + at;

        buf_clear(&w->text);
        markup_clean(&w->text, &w->unknown, &w->markup, title + n_title + 1, n_text, job->templates,
                     dump_site(job->dump), title);
        at += n_title + 1 + n_text;
        if (!w->text.len) {
            head.n_empty++;
            continue;
        }
        head.n_kept++;
        for (size_t i = 0; i < w->text.len; i++)
            head.n_paragraphs += w->text.data[i] == '\n';
        put_document(out, job->json, id, title, &w->text);
    }
    head.unknown_len = w->unknown.len;
    buf_put(out, w->unknown.data ? w->unknown.data : "", w->unknown.len);
    memcpy(out->data, &head, sizeof head);
    return 0;
}

static int write_batch(void *context, const struct buf *out, struct err *err)
{
    struct job *job = context;
    struct batch_head head;
    const char *names;
    size_t n_text;

    memcpy(&head, out->data, sizeof head);
    n_text = out->len - sizeof head - head.unknown_len;
    names = out->data + sizeof head + n_text;
    job->counts.kept += (int64_t)head.n_kept;
    job->counts.empty += (int64_t)head.n_empty;
    job->counts.paragraphs += (int64_t)head.n_paragraphs;
    job->counts.characters += (int64_t)n_text;
    for (const char *end; head.unknown_len; names = end + 1) {
        end = memchr(names, '\n', head.unknown_len);
        tally_add(&job->unknown, names, (size_t)(end - names));
        head.unknown_len -= (size_t)(end + 1 - names);
    }
    return sink_write(&job->sink, out->data + sizeof head, n_text, err);
}

static int write_report(const struct job *job, const char *path, struct err *err)
{
    const struct counts *c = &job->counts;
    const struct tally_entry *top[TOP_TEMPLATES];
    const size_t n = tally_top(top, TOP_TEMPLATES, &job->unknown);
    struct json *root = json_new_map(), *skipped = json_new_map(), *names = json_new_map();
    int rc;

    json_put_int(root, "pages", c->pages);
    json_put_int(root, "kept", c->kept);
    json_put_int(skipped, "redirect", c->redirects);
    json_put_int(skipped, "other_namespace", c->other_namespaces);
    json_put_int(skipped, "not_wikitext", c->other_models);
    json_put_int(skipped, "too_large", c->oversize);
    json_put_int(skipped, "no_text", c->empty);
    json_put(root, "skipped", skipped);
    json_put_int(root, "paragraphs", c->paragraphs);
    json_put_int(root, "bytes", c->characters);
    json_put_int(root, "unknown_templates", (int64_t)job->unknown.total);
    json_put_int(root, "unknown_template_names", (int64_t)job->unknown.n_names);
    for (size_t i = 0; i < n; i++)
        json_put_int(names, top[i]->name, (int64_t)top[i]->count);
    json_put(root, "most_common_unknown_templates", names);
    rc = json_save(root, path, JSON_INDENTED, err);
    json_release(root);
    return rc;
}

static int extract(struct job *job, const struct args *a, struct err *err)
{
    const size_t n_workers = parallel_threads((size_t)a->threads);
    const struct parallel plan = {.context = job,
                                  .n_threads = n_workers,
                                  .read = read_batch,
                                  .work = work_batch,
                                  .write = write_batch};
    int rc;

    job->templates = templates_open();
    job->workers = mem_array(n_workers, sizeof *job->workers);
    progress_open(&job->progress, "wiki-extract", PROGRESS_BYTES, dump_total(job->dump), a->quiet);
    rc = parallel_map(&plan, err);
    progress_close(&job->progress);
    for (size_t i = 0; i < n_workers; i++) {
        markup_release(&job->workers[i].markup);
        buf_release(&job->workers[i].text);
        buf_release(&job->workers[i].unknown);
    }
    free(job->workers);
    templates_close(job->templates);
    return rc;
}

static int run(const struct args *a, int n_paths, char *const *paths, struct err *err)
{
    struct job job = {.json = a->json};
    int rc = -1;

    if (n_paths > 1)
        return err_set(err, ERR_USAGE, "one dump at a time, not %d", n_paths);
    job.dump = dump_open_threads(n_paths ? paths[0] : NULL, (size_t)a->threads, err);
    if (!job.dump || sink_open(&job.sink, a->output, err) < 0)
        goto out;
    rc = extract(&job, a, err);
    if (rc == 0)
        rc = sink_commit(&job.sink, err);
    if (rc == 0 && a->report)
        rc = write_report(&job, a->report, err);
out:
    tally_release(&job.unknown);
    sink_close(&job.sink);
    dump_close(job.dump);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {0};
    const struct opt opts[] = {
        OPT_FLAG(0, "json", &a.json, "JSON Lines with id, title and text, instead of plain text"),
        OPT_TEXT(0, "report", &a.report, "FILE",
                 "write as JSON: pages kept and skipped, templates that are not known"),
        OPT_TEXT('o', "output", &a.output, "FILE", "write there, not to standard output"),
        OPT_THREADS(&a.threads),
        OPT_QUIET(&a.quiet),
        OPT_END};
    const struct tool tool = {
        .name = "wiki-extract",
        .operands = "[DUMP]",
        .summary = "turn a MediaWiki dump into documents",
        .opts = opts,
        .details =
            "DUMP is an XML export (pages-articles), plain or compressed with bzip2, gzip, xz or "
            "zstd: "
            "a file, a URL, or standard input.\n\n"
            "The output is one paragraph a line with an empty line after each document. Headings "
            "and "
            "list items are paragraphs. Articles only: redirects and other namespaces are skipped. "
            "Text, link labels, numbers and units stay; references, tables, infoboxes, pictures, "
            "galleries, formulas and categories go. Templates inside sentences (convert, lang, "
            "nowrap, dates and many more, in several languages) are rendered; all others are "
            "dropped, "
            "and those that are not known are counted in the report.\n\n"
            "The output is the same for any number of threads. When the dump is cut off, every "
            "article before the cut is on standard output and the exit status is 1; a file given "
            "with --output appears only when all is well.",
        .examples =
            "wiki-extract enwiki-latest-pages-articles.xml.bz2 > documents.txt\n"
            "curl -s https://dumps.wikimedia.org/simplewiki/latest/"
            "simplewiki-latest-pages-articles.xml.bz2 | wiki-extract --json > simple.jsonl\n"
            "wiki-extract --report report.json dump.xml.zst | split-sentences > sentences.txt"};
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv);

    return cli_finish(&tool, run(&a, argc - first, argv + first, &err), &err);
}
