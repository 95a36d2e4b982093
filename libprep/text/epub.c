/* epub.c -- a book in EPUB: its pages in reading order -> paragraphs.
 *
 * An archive is read from front to back, but the spine names files in any order, so the archive is gone
 * through three times: for the container, for the package, for the pages. What is not wanted is passed
 * over without being decompressed. */
#include "text/epub.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/source_archive.h"
#include "base/xml.h"
#include "text/xhtml.h"

enum { MAX_NAME = 1024, MAX_TITLE = 1000, BLOCK_SIZE = 1 << 16 };

/* A file in the archive that is wanted. */
struct file {
    char *name;
    size_t at, len; /* in the contents */
    bool found;
};

struct files {
    struct file *list; /* (n) sorted by name */
    size_t n;
    struct buf contents;
};

/* A row of the package's manifest. */
struct item {
    char *id, *href;
    bool contents; /* the table of contents */
};

struct package {
    struct xml *xml;
    struct item *items; /* (n_items) sorted by id once all are there */
    size_t n_items, max_items;
    char **spine; /* (n_spine) ids */
    size_t n_spine, max_spine;
    struct buf *title;
    bool in_title, has_title;
    char *path; /* of the package itself: found in the container */
    bool too_many;
};

bool epub_is(const char *bytes, size_t n)
{
    static const char mark[] = "mimetypeapplication/epub+zip";
    enum { NAME_AT = 30 }; /* behind the header of the first file in a zip */

    return n >= NAME_AT + sizeof mark - 1 && memcmp(bytes, "PK\3\4", 4) == 0 &&
           memcmp(bytes + NAME_AT, mark, sizeof mark - 1) == 0;
}

/* ---- files ---- */

static int compare_files(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->name, ((const struct file *)b)->name);
}

static struct file *find_file(const struct files *f, const char *name)
{
    const struct file key = {.name = (char *)name};

    return f->n ? bsearch(&key, f->list, f->n, sizeof *f->list, compare_files) : NULL;
}

static void files_release(struct files *f)
{
    for (size_t i = 0; i < f->n; i++)
        free(f->list[i].name);
    free(f->list);
    buf_release(&f->contents);
    *f = (struct files){0};
}

/* Sorts, and drops names that are there twice. */
static void files_sort(struct files *f)
{
    size_t kept = 0;

    if (f->n)
        qsort(f->list, f->n, sizeof *f->list, compare_files);
    for (size_t i = 0; i < f->n; i++) {
        if (kept && strcmp(f->list[kept - 1].name, f->list[i].name) == 0)
            free(f->list[i].name);
        else
            f->list[kept++] = f->list[i];
    }
    f->n = kept;
}

static int read_file(struct files *f, struct file *file, struct source_archive *archive, size_t max,
                     struct err *err)
{
    int64_t got = 1;

    file->at = f->contents.len;
    while (got > 0) {
        char *to = buf_reserve(&f->contents, BLOCK_SIZE);
        got = source_archive_read(archive, to, BLOCK_SIZE, err);
        if (got < 0)
            return err_in(err, "%s", file->name);
        f->contents.len += (size_t)got;
        if (f->contents.len > max)
            return err_set(err, ERR_LIMIT, "the book has more than %zu bytes", max);
    }
    file->len = f->contents.len - file->at;
    file->found = true;
    return 0;
}

/* Reads those of the list that are in the archive. */
static int files_read(struct files *f, const char *bytes, size_t n, size_t max, struct err *err)
{
    struct source_archive *archive = source_archive_open_bytes(bytes, n, err);
    const char *name;
    int rc = -1;

    while (archive && (rc = source_archive_next(archive, &name, err)) > 0) {
        struct file *file = find_file(f, name);
        if (file && !file->found && read_file(f, file, archive, max, err) < 0) {
            rc = -1;
            break;
        }
    }
    source_archive_close(archive);
    return rc;
}

/* One file alone. */
static int read_one(struct files *f, const char *name, const char *bytes, size_t n, size_t max,
                    struct err *err)
{
    f->list = mem_array(1, sizeof *f->list);
    f->list[0] = (struct file){.name = mem_text(name)};
    f->n = 1;
    if (files_read(f, bytes, n, max, err) < 0)
        return -1;
    return f->list[0].found ? 0 : err_set(err, ERR_FORMAT, "no EPUB: it has no '%s'", name);
}

/* ---- names ---- */

static int hex(char c)
{
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
}

/* The file that `href` means in a package at `base`: "OPS/book.opf", "../a%20b.xhtml#x" -> "a b.xhtml".
 * NULL when it is too long. */
static char *resolve(const char *base, const char *href)
{
    char name[MAX_NAME + 1];
    const char *slash = strrchr(base, '/');
    size_t n = slash ? (size_t)(slash + 1 - base) : 0;

    if (n > MAX_NAME)
        return NULL;
    memcpy(name, base, n);
    while (*href && *href != '#' && *href != '?') {
        const bool starts = n == 0 || name[n - 1] == '/';
        if (n == MAX_NAME)
            return NULL;
        if (starts && strncmp(href, "./", 2) == 0) {
            href += 2;
        } else if (starts && strncmp(href, "../", 3) == 0) {
            for (n -= n > 0; n > 0 && name[n - 1] != '/'; n--)
                continue;
            href += 3;
        } else if (*href == '%' && hex(href[1]) >= 0 && hex(href[2]) >= 0) {
            name[n++] = (char)(hex(href[1]) * 16 + hex(href[2]));
            href += 3;
        } else {
            name[n++] = *href++;
        }
    }
    name[n] = 0;
    return mem_text(name);
}

/* ---- the container and the package ---- */

static const char *local_name(const char *name)
{
    const char *colon = strchr(name, ':');

    return colon ? colon + 1 : name;
}

/* Whether there is room for one more; too many end the reading. */
static bool may_add(struct package *p, size_t n)
{
    if (n < EPUB_MAX_ITEMS)
        return true;
    p->too_many = true;
    xml_stop(p->xml);
    return false;
}

static void add_item(struct package *p, const char **attributes)
{
    const char *id = xml_attribute(attributes, "id"), *href = xml_attribute(attributes, "href");
    const char *properties = xml_attribute(attributes, "properties");

    if (!id || !href || !may_add(p, p->n_items))
        return;
    if (p->n_items == p->max_items) {
        p->max_items = mem_grow(p->max_items, p->n_items + 1);
        p->items = mem_resize(p->items, p->max_items, sizeof *p->items);
    }
    p->items[p->n_items++] = (struct item){.id = mem_text(id),
                                           .href = mem_text(href),
                                           .contents = properties && strstr(properties, "nav")};
}

static void add_to_spine(struct package *p, const char **attributes)
{
    const char *id = xml_attribute(attributes, "idref");
    const char *linear = xml_attribute(attributes, "linear");

    if (!id || (linear && strcmp(linear, "no") == 0) || !may_add(p, p->n_spine))
        return;
    if (p->n_spine == p->max_spine) {
        p->max_spine = mem_grow(p->max_spine, p->n_spine + 1);
        p->spine = mem_resize(p->spine, p->max_spine, sizeof *p->spine);
    }
    p->spine[p->n_spine++] = mem_text(id);
}

static void on_start(void *context, const char *name, const char **attributes)
{
    struct package *p = context;
    const char *path;

    name = local_name(name);
    if (!p->path && strcmp(name, "rootfile") == 0 &&
        (path = xml_attribute(attributes, "full-path")))
        p->path = mem_text(path);
    else if (strcmp(name, "item") == 0)
        add_item(p, attributes);
    else if (strcmp(name, "itemref") == 0)
        add_to_spine(p, attributes);
    else if (strcmp(name, "title") == 0)
        p->in_title = !p->has_title;
}

static void on_end(void *context, const char *name)
{
    struct package *p = context;

    (void)name;
    p->has_title = p->has_title || p->in_title;
    p->in_title = false;
}

static void on_text(void *context, const char *text, size_t n)
{
    struct package *p = context;

    for (size_t i = 0; p->in_title && i < n && p->title->len < MAX_TITLE; i++) {
        if ((unsigned char)text[i] > ' ')
            buf_put_byte(p->title, text[i]);
        else if (p->title->len && p->title->data[p->title->len - 1] != ' ')
            buf_put_byte(p->title, ' ');
    }
}

static void on_entity(void *context, const char *name)
{
    (void)context, (void)name;
}

/* Reads a container or a package. */
static int parse(struct package *p, const char *bytes, size_t n, const char *name, struct err *err)
{
    static const struct xml_handlers handlers = {
        .start = on_start, .end = on_end, .text = on_text, .entity = on_entity};
    int rc = 0;

    p->xml = xml_open(&handlers, p);
    if (xml_feed(p->xml, bytes, n, true) == XML_BROKEN) {
        rc = p->too_many ? err_set(err, ERR_LIMIT, "%s: more than %d files", name, EPUB_MAX_ITEMS)
                         : err_set(err, ERR_FORMAT, "%s: byte %llu: %s", name,
                                   (unsigned long long)xml_place(p->xml), xml_fault(p->xml));
    }
    xml_close(p->xml);
    p->xml = NULL;
    return rc;
}

static int compare_items(const void *a, const void *b)
{
    return strcmp(((const struct item *)a)->id, ((const struct item *)b)->id);
}

static int read_package(struct package *p, const char *bytes, size_t n, size_t max, struct err *err)
{
    static const char container[] = "META-INF/container.xml";
    struct files f = {0};
    int rc = -1;

    if (read_one(&f, container, bytes, n, max, err) < 0 ||
        parse(p, f.contents.data, f.contents.len, container, err) < 0)
        goto out;
    if (!p->path) {
        err_set(err, ERR_FORMAT, "%s: it names no package", container);
        goto out;
    }
    files_release(&f);
    if (read_one(&f, p->path, bytes, n, max, err) < 0 ||
        parse(p, f.contents.data, f.contents.len, p->path, err) < 0)
        goto out;
    if (p->n_items)
        qsort(p->items, p->n_items, sizeof *p->items, compare_items);
    while (p->title->len && p->title->data[p->title->len - 1] == ' ')
        p->title->data[--p->title->len] = 0;
    rc = 0;
out:
    files_release(&f);
    return rc;
}

static void package_release(struct package *p)
{
    for (size_t i = 0; i < p->n_items; i++) {
        free(p->items[i].id);
        free(p->items[i].href);
    }
    for (size_t i = 0; i < p->n_spine; i++)
        free(p->spine[i]);
    free(p->items);
    free(p->spine);
    free(p->path);
}

/* ---- the pages ---- */

/* The names of the pages in reading order: *pages (n_spine), NULL for those to leave out. */
static int name_pages(char ***pages, const struct package *p, struct err *err)
{
    *pages = mem_array(p->n_spine ? p->n_spine : 1, sizeof **pages);
    for (size_t i = 0; i < p->n_spine; i++) {
        const struct item key = {.id = p->spine[i]};
        const struct item *item =
            p->n_items ? bsearch(&key, p->items, p->n_items, sizeof key, compare_items) : NULL;
        if (!item)
            return err_set(err, ERR_FORMAT,
                           "%s: the spine names '%s', which is not in the manifest", p->path,
                           p->spine[i]);
        if (item->contents)
            continue;
        (*pages)[i] = resolve(p->path, item->href);
        if (!(*pages)[i])
            return err_set(err, ERR_LIMIT, "%s: a file name has more than %d bytes", p->path,
                           MAX_NAME);
    }
    return 0;
}

static int put_pages(struct buf *text, const struct files *f, char *const *pages, size_t n,
                     size_t max, struct err *err)
{
    const size_t before = text->len;

    for (size_t i = 0; i < n; i++) {
        const struct file *file = pages[i] ? find_file(f, pages[i]) : NULL;
        if (!pages[i])
            continue;
        if (!file->found)
            return err_set(err, ERR_FORMAT, "%s: the page is not in the book", pages[i]);
        if (xhtml_text(text, f->contents.data + file->at, file->len, err) < 0)
            return err_in(err, "%s", pages[i]);
        if (text->len - before > max) /* a spine may name a page again and again */
            return err_set(err, ERR_LIMIT, "the book has more than %zu bytes", max);
    }
    return 0;
}

int epub_text(struct buf *text, struct buf *title, const char *bytes, size_t n, size_t max,
              struct err *err)
{
    struct package p = {.title = title};
    struct files f = {0};
    char **pages = NULL;
    int rc = -1;

    if (read_package(&p, bytes, n, max, err) < 0 || name_pages(&pages, &p, err) < 0)
        goto out;
    f.list = mem_array(p.n_spine ? p.n_spine : 1, sizeof *f.list);
    for (size_t i = 0; i < p.n_spine; i++) {
        if (pages[i])
            f.list[f.n++] = (struct file){.name = mem_text(pages[i])};
    }
    files_sort(&f);
    buf_put(&f.contents, "", 0);
    if (files_read(&f, bytes, n, max, err) < 0)
        goto out;
    rc = put_pages(text, &f, pages, p.n_spine, max, err);
out:
    for (size_t i = 0; pages && i < p.n_spine; i++)
        free(pages[i]);
    free(pages);
    files_release(&f);
    package_release(&p);
    return rc;
}
