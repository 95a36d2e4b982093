/* download.c -- one wanted file into its folder. */
#include "fetch/download.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/source_archive.h"
#include "base/source_url.h"

enum { BLOCK_SIZE = 1 << 18, MAX_SUMS = 16 << 20, MAX_FROM = 1 << 14 };

/* What a complete file must be. */
struct check {
    int64_t size;
    enum digest digest;
    char hex[HASH_HEX_SIZE];
    const struct wanted_member *members;
    size_t n_members;
};

struct paths {
    char *final, *part, *from;
};

/* Whether the name in a list of checksums is that of the URL: equal, or with a date where the URL
 * says "latest". */
static bool same_name(const char *listed, size_t n, const char *name)
{
    const char *latest = strstr(name, "latest");
    const size_t head = latest ? (size_t)(latest - name) : 0;
    const size_t tail = latest ? strlen(latest + 6) : 0;
    size_t n_digits = 0;

    if (n == strlen(name) && !memcmp(listed, name, n))
        return true;
    if (!latest || n <= head + tail || memcmp(listed, name, head) != 0 ||
        memcmp(listed + n - tail, latest + 6, tail) != 0)
        return false;
    for (size_t i = head; i < n - tail; i++)
        n_digits += listed[i] >= '0' && listed[i] <= '9';
    return n_digits == n - tail - head;
}

/* Takes the checksum out of lines "<hex>  <name>", or "<hex> *<name>". */
static bool find_sum(struct check *c, const struct buf *list, const char *name)
{
    const char *line = list->data;

    for (const char *end = line + list->len; line < end;) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        const size_t n_hex = strspn(line, "0123456789abcdefABCDEF");
        const char *listed = line + n_hex;

        stop = stop ? stop : end;
        while (listed < stop && (*listed == ' ' || *listed == '*' || *listed == '\t'))
            listed++;
        if ((n_hex == 32 || n_hex == 40 || n_hex == 64) && listed > line + n_hex) {
            size_t n = (size_t)(stop - listed);

            while (n && listed[n - 1] == '\r')
                n--;
            if (same_name(listed, n, name)) {
                c->digest = n_hex == 32 ? DIGEST_MD5 : n_hex == 40 ? DIGEST_SHA1 : DIGEST_SHA256;
                for (size_t i = 0; i < n_hex; i++)
                    c->hex[i] = line[i] >= 'A' && line[i] <= 'F' ? (char)(line[i] | 0x20) : line[i];
                c->hex[n_hex] = '\0';
                return true;
            }
        }
        line = stop < end ? stop + 1 : end;
    }
    return false;
}

static struct source_url_options url_options(const struct download_options *o)
{
    return (struct source_url_options){.n_retries = o->n_retries, .pause_ms = o->pause_ms};
}

static int read_url(struct buf *content, const char *url, const struct download_options *o,
                    struct err *err)
{
    const struct source_url_options options = url_options(o);
    struct source_url *u = source_url_open(url, &options, err);
    int64_t n = u ? 1 : -1;

    while (n > 0) {
        n = source_url_read(u, buf_reserve(content, BLOCK_SIZE), BLOCK_SIZE, err);
        if (n > 0)
            content->len += (size_t)n;
        if (content->len > MAX_SUMS)
            n = err_set(err, ERR_LIMIT, "a list of checksums of more than %d bytes", MAX_SUMS);
    }
    source_url_close(u);
    if (n == 0)
        buf_put(content, "", 0);
    return (int)n;
}

/* "https://host/a/b" and "https://other/c" -> "https://host/a/c" */
static char *beside(const char *url, const char *other)
{
    const char *slash = strrchr(url, '/'), *name = strrchr(other, '/');
    struct buf joined = {0};

    buf_put(&joined, url, slash ? (size_t)(slash - url) + 1 : 0);
    buf_put_text(&joined, name ? name + 1 : other);
    return joined.data;
}

/* The checksum as the sites publish it; none when no site does. */
static void look_for_sum(struct check *c, const struct wanted_file *file,
                         const struct download_options *o)
{
    struct err ignored = {0};
    bool found = false;

    for (size_t i = 0; i <= file->n_urls && !found; i++) {
        const char *url = file->urls[i < file->n_urls ? i : i - 1];
        char *sums = i < file->n_urls ? beside(url, file->sums) : mem_text(file->sums);
        char *name = file_base(url);
        struct buf list = {0};

        if (read_url(&list, sums, o, &ignored) == 0)
            found = find_sum(c, &list, name);
        buf_release(&list);
        free(name);
        free(sums);
    }
}

/* SHA-256 of the present file of an archive. */
static int member_sha256(char hex[HASH_HEX_SIZE], struct source_archive *a, struct err *err)
{
    struct sha256 *sha = sha256_open();
    char *block = mem_alloc(BLOCK_SIZE);
    int64_t n;

    while ((n = source_archive_read(a, block, BLOCK_SIZE, err)) > 0)
        sha256_add(sha, block, (size_t)n);
    sha256_end(sha, hex);
    free(block);
    return (int)n;
}

static int check_members(const struct check *c, const char *path, struct err *err)
{
    struct source_archive *a = source_archive_open_files(path, err);
    size_t n_right = 0;
    const char *name;
    int rc = a ? 1 : -1;

    while (rc > 0 && (rc = source_archive_next(a, &name, err)) > 0) {
        char *base = file_base(name);
        char hex[HASH_HEX_SIZE];
        size_t i = 0;

        while (i < c->n_members && strcmp(c->members[i].name, base) != 0)
            i++;
        if (i < c->n_members) {
            rc = member_sha256(hex, a, err) < 0 ? -1 : 1;
            if (rc > 0 && strcmp(hex, c->members[i].sha256) != 0)
                rc = err_set(err, ERR_FORMAT, "'%s' in it has SHA-256 %s, not %s", name, hex,
                             c->members[i].sha256);
            n_right += rc > 0;
        }
        free(base);
    }
    source_archive_close(a);
    if (rc == 0 && n_right != c->n_members)
        return err_set(err, ERR_FORMAT, "the archive has %zu of %zu files that it should have",
                       n_right, c->n_members);
    return rc;
}

/* Whether the file is what it must be. */
static int check_file(const struct check *c, const char *path, struct err *err)
{
    struct stat st;
    char hex[HASH_HEX_SIZE];

    if (stat(path, &st) < 0)
        return err_errno(err, "cannot look at '%s'", path);
    if (c->size >= 0 && st.st_size != c->size)
        return err_set(err, ERR_FORMAT, "it has %lld bytes, not %lld", (long long)st.st_size,
                       (long long)c->size);
    if (c->digest != DIGEST_NONE) {
        if (digest_of_file(hex, c->digest, path, err) < 0)
            return -1;
        if (strcmp(hex, c->hex) != 0)
            return err_set(err, ERR_FORMAT, "it has checksum %s, not %s", hex, c->hex);
    }
    return c->n_members ? check_members(c, path, err) : 0;
}

/* How many bytes of the URL's file are there already, and of which version. */
static uint64_t resume_from(char **validator, const struct check *c, const struct paths *p,
                            const char *url)
{
    struct err ignored = {0};
    struct buf from = {0};
    struct stat st;
    char *end;
    uint64_t n = 0;

    *validator = NULL;
    if (stat(p->part, &st) < 0 || st.st_size == 0)
        return 0;
    if (file_read(&from, p->from, MAX_FROM, &ignored) == 0 && from.data &&
        (end = strchr(from.data, '\n')) && (size_t)(end - from.data) == strlen(url) &&
        !memcmp(from.data, url, strlen(url))) {
        end[1 + strcspn(end + 1, "\n")] = '\0';
        *validator = mem_text(end + 1);
        n = (uint64_t)st.st_size;
    } else if (c->digest != DIGEST_NONE) {
        n = (uint64_t)st.st_size; /* from another mirror: the checksum will tell */
    }
    buf_release(&from);
    if (*validator && !**validator && c->digest == DIGEST_NONE)
        n = 0; /* nothing could tell whether the rest belongs to it */
    return c->size >= 0 && n > (uint64_t)c->size ? 0 : n;
}

static void note_from(const struct paths *p, const char *url, const char *validator)
{
    FILE *file = fopen(p->from, "wb");

    /* Without the note the next run starts over, no more. */
    if (!file)
        return;
    fprintf(file, "%s\n%s\n", url, validator);
    fclose(file);
}

static int check_size(const struct check *c, const struct source_url *u,
                      const struct download_options *o, struct err *err)
{
    const uint64_t total = source_url_total(u);
    const uint64_t start = source_url_start(u);

    if (c->size >= 0 && total && total != (uint64_t)c->size)
        return err_set(err, ERR_FORMAT, "the server has %llu bytes, not %lld",
                       (unsigned long long)total, (long long)c->size);
    return total > start ? space_claim(o->space, o->claim, total - start, err) : 0;
}

static int copy(FILE *to, struct source_url *u, int64_t max, const struct download_options *o,
                struct err *err)
{
    char *block = mem_alloc(BLOCK_SIZE);
    int64_t n, at = (int64_t)source_url_start(u);

    while ((n = source_url_read(u, block, BLOCK_SIZE, err)) > 0) {
        at += n;
        if (max >= 0 && at > max)
            n = err_set(err, ERR_FORMAT, "the server sends more than %lld bytes", (long long)max);
        else if (fwrite(block, 1, (size_t)n, to) != (size_t)n)
            n = err_errno(err, "cannot write");
        if (n < 0)
            break;
        space_settle(o->space, o->claim, (uint64_t)n);
        if (o->progress)
            o->progress(o->context, (size_t)n);
    }
    free(block);
    return (int)n;
}

/* All bytes of the URL into the part file. */
static int fetch(bool *resumed, const struct check *c, const struct paths *p, const char *url,
                 const struct download_options *o, struct err *err)
{
    struct source_url_options options = url_options(o);
    struct source_url *u;
    char *validator;
    FILE *to = NULL;
    int rc = -1;

    options.from = resume_from(&validator, c, p, url);
    options.validator = validator;
    u = source_url_open(url, &options, err);
    free(validator);
    if (!u)
        return -1;
    *resumed = source_url_start(u) > 0;
    if (check_size(c, u, o, err) == 0) {
        to = fopen(p->part, *resumed ? "ab" : "wb");
        if (!to)
            err_errno(err, "cannot write '%s'", p->part);
    }
    if (to) {
        note_from(p, url, source_url_validator(u));
        rc = copy(to, u, c->size, o, err);
        if (fflush(to) != 0 || fsync(fileno(to)) != 0)
            rc = rc < 0 ? rc : err_errno(err, "cannot write '%s'", p->part);
        fclose(to);
    }
    source_url_close(u);
    return rc;
}

static void drop_part(const struct paths *p)
{
    unlink(p->part);
    unlink(p->from);
}

/* The right file from one URL, or not. */
static int try_url(const struct check *c, const struct paths *p, const char *url,
                   const struct download_options *o, struct err *err)
{
    bool resumed = true;

    /* When what was there before does not fit what came now, once more from the start. */
    while (resumed) {
        if (fetch(&resumed, c, p, url, o, err) < 0)
            return err_in(err, "%s", url);
        if (check_file(c, p->part, err) == 0) {
            unlink(p->from);
            return file_rename(p->part, p->final, err);
        }
        drop_part(p);
    }
    return err_in(err, "%s", url);
}

static int make_folder_of(const char *path, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? mem_text_n(path, (size_t)(slash - path)) : NULL;
    const int rc = folder && *folder ? file_make_folder(folder, err) : 0;

    free(folder);
    return rc;
}

static int download(struct download_result *r, const struct check *c, const struct paths *p,
                    const struct wanted_file *file, const struct download_options *o,
                    struct err *err)
{
    struct err ignored = {0};
    int rc = -1;

    r->verified = c->size >= 0 || c->digest != DIGEST_NONE || c->n_members;
    if (file_is_folder(p->final))
        return err_set(err, ERR_IO, "cannot write '%s': it is a folder", p->final);
    if (file_exists(p->final) && check_file(c, p->final, &ignored) == 0) {
        r->present = true;
        return 0;
    }
    if (make_folder_of(p->final, err) < 0)
        return -1;
    for (size_t i = 0; rc < 0 && i < file->n_urls; i++)
        rc = try_url(c, p, file->urls[i], o, err);
    if (rc == 0)
        *err = (struct err){0}; /* of places that were tried before */
    return rc;
}

uint64_t download_missing(const struct wanted_file *file, const char *folder)
{
    char *final = file_join(folder, file->name), *part = file_beside(final, ".part");
    uint64_t missing = file->size > 0 ? (uint64_t)file->size : 0;
    struct stat st;

    if (stat(final, &st) == 0 && st.st_size == file->size)
        missing = 0;
    else if (stat(part, &st) == 0)
        missing -= (uint64_t)st.st_size < missing ? (uint64_t)st.st_size : missing;
    free(final);
    free(part);
    return missing;
}

int download_file(struct download_result *r, const struct wanted_file *file,
                  const struct download_options *o, struct err *err)
{
    struct check c = {.size = file->size,
                      .digest = file->digest,
                      .members = file->members,
                      .n_members = file->n_members};
    struct paths p = {.final = file_join(o->folder, file->name)};
    int rc;

    *r = (struct download_result){0};
    p.part = file_beside(p.final, ".part");
    p.from = file_beside(p.final, ".part.from");
    if (c.digest != DIGEST_NONE)
        memcpy(c.hex, file->hex, strlen(file->hex) + 1);
    else if (file->sums)
        look_for_sum(&c, file, o);
    rc = download(r, &c, &p, file, o, err);
    space_settle(o->space, o->claim, UINT64_MAX);
    free(p.final);
    free(p.part);
    free(p.from);
    return rc;
}
