/* wiki-extract.c -- a Wikipedia dump -> documents: the first arrow of the pipeline.
 *
 *      read: pages of the dump, in batches --> work: wikitext -> paragraphs --> write: in order
 *
 * Pages that are no articles are left out by read(), pages without text by work(); the report counts
 * both. */
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
#include "wiki/dump.h"
#include "wiki/markup.h"
#include "wiki/tally.h"

enum { BATCH_BYTES = 1 << 20, TOP_TEMPLATES = 1000, MAX_NAMESPACES = 64 };

struct args {
    bool json;
    const char *report;
    const char *output;
    const char *namespaces;
    const char *headings, *lists, *tables, *math, *code, *captions, *ipa;
    const char *sections_drop;
    const char *disambiguation;
    const char *variant;
    int64_t min_chars;
    int64_t threads;
    bool quiet;
};

/* Why a page is not in the output. */
enum fate {
    REDIRECT,
    OTHER_NAMESPACE,
    NOT_WIKITEXT,
    TOO_LARGE,
    DISAMBIGUATION,
    NO_TEXT,
    TOO_SHORT,
    KEPT,
    N_FATES
};

static const char *const fate_names[KEPT] = {[REDIRECT] = "redirect",
                                             [OTHER_NAMESPACE] = "other_namespace",
                                             [NOT_WIKITEXT] = "not_wikitext",
                                             [TOO_LARGE] = "too_large",
                                             [DISAMBIGUATION] = "disambiguation",
                                             [NO_TEXT] = "no_text",
                                             [TOO_SHORT] = "too_short"};

struct worker {
    struct markup markup;
    struct buf text, unknown;
};

struct counts {
    uint64_t pages[N_FATES];
    uint64_t characters[N_FATES]; /* of wikitext */
    uint64_t paragraphs, bytes;
    struct account account; /* of the pages that are kept */
};

/* In front of each batch that work() has made: numbers for the report, then text, then names. */
struct batch_head {
    struct counts counts;
    uint64_t unknown_len;
};

/* In front of each page that work() gets; the title with its zero byte and the text follow. */
struct page_head {
    int64_t id;
    size_t n_title, n_text;
    int year, month, day;
};

struct job {
    const struct args *args;
    struct options options;
    struct dump *dump;
    struct sink sink, report;
    struct templates *templates;
    struct worker *workers;
    struct progress progress;
    int namespaces[MAX_NAMESPACES]; /* (n_namespaces) wanted */
    size_t n_namespaces;
    struct counts counts; /* read() enters what it skips, write() the rest: both hold `job` alone */
    struct counts read_counts;
    struct tally unknown;
    bool failed; /* the dump has: err_of_dump waits for the next read */
    struct err err_of_dump;
};

/* Reads "0,14,Portal": numbers, or names as the dump or English has them. */
static int read_namespaces(struct job *job, struct err *err)
{
    for (const char *p = job->args->namespaces; *p; p += *p == ',') {
        const size_t n = strcspn(p, ",");
        char name[128], *end;
        size_t prefix;
        long key;
        if (job->n_namespaces == MAX_NAMESPACES || n + 2 > sizeof name)
            return err_set(err, ERR_USAGE, "--namespaces '%s' is too long", job->args->namespaces);
        memcpy(name, p, n);
        memcpy(name + n, ":", 2);
        key = strtol(name, &end, 10);
        if (end == name || *end != ':')
            key = site_namespace_of(dump_site(job->dump), name, n + 1, &prefix);
        if (key == SITE_ARTICLE && (end == name || *end != ':') && n)
            return err_set(err, ERR_USAGE, "--namespaces: this wiki has no '%.*s'", (int)n, name);
        if (key != (int)key)
            return err_set(err, ERR_USAGE, "--namespaces: '%.*s' is too large", (int)n, name);
        job->namespaces[job->n_namespaces++] = (int)key;
        p += n;
    }
    return 0;
}

static bool is_wanted(const struct job *job, int ns)
{
    for (size_t i = 0; i < job->n_namespaces; i++) {
        if (job->namespaces[i] == ns)
            return true;
    }
    return false;
}

/* Whether the page is to be read; enters it under its fate else. */
static bool is_article(struct job *job, const struct dump_page *page)
{
    const enum fate fate = !is_wanted(job, page->ns) ? OTHER_NAMESPACE
                           : page->redirect          ? REDIRECT
                           : !page->wikitext         ? NOT_WIKITEXT
                           : page->oversize          ? TOO_LARGE
                                                     : KEPT;

    if (fate != KEPT) {
        job->read_counts.pages[fate]++;
        job->read_counts.characters[fate] += account_code_points(page->text, page->len);
    }
    return fate == KEPT;
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
        struct page_head head = {.id = page.id,
                                 .n_title = strlen(page.title),
                                 .n_text = page.len,
                                 .year = page.year,
                                 .month = page.month,
                                 .day = page.day};
        if (!job->n_namespaces && read_namespaces(job, &job->err_of_dump) < 0) {
            got = -1;
            break;
        }
        if (!is_article(job, &page))
            continue;
        buf_put(in, &head, sizeof head);
        buf_put(in, page.title, head.n_title + 1);
        buf_put(in, page.text, page.len);
    }
    progress_at(&job->progress, dump_taken(job->dump));
    job->failed = got < 0;
    if (job->failed && in->len == 0)
        *err = job->err_of_dump;
    return in->len ? 1 : got;
}

static void put_document(struct buf *out, bool json, int64_t id, const char *title,
                         const struct buf *text)
{
    if (!json) {
        buf_put(out, text->data, text->len);
        buf_put_byte(out, '\n');
        return;
    }
    buf_printf(out, "{\"id\": \"%lld\", \"title\": ", (long long)id);
    json_write_text(out, title, strlen(title));
    buf_put_text(out, ", \"text\": ");
    json_write_text(out, text->data, text->len - 1);
    buf_put_text(out, "}\n");
}

static enum fate fate_of(const struct job *job, const struct context *page, const struct buf *text)
{
    if (page->disambiguation && strcmp(job->args->disambiguation, "drop") == 0)
        return DISAMBIGUATION;
    if (!text->len)
        return NO_TEXT;
    if (job->args->min_chars &&
        account_code_points(text->data, text->len - 1) < (uint64_t)job->args->min_chars)
        return TOO_SHORT;
    return KEPT;
}

/* Cleans one page and enters it in *counts. */
static void work_page(const struct job *job, struct worker *w, struct buf *out,
                      struct counts *counts, const struct page_head *head, const char *title)
{
    const char *text = title + head->n_title + 1;
    struct context page = {.templates = job->templates,
                           .site = dump_site(job->dump),
                           .options = &job->options,
                           .title = title,
                           .year = head->year,
                           .month = head->month,
                           .day = head->day};
    enum fate fate;

    buf_clear(&w->text);
    markup_clean(&w->text, &w->markup, text, head->n_text, &page);
    buf_put(&w->unknown, w->markup.expand.unknown.data ? w->markup.expand.unknown.data : "",
            w->markup.expand.unknown.len);
    fate = fate_of(job, &page, &w->text);
    counts->pages[fate]++;
    if (fate != KEPT) {
        counts->characters[fate] += account_code_points(text, head->n_text);
        return;
    }
    account_close(&counts->account, &page.account, text, head->n_text, w->text.data, w->text.len);
    for (const char *p = w->text.data, *end = p + w->text.len; p < end; counts->paragraphs++)
        p = (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
    put_document(out, job->args->json, head->id, title, &w->text);
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
        struct page_head page;
        memcpy(&page, in->data + at, sizeof page);
        at += sizeof page;
        work_page(job, w, out, &head.counts, &page, in->data + at);
        at += page.n_title + 1 + page.n_text;
    }
    head.unknown_len = w->unknown.len;
    buf_put(out, w->unknown.data ? w->unknown.data : "", w->unknown.len);
    memcpy(out->data, &head, sizeof head);
    return 0;
}

static void add_counts(struct counts *to, const struct counts *from)
{
    for (size_t i = 0; i < N_FATES; i++) {
        to->pages[i] += from->pages[i];
        to->characters[i] += from->characters[i];
    }
    to->paragraphs += from->paragraphs;
    to->bytes += from->bytes;
    account_add(&to->account, &from->account);
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
    add_counts(&job->counts, &head.counts);
    job->counts.bytes += n_text;
    for (const char *end; head.unknown_len; names = end + 1) {
        end = memchr(names, '\n', head.unknown_len);
        tally_add(&job->unknown, names, (size_t)(end - names));
        head.unknown_len -= (size_t)(end + 1 - names);
    }
    return sink_write(&job->sink, out->data + sizeof head, n_text, err);
}

/* What became of each character: the numbers below add up to "wikitext". */
static struct json *characters_json(const struct counts *c)
{
    struct json *all = json_new_map(), *lost = json_new_map(), *skipped = json_new_map();
    uint64_t total = c->account.wikitext;

    for (size_t i = 0; i < KEPT; i++) {
        total += c->characters[i];
        json_put_int(skipped, fate_names[i], (int64_t)c->characters[i]);
    }
    for (size_t i = 0; i < ACCOUNT_CLASSES; i++)
        json_put_int(lost, account_name((enum account_class)i), (int64_t)c->account.lost[i]);
    json_put_int(all, "wikitext", (int64_t)total);
    json_put_int(all, "text", (int64_t)c->account.text);
    json_put(all, "removed", lost);
    json_put(all, "skipped", skipped);
    json_put_int(all, "added", (int64_t)c->account.added);
    return all;
}

static struct json *report_json(const struct job *job, bool complete)
{
    struct counts c = job->read_counts;
    const struct tally_entry **top = mem_array(TOP_TEMPLATES, sizeof(const struct tally_entry *));
    const size_t n = tally_top(top, TOP_TEMPLATES, &job->unknown);
    struct json *root = json_new_map(), *skipped = json_new_map(), *names = json_new_map();
    uint64_t pages = 0;

    add_counts(&c, &job->counts);
    for (size_t i = 0; i < N_FATES; i++)
        pages += c.pages[i];
    json_put_bool(root, "complete", complete);
    json_put_int(root, "pages", (int64_t)pages);
    json_put_int(root, "kept", (int64_t)c.pages[KEPT]);
    for (size_t i = 0; i < KEPT; i++)
        json_put_int(skipped, fate_names[i], (int64_t)c.pages[i]);
    json_put(root, "skipped", skipped);
    json_put_int(root, "paragraphs", (int64_t)c.paragraphs);
    json_put_int(root, "bytes", (int64_t)c.bytes);
    json_put(root, "characters", characters_json(&c));
    json_put_int(root, "unknown_templates", (int64_t)job->unknown.total);
    json_put_int(root, "unknown_template_names", (int64_t)job->unknown.n_names);
    for (size_t i = 0; i < n; i++)
        json_put_int(names, top[i]->name, (int64_t)top[i]->count);
    json_put(root, "most_common_unknown_templates", names);
    free(top);
    return root;
}

static int write_report(struct job *job, bool complete, struct err *err)
{
    struct json *root = report_json(job, complete);
    struct buf text = {0};
    int rc;

    json_write(&text, root, JSON_INDENTED);
    rc = sink_write(&job->report, text.data, text.len, err);
    if (rc == 0)
        rc = sink_commit(&job->report, err);
    buf_release(&text);
    json_release(root);
    return rc;
}

/* The report first: where there is output under its own name, its account is beside it. */
static int commit(struct job *job, struct err *err)
{
    if (job->args->report && write_report(job, true, err) < 0)
        return -1;
    return sink_commit(&job->sink, err);
}

/* Also of a dump that is cut off: its whole pages are out. Another error is not told, it is not the
 * first. */
static void report_failure(struct job *job)
{
    struct err other = {0};

    sink_close(&job->report);
    if (job->args->report && sink_open(&job->report, job->args->report, &other) == 0)
        write_report(job, false, &other);
}

static int extract(struct job *job, struct err *err)
{
    const size_t n_workers = parallel_threads((size_t)job->args->threads);
    const struct parallel plan = {.context = job,
                                  .n_threads = n_workers,
                                  .read = read_batch,
                                  .work = work_batch,
                                  .write = write_batch};
    int rc;

    job->templates = templates_open();
    job->workers = mem_array(n_workers, sizeof *job->workers);
    progress_open(&job->progress, "wiki-extract", PROGRESS_BYTES, dump_total(job->dump),
                  job->args->quiet);
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

static enum options_lines lines_of(const char *choice)
{
    return strcmp(choice, "drop") == 0   ? LINES_DROPPED
           : strcmp(choice, "mark") == 0 ? LINES_MARKED
                                         : LINES_PLAIN;
}

static struct options read_options(const struct args *a)
{
    const bool none = strcmp(a->sections_drop, "none") == 0;

    return (struct options){
        .headings = lines_of(a->headings),
        .lists = lines_of(a->lists),
        .math = strcmp(a->math, "tex") == 0           ? MATH_TEX
                : strcmp(a->math, "placeholder") == 0 ? MATH_PLACEHOLDER
                                                      : MATH_DROPPED,
        .tables = strcmp(a->tables, "text") == 0,
        .captions = strcmp(a->captions, "keep") == 0,
        .code = strcmp(a->code, "keep") == 0,
        .drop_ipa = strcmp(a->ipa, "drop") == 0,
        .all_sections = none,
        .sections = none || strcmp(a->sections_drop, "default") == 0 ? NULL : a->sections_drop,
        .variant = a->variant};
}

/* A language of two or three letters, and behind dashes which way of writing it. */
static bool is_variant(const char *code)
{
    const size_t language = strcspn(code, "-");

    return (language == 2 || language == 3) &&
           !code[strspn(code, "-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")];
}

static int run(const struct args *a, int n_paths, char *const *paths, struct err *err)
{
    struct job job = {.args = a, .options = read_options(a)};
    int rc = -1;

    if (n_paths > 1)
        return err_set(err, ERR_USAGE, "one dump at a time, not %d", n_paths);
    if (file_spare(a->output, paths, (size_t)n_paths, err) < 0 ||
        file_spare(a->report, paths, (size_t)n_paths, err) < 0)
        return -1;
    if (!*a->namespaces)
        return err_set(err, ERR_USAGE, "--namespaces is empty: which pages?");
    if (a->variant && !is_variant(a->variant))
        return err_set(err, ERR_USAGE, "--variant '%s' is no code like zh-tw", a->variant);
    job.dump = dump_open_threads(n_paths ? paths[0] : NULL, (size_t)a->threads, err);
    if (!job.dump || sink_open(&job.sink, a->output, err) < 0 ||
        (a->report && sink_open(&job.report, a->report, err) < 0))
        goto out;
    if (job.sink.part && job.report.part && file_is_same(job.sink.part, job.report.part)) {
        err_set(err, ERR_USAGE, "'%s' cannot be both output and report", a->output);
        goto out;
    }
    rc = extract(&job, err);
    if (rc == 0)
        rc = commit(&job, err);
    if (rc < 0)
        report_failure(&job);
out:
    tally_release(&job.unknown);
    sink_close(&job.report);
    sink_close(&job.sink);
    dump_close(job.dump);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.namespaces = "0",
                     .headings = "keep",
                     .lists = "keep",
                     .tables = "drop",
                     .math = "drop",
                     .code = "drop",
                     .captions = "drop",
                     .ipa = "keep",
                     .sections_drop = "default",
                     .disambiguation = "drop"};
    const struct opt opts[] = {
        OPT_FLAG(0, "json", &a.json, "JSON Lines with id, title and text, instead of plain text"),
        OPT_TEXT(0, "report", &a.report, "FILE",
                 "write as JSON what became of every page and character, and which templates are "
                 "not known"),
        OPT_TEXT('o', "output", &a.output, "FILE", "where to write; standard output when missing"),
        OPT_TEXT(0, "namespaces", &a.namespaces, "LIST",
                 "which pages: numbers or names with ',' between; 0 = articles", .alias = "ns"),
        OPT_CHOICE(0, "headings", &a.headings, "keep|mark|drop",
                   "as plain paragraphs, as '## Heading', or not at all"),
        OPT_CHOICE(0, "lists", &a.lists, "keep|mark|drop",
                   "items as plain paragraphs, as '- item' and '1. item', or not at all"),
        OPT_CHOICE(0, "tables", &a.tables, "drop|text",
                   "text: each row a paragraph, 'Header: cell; Header: cell'"),
        OPT_CHOICE(0, "math", &a.math, "drop|placeholder|tex",
                   "formulas: nothing, '[formula]', or their TeX"),
        OPT_CHOICE(0, "code", &a.code, "drop|keep", "blocks of source code"),
        OPT_CHOICE(0, "captions", &a.captions, "drop|keep", "captions of pictures, as paragraphs"),
        OPT_CHOICE(0, "ipa", &a.ipa, "keep|drop", "pronunciations"),
        OPT_TEXT(
            0, "sections-drop", &a.sections_drop, "LIST",
            "sections to leave out. default: References, See also, External links and their "
            "like in some forty languages; none; or names with '|' between that are left out, too"),
        OPT_INT(0, "min-chars", &a.min_chars, 0, 1 << 30, "skip articles with fewer characters",
                .alias = "min_text_length"),
        OPT_CHOICE(0, "disambiguation", &a.disambiguation, "drop|keep",
                   "pages that only list the meanings of a word"),
        OPT_TEXT(
            0, "variant", &a.variant, "CODE",
            "of languages with several scripts: zh-cn, zh-tw, zh-hk, sr-ec, sr-el and others for "
            "which the nearest there is stands in; any other code for itself alone"),
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
            "zstd: a file, a URL, or standard input.\n\n"
            "The output is one paragraph a line with an empty line after each document. Redirects, "
            "pages of meanings and other namespaces are skipped. Text, link labels, lists, numbers "
            "and units stay; references, tables, infoboxes, pictures, galleries, formulas and "
            "categories go, as do sections of sources and links. Templates inside sentences "
            "(convert, lang, nowrap, dates and hundreds more, in several languages) are rendered, "
            "parser functions evaluated; all others are dropped, and those that are not known are "
            "counted in the report. Ages and current dates are those of the page's revision, so a "
            "dump gives the same text on any day.\n\n"
            "In the report, characters.wikitext is the sum of characters.text and of all numbers "
            "in characters.removed and characters.skipped; characters.added counts what rendering "
            "put in (units in words, conversions).\n\n"
            "The output is the same for any number of threads. When the dump is cut off, every "
            "article before the cut is on standard output, the report is written with "
            "\"complete\": false, and the exit status is 1; a file given with --output appears "
            "only when all is well.",
        .examples =
            "wiki-extract enwiki-latest-pages-articles.xml.bz2 > documents.txt\n"
            "curl -s https://dumps.wikimedia.org/simplewiki/latest/"
            "simplewiki-latest-pages-articles.xml.bz2 | wiki-extract --json > simple.jsonl\n"
            "wiki-extract --report report.json dump.xml.zst | split-sentences > sentences.txt\n"
            "wiki-extract --variant zh-tw --sections-drop none zhwiki.xml.bz2 > zh.txt"};
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv);

    return cli_finish(&tool, run(&a, argc - first, argv + first, &err), &err);
}
