/* file.c -- paths and folders over POSIX calls. */
#define _XOPEN_SOURCE 700 /* nftw */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/mem.h"

enum { WALK_HANDLES = 16 };

char *file_join(const char *folder, const char *name)
{
    struct buf path = {0};

    buf_put_text(&path, folder);
    if (path.len && path.data[path.len - 1] != '/')
        buf_put_byte(&path, '/');
    buf_put_text(&path, name);
    return path.data;
}

static size_t length_without_slashes(const char *path)
{
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/')
        len--;
    return len;
}

char *file_base(const char *path)
{
    const size_t end = length_without_slashes(path);
    size_t at = end;

    while (at > 0 && path[at - 1] != '/')
        at--;
    return mem_text_n(path + at, end - at);
}

char *file_beside(const char *path, const char *suffix)
{
    struct buf beside = {0};

    buf_put(&beside, path, length_without_slashes(path));
    buf_put_text(&beside, suffix);
    return beside.data;
}

bool file_exists(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

static bool is_same(const char *a, const char *b, mode_t type)
{
    struct stat of_a, of_b;

    return stat(a, &of_a) == 0 && stat(b, &of_b) == 0 && of_a.st_dev == of_b.st_dev &&
           of_a.st_ino == of_b.st_ino && (of_a.st_mode & S_IFMT) == type;
}

bool file_is_same(const char *a, const char *b)
{
    return is_same(a, b, S_IFREG);
}

bool file_is_same_folder(const char *a, const char *b)
{
    return is_same(a, b, S_IFDIR);
}

int file_spare(const char *output, char *const *inputs, size_t n, struct err *err)
{
    for (size_t i = 0; output && i < n; i++) {
        if (file_is_same(output, inputs[i]))
            return err_set(err, ERR_USAGE, "'%s' is a file to be read", output);
    }
    return 0;
}

bool file_is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int file_make_folder(const char *path, struct err *err)
{
    char *part = mem_text(path);
    const size_t len = strlen(part);
    int rc = 0;

    for (size_t i = 1; i <= len && rc == 0; i++) {
        if (part[i] != '/' && part[i] != '\0')
            continue;
        part[i] = '\0';
        if (mkdir(part, 0777) < 0 && errno != EEXIST)
            rc = err_errno(err, "cannot make folder '%s'", part);
        part[i] = path[i];
    }
    if (rc == 0 && !file_is_folder(path))
        rc = err_set(err, ERR_IO, "'%s' is not a folder", path);
    free(part);
    return rc;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool ends_in(const char *name, const char *suffix)
{
    const size_t n = strlen(name);
    const size_t m = strlen(suffix);

    return n >= m && strcmp(name + n - m, suffix) == 0;
}

int file_list(char ***names, size_t *n, const char *folder, const char *suffix, struct err *err)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    size_t cap = 0;

    *names = NULL;
    *n = 0;
    if (!dir)
        return err_errno(err, errno == ENOENT ? "cannot open '%s'" : "cannot open folder '%s'",
                         folder);
    for (errno = 0; (entry = readdir(dir)); errno = 0) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (!ends_in(entry->d_name, suffix))
            continue;
        if (*n == cap) {
            cap = mem_grow(cap, *n + 1);
            *names = mem_resize(*names, cap, sizeof **names);
        }
        (*names)[(*n)++] = mem_text(entry->d_name);
    }
    if (errno) {
        err_errno(err, "cannot read folder '%s'", folder);
        closedir(dir);
        file_free_names(*names, *n);
        *names = NULL;
        *n = 0;
        return -1;
    }
    closedir(dir);
    if (*n)
        qsort(*names, *n, sizeof **names, compare_names);
    return 0;
}

void file_free_names(char **names, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(names[i]);
    free(names);
}

int file_read(struct buf *content, const char *path, size_t max, struct err *err)
{
    FILE *file = fopen(path, "rb");
    char block[65536];
    size_t n;
    int rc = 0;

    if (!file)
        return err_errno(err, "cannot open '%s'", path);
    while (rc == 0 && (n = fread(block, 1, sizeof block, file)) > 0) {
        if (buf_put_max(content, block, n, max, err) < 0)
            rc = err_in(err, "%s", path);
    }
    if (rc == 0 && ferror(file))
        rc = err_errno(err, "cannot read '%s'", path);
    fclose(file);
    return rc;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

int file_remove(const char *path, struct err *err)
{
    struct stat st;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? 0 : err_errno(err, "cannot look at '%s'", path);
    if (nftw(path, remove_entry, WALK_HANDLES, FTW_DEPTH | FTW_PHYS) != 0)
        return err_errno(err, "cannot remove '%s'", path);
    return 0;
}

int file_sync(const char *path, struct err *err)
{
    const int fd = open(path, O_RDONLY);
    int rc = 0;

    if (fd < 0)
        return err_errno(err, "cannot open '%s'", path);
    if (fsync(fd) < 0)
        rc = err_errno(err, "cannot put '%s' on disk", path);
    close(fd);
    return rc;
}

int file_sync_folder(const char *folder, struct err *err)
{
    const int fd = open(folder, O_RDONLY | O_DIRECTORY);
    int rc;

    if (fd < 0)
        return err_errno(err, "cannot open folder '%s'", folder);
    rc = fsync(fd);
    /* Some file systems have nothing to put on disk for a folder and say so with EINVAL. */
    if (rc < 0 && errno != EINVAL)
        err_errno(err, "cannot put folder '%s' on disk", folder);
    else
        rc = 0;
    close(fd);
    return rc;
}

int file_rename(const char *from, const char *to, struct err *err)
{
    struct buf folder = {0};
    size_t at = length_without_slashes(to);
    int rc;

    if (rename(from, to) < 0)
        return err_errno(err, "cannot rename '%s' to '%s'", from, to);
    while (at > 0 && to[at - 1] != '/')
        at--;
    if (at == 0)
        buf_put_text(&folder, ".");
    else
        buf_put(&folder, to, at);
    rc = file_sync_folder(folder.data, err);
    buf_release(&folder);
    return rc;
}

int file_free_space(uint64_t *bytes, const char *path, struct err *err)
{
    struct statvfs fs;

    if (statvfs(path, &fs) < 0)
        return err_errno(err, "cannot ask for the free space of '%s'", path);
    *bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
    return 0;
}
