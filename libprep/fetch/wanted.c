/* wanted.c -- the list of files to be downloaded. */
#include "fetch/wanted.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/source_url.h"

enum { MAX_MANIFEST = 64 << 20, MAX_NAME = 1024 };

int wanted_check_name(const char *name, struct err *err)
{
    const size_t len = strlen(name);
    const char *part = name;

    if (!len || len > MAX_NAME || name[0] == '/' || name[len - 1] == '/')
        return err_set(err, ERR_FORMAT, "'%.200s' is no name for a file", name);
    for (size_t i = 0; i <= len; i++) {
        if (name[i] == '\\' || (unsigned char)name[i] - 1u < 31)
            return err_set(err, ERR_FORMAT, "'%.200s' is no name for a file", name);
        if (name[i] != '/' && name[i] != '\0')
            continue;
        if (!strncmp(part, "..", 2) && part + 2 == name + i)
            return err_set(err, ERR_FORMAT, "'%.200s' leads out of its folder", name);
        if (part == name + i || (*part == '.' && part + 1 == name + i)) /* two names of one file */
            return err_set(err, ERR_FORMAT, "'%.200s' is no name for a file", name);
        part = name + i + 1;
    }
    return 0;
}

/* The last part of the path of a URL. */
static char *name_of_url(const char *url)
{
    const size_t len = strcspn(url, "?#");
    size_t from = len;

    while (from > 0 && url[from - 1] != '/')
        from--;
    return mem_text_n(url + from, len - from);
}

struct wanted_file *wanted_add(struct wanted *w, const char *name, const char *url, struct err *err)
{
    char *own = name ? mem_text(name) : name_of_url(url);
    struct wanted_file *file;

    if (wanted_check_name(own, err) < 0) {
        free(own);
        return NULL;
    }
    w->files = mem_resize(w->files, w->n + 1, sizeof *w->files);
    file = &w->files[w->n++];
    *file = (struct wanted_file){.name = own, .size = -1};
    wanted_add_url(file, url);
    return file;
}

static void put_url(struct wanted_file *file, size_t at, char *url)
{
    file->urls = mem_resize(file->urls, file->n_urls + 1, sizeof *file->urls);
    memmove(file->urls + at + 1, file->urls + at, (file->n_urls - at) * sizeof *file->urls);
    file->urls[at] = url;
    file->n_urls++;
}

void wanted_add_url(struct wanted_file *file, const char *url)
{
    put_url(file, file->n_urls, mem_text(url));
}

int wanted_set_digest(struct wanted_file *file, enum digest digest, const char *hex,
                      struct err *err)
{
    const size_t want = digest == DIGEST_MD5 ? 32 : digest == DIGEST_SHA1 ? 40 : 64;

    if (strlen(hex) != want || strspn(hex, "0123456789abcdefABCDEF") != want)
        return err_set(err, ERR_FORMAT, "checksum '%.100s' does not have %zu hexadecimal digits",
                       hex, want);
    free(file->hex);
    file->hex = mem_text(hex);
    for (char *c = file->hex; *c; c++)
        *c = *c >= 'A' && *c <= 'F' ? (char)(*c | 0x20) : *c;
    file->digest = digest;
    return 0;
}

void wanted_add_member(struct wanted_file *file, const char *name, const char *sha256)
{
    file->members = mem_resize(file->members, file->n_members + 1, sizeof *file->members);
    file->members[file->n_members++] =
        (struct wanted_member){.name = mem_text(name), .sha256 = mem_text(sha256)};
}

static int read_digests(struct wanted_file *file, const struct json *entry, struct err *err)
{
    static const struct {
        const char *key;
        enum digest digest;
    } kinds[] = {{"md5", DIGEST_MD5}, {"sha1", DIGEST_SHA1}, {"sha256", DIGEST_SHA256}};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const struct json *value = json_member(entry, kinds[i].key);

        if (value && wanted_set_digest(file, kinds[i].digest, json_text_or(value, ""), err) < 0)
            return -1;
    }
    return 0;
}

static int visit_member(void *context, const char *key, const struct json *value)
{
    wanted_add_member(context, key, json_text_or(value, ""));
    return 0;
}

/* What is stated is used or refused: a size in quotes would else count for nothing. */
static int check_kinds(const struct json *entry, struct err *err)
{
    static const struct {
        const char *key, *wanted;
        enum json_kind kind;
    } members[] = {
        {"name", "a text", JSON_KIND_TEXT},      {"url", "a text", JSON_KIND_TEXT},
        {"urls", "a list", JSON_KIND_LIST},      {"size", "a whole number", JSON_KIND_INT},
        {"checksums", "a text", JSON_KIND_TEXT}, {"members", "an object", JSON_KIND_MAP}};

    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const struct json *value = json_member(entry, members[i].key);

        if (value && json_kind_of(value) != members[i].kind)
            return err_set(err, ERR_FORMAT, "'%s' is not %s", members[i].key, members[i].wanted);
    }
    if (json_int_or(json_member(entry, "size"), 0) < 0)
        return err_set(err, ERR_FORMAT, "'size' is negative");
    return 0;
}

static int read_entry(struct wanted *w, const struct json *entry, struct err *err)
{
    const struct json *urls = json_member(entry, "urls");
    const char *name = json_text_or(json_member(entry, "name"), NULL);
    const char *url = json_text_or(json_member(entry, "url"), NULL);
    const char *sums = json_text_or(json_member(entry, "checksums"), NULL);
    struct wanted_file *file;

    if (check_kinds(entry, err) < 0)
        return -1;
    if (!url)
        url = json_text_or(json_item(urls, 0), NULL);
    if (!url)
        return err_set(err, ERR_FORMAT, "it has no 'url'");
    file = wanted_add(w, name, url, err);
    if (!file)
        return -1;
    for (size_t i = json_member(entry, "url") ? 0 : 1; i < json_count(urls); i++)
        wanted_add_url(file, json_text_or(json_item(urls, i), ""));
    for (size_t i = 0; i < file->n_urls; i++) {
        if (!source_url_is(file->urls[i]))
            return err_set(err, ERR_FORMAT, "'%.200s' is no http or https URL", file->urls[i]);
    }
    file->size = json_int_or(json_member(entry, "size"), -1);
    file->sums = sums ? mem_text(sums) : NULL;
    if (json_member(entry, "members"))
        json_each(json_member(entry, "members"), visit_member, file);
    return read_digests(file, entry, err);
}

int wanted_read_manifest(struct wanted *w, const char *path, struct err *err)
{
    struct json *root = json_load(path, MAX_MANIFEST, err);
    const struct json *files = root ? json_member(root, "files") : NULL;
    int rc = 0;

    if (!root)
        return -1;
    if (!files || json_kind_of(files) != JSON_KIND_LIST) {
        json_release(root);
        return err_set(err, ERR_FORMAT, "%s: no list 'files' in it", path);
    }
    for (size_t i = 0; rc == 0 && i < json_count(files); i++) {
        rc = read_entry(w, json_item(files, i), err);
        if (rc < 0)
            err_in(err, "%s: file %zu", path, i + 1);
    }
    json_release(root);
    return rc;
}

static char *at_mirror(const char *mirror, const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    size_t len = strlen(mirror);
    struct buf joined = {0};

    while (len && mirror[len - 1] == '/')
        len--;
    buf_put(&joined, mirror, len);
    buf_put_text(&joined, path ? path : "/");
    return joined.data;
}

void wanted_use_mirror(struct wanted *w, const char *mirror)
{
    for (size_t i = 0; i < w->n; i++) {
        struct wanted_file *file = &w->files[i];

        put_url(file, 0, at_mirror(mirror, file->urls[file->n_urls - 1]));
    }
}

void wanted_release(struct wanted *w)
{
    for (size_t i = 0; i < w->n; i++) {
        struct wanted_file *file = &w->files[i];

        for (size_t k = 0; k < file->n_urls; k++)
            free(file->urls[k]);
        for (size_t k = 0; k < file->n_members; k++) {
            free(file->members[k].name);
            free(file->members[k].sha256);
        }
        free(file->urls);
        free(file->members);
        free(file->name);
        free(file->hex);
        free(file->sums);
    }
    free(w->files);
    *w = (struct wanted){0};
}
