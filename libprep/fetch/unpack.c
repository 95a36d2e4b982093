/* unpack.c -- what is inside a downloaded file, beside it. */
#include "fetch/unpack.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/sink.h"
#include "base/source.h"
#include "base/source_archive.h"
#include "fetch/wanted.h"

enum { BLOCK_SIZE = 1 << 18 };

static bool ends_in(const char *path, const char *ending)
{
    const size_t n = strlen(path), m = strlen(ending);

    return n > m && !strcmp(path + n - m, ending);
}

static bool is_archive(const char *path)
{
    static const char *const endings[] = {".zip",     ".tar",    ".tar.gz",  ".tgz",
                                          ".tar.bz2", ".tar.xz", ".tar.zst", ".7z"};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (ends_in(path, endings[i]))
            return true;
    }
    return false;
}

/* From a source or the present file of an archive. */
static int write_file(const char *path, struct source *in, struct source_archive *archive,
                      struct err *err)
{
    char *block = mem_alloc(BLOCK_SIZE);
    struct sink sink = {0};
    int64_t n = sink_open(&sink, path, err) < 0 ? -1 : 1;

    while (n > 0) {
        n = in ? source_read(in, block, BLOCK_SIZE, err)
               : source_archive_read(archive, block, BLOCK_SIZE, err);
        if (n > 0 && sink_write(&sink, block, (size_t)n, err) < 0)
            n = -1;
    }
    if (n == 0 && sink_commit(&sink, err) < 0)
        n = -1;
    sink_close(&sink);
    free(block);
    return (int)n;
}

/* Files at the top of an archive go to a folder with its name, so that two archives that hold a
 * "vocab.txt" do not meet. */
static char *path_of_member(const char *archive, const char *name, const char *folder)
{
    char *base = file_base(archive);
    char *dot = strstr(base, ".tar");
    char *top, *path;

    if (!dot)
        dot = strrchr(base, '.');
    if (dot)
        *dot = '\0';
    top = file_join(folder, strchr(name, '/') ? "" : base);
    path = file_join(top, name);
    free(base);
    free(top);
    return path;
}

static int unpack_member(size_t *n_files, struct source_archive *a, const char *archive,
                         const char *name, const char *folder, struct err *err)
{
    char *path, *slash;
    int rc;

    if (!strncmp(name, "./", 2))
        name += 2;
    if (wanted_check_name(name, err) < 0)
        return -1;
    path = path_of_member(archive, name, folder);
    if (file_exists(path)) {
        free(path);
        return 0;
    }
    slash = strrchr(path, '/');
    *slash = '\0';
    rc = file_make_folder(path, err);
    *slash = '/';
    if (rc == 0)
        rc = write_file(path, NULL, a, err);
    *n_files += rc == 0;
    free(path);
    return rc;
}

static int unpack_archive(size_t *n_files, const char *path, const char *folder, struct err *err)
{
    struct source_archive *a = source_archive_open_files(path, err);
    const char *name;
    int rc = a ? 1 : -1;

    while (rc > 0 && (rc = source_archive_next(a, &name, err)) > 0) {
        if (unpack_member(n_files, a, path, name, folder, err) < 0)
            rc = -1;
    }
    source_archive_close(a);
    return rc;
}

static int unpack_stream(size_t *n_files, const char *path, size_t n_ending, struct err *err)
{
    char *to = mem_text_n(path, strlen(path) - n_ending);
    struct source *in = NULL;
    int rc = 0;

    if (!file_exists(to)) {
        in = source_open_threads(path, 0, err);
        rc = in ? write_file(to, in, NULL, err) : -1;
        *n_files += rc == 0;
    }
    source_close(in);
    free(to);
    return rc;
}

int unpack_file(size_t *n_files, const char *path, const char *folder, struct err *err)
{
    static const char *const endings[] = {".gz", ".bz2", ".xz", ".zst"};

    *n_files = 0;
    if (is_archive(path)) {
        if (unpack_archive(n_files, path, folder, err) < 0)
            return err_in(err, "%s", path);
        return 0;
    }
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        if (ends_in(path, endings[i]))
            return unpack_stream(n_files, path, strlen(endings[i]), err);
    }
    return 0;
}
