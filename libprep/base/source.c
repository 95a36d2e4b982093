/* source.c -- where raw bytes come from, and whether they pass through a decompressor. */
#include "base/source.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bzip2_segments.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/source_archive.h"
#include "base/source_bzip2.h"
#include "base/source_gzip.h"
#include "base/source_url.h"

enum { BLOCK_SIZE = 1 << 18 };

struct source {
    char *name;
    FILE *file; /* one of these two */
    struct source_url *url;
    struct source_bzip2 *bzip2; /* one of these three, or none: bytes pass through unchanged */
    struct source_gzip *gzip;
    struct source_archive *archive;
    bool files;           /* the archive is one of files: they follow each other */
    unsigned char *block; /* raw bytes, the unread ones at [at, end) */
    size_t at;
    size_t end;
    _Atomic uint64_t taken; /* counted by the thread that reads, asked by another */
    uint64_t total;
};

static int64_t read_raw(struct source *s, void *to, size_t n, struct err *err)
{
    int64_t got;

    if (s->url) {
        got = source_url_read(s->url, to, n, err);
    } else {
        got = (int64_t)fread(to, 1, n, s->file);
        if (got == 0 && ferror(s->file))
            got = err_errno(err, "cannot read");
    }
    if (got > 0)
        s->taken += (uint64_t)got;
    return got;
}

static int refill(struct source *s, struct err *err)
{
    const int64_t n = read_raw(s, s->block, BLOCK_SIZE, err);

    s->at = 0;
    s->end = n > 0 ? (size_t)n : 0;
    return n < 0 ? -1 : 0;
}

/* source_pull for the decompressor: the unread rest of the block, or a new block. */
static int64_t pull_block(void *context, const void **block, struct err *err)
{
    struct source *s = context;
    size_t n;

    if (s->at == s->end && refill(s, err) < 0)
        return -1;
    *block = s->block + s->at;
    n = s->end - s->at;
    s->at = s->end;
    return (int64_t)n;
}

/* Fills the block with at least the magic bytes, where the input is that long. */
static int peek(struct source *s, struct err *err)
{
    while (s->end < SOURCE_ARCHIVE_MAGIC) {
        const int64_t n = read_raw(s, s->block + s->end, BLOCK_SIZE - s->end, err);

        if (n < 0)
            return -1;
        if (n == 0)
            return 0;
        s->end += (size_t)n;
    }
    return 0;
}

static int open_raw(struct source *s, const char *path, struct err *err)
{
    struct stat st;

    if (!path || !strcmp(path, "-")) {
        s->name = mem_text("standard input");
        s->file = stdin;
    } else if (source_url_is(path)) {
        s->name = mem_text(path);
        s->url = source_url_open(path, NULL, err);
        if (!s->url)
            return err_in(err, "%s", path);
        s->total = source_url_total(s->url);
        return 0;
    } else {
        s->name = mem_text(path);
        if (file_is_folder(path))
            return err_set(err, ERR_IO, "cannot read '%s': it is a folder", path);
        s->file = fopen(path, "rb");
        if (!s->file)
            return err_errno(err, "cannot open '%s'", path);
    }
    if (fstat(fileno(s->file), &st) == 0 && S_ISREG(st.st_mode))
        s->total = (uint64_t)st.st_size;
    return 0;
}

/* A 7z archive keeps its table at the end. */
static int open_7z(struct source *s, const char *path, struct err *err)
{
    if (!s->file || s->file == stdin)
        return err_set(err, ERR_FORMAT, "a 7z archive can be read from a file only");
    s->archive = source_archive_open_files(path, err);
    s->files = true;
    return s->archive ? 0 : -1;
}

/* The files in the archive, one after the other. */
static int64_t read_files(struct source *s, void *to, size_t n, struct err *err)
{
    for (;;) {
        const char *name;
        const int64_t got = source_archive_read(s->archive, to, n, err);
        const int more = got == 0 ? source_archive_next(s->archive, &name, err) : 0;

        if (got != 0 || more <= 0)
            return got != 0 ? got : more;
    }
}

struct source *source_open(const char *path, struct err *err)
{
    return source_open_threads(path, 1, err);
}

struct source *source_open_threads(const char *path, size_t n_threads, struct err *err)
{
    struct source *s = mem_alloc(sizeof *s);

    s->block = mem_alloc(BLOCK_SIZE);
    if (open_raw(s, path, err) < 0)
        goto fail;
    if (peek(s, err) < 0)
        goto fail_named;
    if (bzip2_segments_knows(s->block, s->end)) {
        s->bzip2 = source_bzip2_open(pull_block, s, n_threads);
    } else if (source_gzip_knows(s->block, s->end)) {
        s->gzip = source_gzip_open(pull_block, s);
    } else if (source_archive_is_7z(s->block, s->end)) {
        if (open_7z(s, path, err) < 0)
            goto fail_named;
    } else if (source_archive_knows(s->block, s->end)) {
        s->archive = source_archive_open(pull_block, s, err);
        if (!s->archive)
            goto fail_named;
    }
    return s;
fail_named:
    err_in(err, "%s", s->name);
fail:
    source_close(s);
    return NULL;
}

int64_t source_read(struct source *s, void *to, size_t n, struct err *err)
{
    int64_t got;

    if (s->bzip2) {
        got = source_bzip2_read(s->bzip2, to, n, err);
    } else if (s->gzip) {
        got = source_gzip_read(s->gzip, to, n, err);
    } else if (s->files) {
        got = read_files(s, to, n, err);
    } else if (s->archive) {
        got = source_archive_read(s->archive, to, n, err);
    } else if (s->at < s->end) {
        got = (int64_t)(n < s->end - s->at ? n : s->end - s->at);
        memcpy(to, s->block + s->at, (size_t)got);
        s->at += (size_t)got;
    } else {
        got = read_raw(s, to, n, err);
    }
    return got < 0 ? err_in(err, "%s", s->name) : got;
}

const char *source_name(const struct source *s)
{
    return s->name;
}

uint64_t source_taken(const struct source *s)
{
    return s->taken;
}

uint64_t source_total(const struct source *s)
{
    return s->total;
}

void source_close(struct source *s)
{
    if (!s)
        return;
    source_bzip2_close(s->bzip2);
    source_gzip_close(s->gzip);
    source_archive_close(s->archive);
    source_url_close(s->url);
    if (s->file && s->file != stdin)
        fclose(s->file);
    free(s->block);
    free(s->name);
    free(s);
}
