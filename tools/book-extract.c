/* book-extract.c -- books -> documents: the other first arrow of the pipeline.
 *
 *      read: a book --> work: encoding, frame, paragraphs --> write: in order */
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
#include "text/book.h"
#include "text/bookshelf.h"
#include "text/epub.h"

enum { DEFAULT_MAX = 64 << 20 };

struct args {
    bool json;
    const char *emphasis;
    uint64_t max_size;
    const char *output;
    int64_t threads;
    bool quiet;
};

struct worker {
    struct book book;
    struct buf text, title;
};

struct job {
    bool json;
    size_t max_size;
    struct bookshelf *shelf;
    struct buf name;
    struct worker *workers;
    struct sink sink;
    struct progress progress;
    uint64_t n_bytes;
};

/* The book, its name, the length of the name. */
static int read_book(void *context, struct buf *in, struct err *err)
{
    struct job *job = context;
    int rc;

    buf_clear(&job->name);
    rc = bookshelf_next(job->shelf, in, &job->name, err);
    if (rc <= 0) {
        buf_clear(in); /* half a book is none */
        return rc;
    }
    job->n_bytes += in->len;
    buf_put(in, job->name.data, job->name.len);
    buf_put_u32(in, (uint32_t)job->name.len);
    progress_at(&job->progress, job->n_bytes);
    return 1;
}

static bool is_epub(const char *name, const char *bytes, size_t n)
{
    const size_t len = strlen(name);

    return epub_is(bytes, n) ||
           (len > 5 && (!strcmp(name + len - 5, ".epub") || !strcmp(name + len - 5, ".EPUB")));
}

/* What a file is called, without folder and ending. */
static char *title_of(const char *name)
{
    char *base = file_base(name);
    char *dot = strstr(base, ".epub");

    for (char *at = base; (at = strstr(at, ".t")); at++) {
        if (!strncmp(at, ".txt", 4) || !strncmp(at, ".text", 5))
            dot = at;
    }
    if (dot && dot > base)
        *dot = '\0';
    return base;
}

static void put_json(struct buf *out, const char *name, const struct buf *title,
                     const struct buf *text)
{
    char *base = title_of(name);

    buf_put_text(out, "{\"id\": ");
    json_write_text(out, name, strlen(name));
    buf_put_text(out, ", \"title\": ");
    if (title->len)
        json_write_text(out, title->data, title->len);
    else
        json_write_text(out, base, strlen(base));
    buf_put_text(out, ", \"text\": ");
    json_write_text(out, text->data, text->len - 1);
    buf_put_text(out, "}\n");
    free(base);
}

static int work_book(void *context, size_t index, struct buf *out, struct buf *in, struct err *err)
{
    struct job *job = context;
    struct worker *w = &job->workers[index];
    const unsigned char *p = (const unsigned char *)in->data + in->len - 4;
    const size_t n_name = p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
    const size_t n = in->len - 4 - n_name;
    char *name = mem_text_n(in->data + n, n_name);
    int rc;

    buf_clear(&w->text);
    buf_clear(&w->title);
    rc = is_epub(name, in->data, n)
             ? book_of_epub(&w->text, &w->title, in->data, n, job->max_size, err)
             : book_clean(&w->text, &w->title, &w->book, in->data, n, err);
    if (rc < 0) {
        err_in(err, "%s", name);
    } else if (w->text.len && job->json) {
        put_json(out, name, &w->title, &w->text);
    } else if (w->text.len) {
        buf_put(out, w->text.data, w->text.len);
        buf_put_byte(out, '\n');
    }
    free(name);
    return rc;
}

static int write_book(void *context, const struct buf *out, struct err *err)
{
    struct job *job = context;

    return out->len ? sink_write(&job->sink, out->data, out->len, err) : 0;
}

static int run(const struct args *a, int n_paths, char *const *paths, struct err *err)
{
    const size_t n_workers = parallel_threads((size_t)a->threads);
    struct job job = {.json = a->json, .max_size = (size_t)a->max_size};
    const struct parallel plan = {.context = &job,
                                  .n_threads = n_workers,
                                  .read = read_book,
                                  .work = work_book,
                                  .write = write_book};
    int rc;

    if (file_spare(a->output, paths, (size_t)n_paths, err) < 0 ||
        sink_open(&job.sink, a->output, err) < 0)
        return -1;
    job.shelf = bookshelf_open(paths, (size_t)n_paths, (size_t)a->max_size);
    job.workers = mem_array(n_workers, sizeof *job.workers);
    for (size_t i = 0; i < n_workers; i++)
        job.workers[i].book.keep_emphasis = !strcmp(a->emphasis, "keep");
    progress_open(&job.progress, "book-extract", PROGRESS_BYTES, 0, a->quiet);
    rc = parallel_map(&plan, err);
    progress_close(&job.progress);
    if (rc == 0)
        rc = sink_commit(&job.sink, err);
    for (size_t i = 0; i < n_workers; i++) {
        book_release(&job.workers[i].book);
        buf_release(&job.workers[i].text);
        buf_release(&job.workers[i].title);
    }
    free(job.workers);
    buf_release(&job.name);
    bookshelf_close(job.shelf);
    sink_close(&job.sink);
    return rc;
}

int main(int argc, char **argv)
{
    struct args a = {.emphasis = "drop", .max_size = DEFAULT_MAX};
    const struct opt opts[] = {
        OPT_FLAG(0, "json", &a.json, "JSON Lines with id, title and text, instead of plain text"),
        OPT_CHOICE(0, "emphasis", &a.emphasis, "drop|keep", "the underscores around _such_ words"),
        OPT_BYTES(0, "max-size", &a.max_size,
                  "refuse larger books (decompressed; of an EPUB its pages)"),
        OPT_TEXT('o', "output", &a.output, "FILE", "where to write; standard output when missing"),
        OPT_THREADS(&a.threads),
        OPT_QUIET(&a.quiet),
        OPT_END};
    const struct tool tool = {
        .name = "book-extract",
        .operands = "[PATH]...",
        .summary = "turn books into documents",
        .opts = opts,
        .details =
            "PATH is a book (plain, compressed or EPUB; - or nothing is standard input), a folder, "
            "an archive (.zip, .7z, .tar, .tar.*), or @LIST: a file with a path a line, @- for a "
            "list on standard input. In folders and archives the files named .txt, .text or .epub "
            "are books.\n\n"
            "Each book becomes one document, a paragraph a line. What Project Gutenberg puts "
            "around a book is removed, with the credits after it, marks of pictures and lines of "
            "stars or dashes. Lines that were cut to a width are joined; verse, headings and lists "
            "keep theirs. A word cut at a line end is joined as the book writes it elsewhere, with "
            "or without its hyphen.\n\n"
            "Of an EPUB the pages are read in the order of its spine, without its table of "
            "contents and pages that are not linear: headings, paragraphs, items and lines of "
            "verse as text, a paragraph each. Pictures, numbers of pages and marks of notes are "
            "left out.\n\n"
            "UTF-8, UTF-16 and Windows-1252 (with it Latin-1) are told apart by content. A file "
            "with zero bytes is no text and an error. The output is the same for any number of "
            "threads, in the order given; folders go by name.",
        .examples = "book-extract books/ > documents.txt\n"
                    "book-extract --json pg1342.txt archive.zip | split-sentences > sentences.txt\n"
                    "find books -name '*.txt' | sort | book-extract @- > documents.txt"};
    struct err err = {0};
    const int first = cli_parse(&tool, argc, argv);

    return cli_finish(&tool, run(&a, argc - first, argv + first, &err), &err);
}
