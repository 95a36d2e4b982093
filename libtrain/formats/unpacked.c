/* unpacked.c -- weights hardly compress, so an archive that grows much is none of weights. */
#include "formats/unpacked.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/sink.h"
#include "base/source_archive.h"

enum { BLOCK_SIZE = 1 << 18, MAX_FILES = 1000, MAX_GROWTH = 100, ALWAYS_ALLOWED = 1 << 24 };

static bool ends_in(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t m = strlen(end);

    return n >= m && !strcmp(text + n - m, end);
}

static bool is_wanted(const char *name)
{
    static const char *const ends[] = {".index", ".json", ".txt",        ".bin",
                                       ".pt",    ".pth",  ".safetensors"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (ends_in(name, ends[i]))
            return true;
    return strstr(name, ".data-") || !strcmp(name, "checkpoint");
}

static int write_file(struct source_archive *a, const char *path, uint64_t *left, struct err *err)
{
    char *block = mem_alloc(BLOCK_SIZE);
    struct sink out = {0};
    int64_t n = sink_open(&out, path, err) < 0 ? -1 : 1;

    while (n > 0) {
        n = source_archive_read(a, block, BLOCK_SIZE, err);
        if (n > 0 && (uint64_t)n > *left)
            n = err_set(err, ERR_LIMIT, "holds over %d times its own bytes", MAX_GROWTH);
        if (n > 0) {
            *left -= (uint64_t)n;
            if (sink_write(&out, block, (size_t)n, err) < 0)
                n = -1;
        }
    }
    if (n == 0 && sink_commit(&out, err) < 0)
        n = -1;
    sink_close(&out);
    free(block);
    return (int)n;
}

static int unpack_files(const char *folder, struct source_archive *a, uint64_t left,
                        struct err *err)
{
    size_t n_files = 0;
    const char *name;
    int rc;

    while ((rc = source_archive_next(a, &name, err)) > 0) {
        char *base = file_base(name);
        char *path = file_join(folder, base);

        if (!is_wanted(base))
            rc = 0;
        else if (++n_files > MAX_FILES)
            rc = err_set(err, ERR_LIMIT, "holds over %d files", MAX_FILES);
        else if (file_exists(path))
            rc = err_set(err, ERR_FORMAT, "holds two files called '%s': unpack it and give one",
                         base);
        else
            rc = write_file(a, path, &left, err);
        free(path);
        free(base);
        if (rc < 0)
            break;
    }
    return rc;
}

char *unpacked_open(const char *archive, struct err *err)
{
    const char *parent = getenv("TMPDIR");
    struct source_archive *a = source_archive_open_files(archive, err);
    char *folder = file_join(parent && *parent ? parent : "/tmp", "bertline.XXXXXX");
    uint64_t allowed = ALWAYS_ALLOWED;
    struct stat st;
    int rc = -1;

    if (a && stat(archive, &st) == 0)
        allowed += (uint64_t)st.st_size * MAX_GROWTH;
    if (a && !mkdtemp(folder))
        err_errno(err, "cannot make a folder like '%s'", folder);
    else if (a)
        rc = unpack_files(folder, a, allowed, err);
    source_archive_close(a);
    if (rc == 0)
        return folder;
    err_in(err, "%s", archive);
    if (strcmp(folder + strlen(folder) - 6, "XXXXXX") != 0)
        unpacked_close(folder);
    else
        free(folder);
    return NULL;
}

void unpacked_close(char *folder)
{
    struct err ignored = {0};

    if (folder)
        file_remove(folder, &ignored);
    free(folder);
}
