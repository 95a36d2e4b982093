/* source_archive.c -- libarchive's filters over a "raw" archive of one entry. */
#include "base/source_archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/mem.h"

struct source_archive {
    struct archive *archive;
    source_pull *pull;
    void *context;
    struct err pull_err; /* what pull() said when it failed */
    bool empty;          /* a stream that decompresses to nothing */
};

bool source_archive_knows(const unsigned char *bytes, size_t n)
{
    static const struct {
        size_t n;
        unsigned char bytes[SOURCE_ARCHIVE_MAGIC];
    } magics[] = {
        {2, {0x1f, 0x8b}},                  /* gzip, RFC 1952 */
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
    archive_read_support_filter_gzip(a->archive);
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

struct source_archive *source_archive_open_files(const char *path, struct err *err)
{
    enum { BLOCK_SIZE = 1 << 18 };
    struct source_archive *a = new_of_files();

    return opened(a, archive_read_open_filename(a->archive, path, BLOCK_SIZE), err);
}

struct source_archive *source_archive_open_bytes(const void *bytes, size_t n, struct err *err)
{
    struct source_archive *a = new_of_files();

    return opened(a, archive_read_open_memory(a->archive, bytes, n), err);
}

int source_archive_next(struct source_archive *a, const char **name, struct err *err)
{
    struct archive_entry *entry;
    int rc;

    do {
        rc = archive_read_next_header(a->archive, &entry);
        if (rc == ARCHIVE_EOF)
            return 0;
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
    free(a);
}
