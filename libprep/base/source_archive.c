/* source_archive.c -- libarchive's filters over a "raw" archive of one entry. */
#include "base/source_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/mem.h"
#include "base/source_gzip.h"

enum { BLOCK_SIZE = 1 << 18 };

/* A tar in gzip: its bytes are checked before libarchive sees them. */
struct packed_file {
    FILE *file;
    struct source_gzip *gzip;
    char raw[BLOCK_SIZE], plain[BLOCK_SIZE];
};

struct source_archive {
    struct archive *archive;
    source_pull *pull;
    void *context;
    struct err pull_err;        /* what pull() said when it failed */
    bool empty;                 /* a stream that decompresses to nothing */
    struct packed_file *packed; /* of an archive of files, when it is one */
};

bool source_archive_knows(const unsigned char *bytes, size_t n)
{
    static const struct {
        size_t n;
        unsigned char bytes[SOURCE_ARCHIVE_MAGIC];
    } magics[] = {
        {6, {0xfd, '7', 'z', 'X', 'Z', 0}}, /* xz */
        {4, {0x28, 0xb5, 0x2f, 0xfd}},      /* zstd, RFC 8878 */
        {4, {0x04, 0x22, 0x4d, 0x18}},      /* lz4 frame */
    };

    for (size_t i = 0; i < sizeof magics / sizeof magics[0]; i++)
        if (n >= magics[i].n && !memcmp(bytes, magics[i].bytes, magics[i].n))
            return true;
    return false;
}

bool source_archive_is_7z(const unsigned char *bytes, size_t n)
{
    return n >= 6 && !memcmp(bytes, "7z\xbc\xaf\x27\x1c", 6);
}

static la_ssize_t pull_block(struct archive *archive, void *context, const void **block)
{
    struct source_archive *a = context;
    const int64_t n = a->pull(a->context, block, &a->pull_err);

    if (n < 0)
        archive_set_error(archive, EIO, "%s", a->pull_err.text);
    return (la_ssize_t)n;
}

/* libarchive names entries in the locale's charset; names that it cannot say so have none. */
static const char *name_of(struct archive_entry *entry)
{
    const char *name = archive_entry_pathname_utf8(entry);

    if (!name)
        name = archive_entry_pathname(entry);
    return name ? name : "";
}

static const char *why_of(const struct source_archive *a)
{
    const char *why = archive_error_string(a->archive);

    return why ? why : "damaged";
}

static int fail(const struct source_archive *a, struct err *err)
{
    if (a->pull_err.kind) {
        *err = a->pull_err;
        return -1;
    }
    return err_set(err, ERR_FORMAT, "cannot decompress: %s", why_of(a));
}

struct source_archive *source_archive_open(source_pull *pull, void *context, struct err *err)
{
    struct source_archive *a = mem_alloc(sizeof *a);
    struct archive_entry *entry;
    int rc;

    a->pull = pull;
    a->context = context;
    a->archive = archive_read_new();
    archive_read_support_filter_xz(a->archive);
    archive_read_support_filter_zstd(a->archive);
    archive_read_support_filter_lz4(a->archive);
    archive_read_support_format_raw(a->archive);
    archive_read_support_format_empty(a->archive);
    rc = archive_read_open(a->archive, a, NULL, pull_block, NULL);
    if (rc == ARCHIVE_OK)
        rc = archive_read_next_header(a->archive, &entry);
    if (rc == ARCHIVE_EOF) {
        a->empty = true;
    } else if (rc != ARCHIVE_OK) {
        fail(a, err);
        source_archive_close(a);
        return NULL;
    }
    return a;
}

static struct source_archive *new_of_files(void)
{
    struct source_archive *a = mem_alloc(sizeof *a);

    a->archive = archive_read_new();
    archive_read_support_filter_all(a->archive);
    archive_read_support_format_tar(a->archive);
    archive_read_support_format_zip(a->archive);
    archive_read_support_format_7zip(a->archive);
    a->empty = true;
    return a;
}

static struct source_archive *opened(struct source_archive *a, int rc, struct err *err)
{
    if (rc == ARCHIVE_OK)
        return a;
    err_set(err, ERR_FORMAT, "cannot open as an archive: %s", why_of(a));
    source_archive_close(a);
    return NULL;
}

static int64_t pull_raw(void *context, const void **block, struct err *err)
{
    struct packed_file *p = context;
    const size_t n = fread(p->raw, 1, BLOCK_SIZE, p->file);

    *block = p->raw;
    return n == 0 && ferror(p->file) ? err_errno(err, "cannot read") : (int64_t)n;
}

static int64_t pull_plain(void *context, const void **block, struct err *err)
{
    struct packed_file *p = context;

    *block = p->plain;
    return source_gzip_read(p->gzip, p->plain, BLOCK_SIZE, err);
}

/* The file when it is gzip, else NULL: libarchive tells what cannot be opened. A pipe is left to it too,
 * since what is read of it to know would be gone. */
static struct packed_file *packed_open(const char *path)
{
    struct packed_file *p;
    unsigned char magic[2];
    struct stat st;

    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
        return NULL;
    p = mem_alloc(sizeof *p);
    p->file = fopen(path, "rb");
    if (p->file && source_gzip_knows(magic, fread(magic, 1, sizeof magic, p->file))) {
        rewind(p->file);
        p->gzip = source_gzip_open(pull_raw, p);
    }
    if (p->gzip)
        return p;
    if (p->file)
        fclose(p->file);
    free(p);
    return NULL;
}

struct source_archive *source_archive_open_files(const char *path, struct err *err)
{
    struct source_archive *a = new_of_files();

    a->packed = packed_open(path);
    if (!a->packed)
        return opened(a, archive_read_open_filename(a->archive, path, BLOCK_SIZE), err);
    a->pull = pull_plain;
    a->context = a->packed;
    return opened(a, archive_read_open(a->archive, a, NULL, pull_block, NULL), err);
}

struct source_archive *source_archive_open_bytes(const void *bytes, size_t n, struct err *err)
{
    struct source_archive *a = new_of_files();

    return opened(a, archive_read_open_memory(a->archive, bytes, n), err);
}

/* Behind the last file a tar has zero blocks, and then comes the checksum. */
static int read_rest(const struct source_archive *a, struct err *err)
{
    const void *block;
    int64_t n = a->packed ? 1 : 0;

    while (n > 0)
        n = pull_plain(a->packed, &block, err);
    return (int)n;
}

int source_archive_next(struct source_archive *a, const char **name, struct err *err)
{
    struct archive_entry *entry;
    int rc;

    do {
        rc = archive_read_next_header(a->archive, &entry);
        if (rc == ARCHIVE_EOF)
            return read_rest(a, err);
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return err_set(err, ERR_FORMAT, "cannot read the archive: %s", why_of(a));
    } while (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry));
    a->empty = false;
    *name = name_of(entry);
    return 1;
}

int64_t source_archive_read(struct source_archive *a, void *to, size_t n, struct err *err)
{
    la_ssize_t got;

    if (a->empty)
        return 0;
    got = archive_read_data(a->archive, to, n);
    return got < 0 ? fail(a, err) : (int64_t)got;
}

void source_archive_close(struct source_archive *a)
{
    if (!a)
        return;
    archive_read_free(a->archive);
    if (a->packed) {
        source_gzip_close(a->packed->gzip);
        fclose(a->packed->file);
        free(a->packed);
    }
    free(a);
}
