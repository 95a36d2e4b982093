/* bookshelf.c -- a stack of what is still open: a list in which a folder in which an archive. */
#include "text/bookshelf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/lines.h"
#include "base/mem.h"
#include "base/source.h"
#include "base/source_archive.h"

enum { MAX_PATH = 1 << 16, MAX_DEPTH = 64, BLOCK_SIZE = 1 << 16 };

/* One of these is open. */
struct place {
    char *path;
    char **names; /* of a folder, (n_names) */
    size_t n_names, at;
    struct source_archive *archive;
    struct lines *list;
    char *list_path;
};

struct bookshelf {
    char *const *paths;
    size_t n_paths, at;
    size_t max_len;
    struct place places[MAX_DEPTH];
    size_t n_places;
};

struct bookshelf *bookshelf_open(char *const *paths, size_t n_paths, size_t max_len)
{
    static char *const standard_input[] = {NULL};
    struct bookshelf *s = mem_alloc(sizeof *s);

    s->paths = n_paths ? paths : standard_input;
    s->n_paths = n_paths ? n_paths : 1;
    s->max_len = max_len;
    return s;
}

static void close_place(struct bookshelf *s)
{
    struct place *p = &s->places[--s->n_places];

    file_free_names(p->names, p->n_names);
    source_archive_close(p->archive);
    if (p->list)
        lines_close(p->list);
    free(p->list);
    free(p->path);
    *p = (struct place){0};
}

static bool ends_in_any(const char *name, const char *const *endings, size_t n)
{
    const size_t len = strlen(name);

    for (size_t i = 0; i < n; i++) {
        const size_t m = strlen(endings[i]);

        if (len > m && !strcmp(name + len - m, endings[i]))
            return true;
    }
    return false;
}

static bool is_book_name(const char *name)
{
    static const char *const endings[] = {".txt",    ".text",    ".TXT",    ".txt.utf-8",
                                          ".txt.gz", ".txt.bz2", ".txt.xz", ".txt.zst",
                                          ".epub",   ".EPUB"};

    return ends_in_any(name, endings, sizeof endings / sizeof endings[0]);
}

static bool is_archive_name(const char *name)
{
    static const char *const endings[] = {".zip",    ".ZIP",     ".7z",     ".tar",
                                          ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst",
                                          ".tgz",    ".tbz2",    ".txz",    ".tzst"};

    return ends_in_any(name, endings, sizeof endings / sizeof endings[0]);
}

/* Reads until the end with `read`, which is source_read() or source_archive_read(). */
static int read_book(struct buf *bytes, size_t max_len, struct source *in,
                     struct source_archive *archive, struct err *err)
{
    const size_t before = bytes->len;
    int64_t n = 1;

    while (n > 0) {
        char *to = buf_reserve(bytes, BLOCK_SIZE);

        n = in ? source_read(in, to, BLOCK_SIZE, err)
               : source_archive_read(archive, to, BLOCK_SIZE, err);
        if (n < 0)
            return -1;
        bytes->len += (size_t)n;
        if (bytes->len - before > max_len)
            return err_set(err, ERR_LIMIT, "the book has more than %zu bytes", max_len);
    }
    return 1;
}

static int read_file(struct bookshelf *s, const char *path, struct buf *bytes, struct buf *name,
                     struct err *err)
{
    struct source *in = source_open(path, err);
    int rc;

    if (!in)
        return -1;
    rc = read_book(bytes, s->max_len, in, NULL, err);
    if (rc < 0 && err->kind == ERR_LIMIT)
        err_in(err, "%s", source_name(in));
    buf_put_text(name, source_name(in));
    source_close(in);
    return rc;
}

/* 0 = a place was opened, 1 = the path was a book, -1. */
static int open_path(struct bookshelf *s, const char *path, struct buf *bytes, struct buf *name,
                     struct err *err)
{
    struct place *p = &s->places[s->n_places];
    const bool folder = path && file_is_folder(path);

    if (!path || (path[0] != '@' && !folder && !is_archive_name(path)))
        return read_file(s, path, bytes, name, err);
    if (s->n_places == MAX_DEPTH)
        return err_set(err, ERR_LIMIT, "'%s' lies more than %d folders deep", path, MAX_DEPTH);
    *p = (struct place){.path = mem_text(path)};
    s->n_places++;
    if (path[0] == '@') {
        p->list_path = p->path + 1;
        p->list = mem_alloc(sizeof *p->list);
        return lines_open(p->list, &p->list_path, 1, NEWLINE_UNIVERSAL, MAX_PATH, err);
    }
    if (folder)
        return file_list(&p->names, &p->n_names, path, "", err);
    p->archive = source_archive_open_files(path, err);
    return p->archive ? 0 : err_in(err, "%s", path);
}

/* Whether the folder is one in which we are: a link leads back to it. */
static bool is_open(const struct bookshelf *s, const char *path)
{
    for (size_t i = 0; i < s->n_places; i++) {
        if (file_is_same_folder(s->places[i].path, path))
            return true;
    }
    return false;
}

static int next_of_folder(struct bookshelf *s, struct place *p, struct buf *bytes, struct buf *name,
                          struct err *err)
{
    char *path;
    int rc = 0;

    if (p->at == p->n_names) {
        close_place(s);
        return 0;
    }
    path = file_join(p->path, p->names[p->at++]);
    if (!is_open(s, path) && (file_is_folder(path) || is_book_name(path) || is_archive_name(path)))
        rc = open_path(s, path, bytes, name, err);
    free(path);
    return rc;
}

static int next_of_archive(struct bookshelf *s, struct place *p, struct buf *bytes,
                           struct buf *name, struct err *err)
{
    const char *member;
    int rc = source_archive_next(p->archive, &member, err);

    if (rc < 0)
        return err_in(err, "%s", p->path);
    if (rc == 0) {
        close_place(s);
        return 0;
    }
    if (!is_book_name(member))
        return 0;
    buf_printf(name, "%s/%s", p->path, member);
    rc = read_book(bytes, s->max_len, NULL, p->archive, err);
    return rc < 0 ? err_in(err, "%s", name->data) : rc;
}

static int next_of_list(struct bookshelf *s, struct place *p, struct buf *bytes, struct buf *name,
                        struct err *err)
{
    const int rc = lines_next(p->list, err);

    if (rc < 0)
        return -1;
    if (rc == 0)
        close_place(s);
    else if (p->list->line.len)
        return open_path(s, p->list->line.data, bytes, name, err);
    return 0;
}

int bookshelf_next(struct bookshelf *s, struct buf *bytes, struct buf *name, struct err *err)
{
    int rc = 0;

    while (rc == 0) {
        struct place *p = s->n_places ? &s->places[s->n_places - 1] : NULL;

        if (!p && s->at == s->n_paths)
            return 0;
        if (!p)
            rc = open_path(s, s->paths[s->at++], bytes, name, err);
        else if (p->list)
            rc = next_of_list(s, p, bytes, name, err);
        else if (p->archive)
            rc = next_of_archive(s, p, bytes, name, err);
        else
            rc = next_of_folder(s, p, bytes, name, err);
    }
    return rc;
}

void bookshelf_close(struct bookshelf *s)
{
    if (!s)
        return;
    while (s->n_places)
        close_place(s);
    free(s);
}
