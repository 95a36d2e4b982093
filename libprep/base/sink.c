/* sink.c -- write beside, sync, rename.
 *
 * A device or a pipe is written to as it is: a rename would put a file in its place. */
#include "base/sink.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static const char *shown_name(const struct sink *s)
{
    return s->path ? s->path : "standard output";
}

/* Whether the name is one that a file must not replace: /dev/null, a pipe, /dev/stdout. */
static bool is_special(const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return true;
    return strncmp(path, "/dev/", 5) == 0 && lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

int sink_open_part(struct sink *s, const char *path, struct err *err)
{
    *s = (struct sink){0};
    if (!*path)
        return err_set(err, ERR_IO, "cannot write '': it is no name");
    if (file_is_folder(path))
        return err_set(err, ERR_IO, "cannot write '%s': it is a folder", path);
    if (is_special(path))
        return err_set(err, ERR_IO, "cannot write '%s': it is no regular file", path);
    s->path = mem_text(path);
    s->part = file_beside(path, ".part");
    return 0;
}

int sink_open(struct sink *s, const char *path, struct err *err)
{
    *s = (struct sink){0};
    if (!path || !strcmp(path, "-")) {
        s->file = stdout;
        return 0;
    }
    if (!file_is_folder(path) && is_special(path))
        s->path = mem_text(path);
    else if (sink_open_part(s, path, err) < 0)
        return -1;
    s->file = fopen(s->part ? s->part : s->path, "wb");
    if (!s->file) {
        err_errno(err, "cannot write '%s'", s->part ? s->part : s->path);
        sink_close(s);
        return -1;
    }
    return 0;
}

int sink_write(struct sink *s, const void *bytes, size_t n, struct err *err)
{
    if (n && fwrite(bytes, 1, n, s->file) != n)
        return err_errno(err, "cannot write '%s'", shown_name(s));
    s->len += n;
    return 0;
}

/* No more bytes come. */
static int end_bytes(struct sink *s, struct err *err)
{
    FILE *file = s->file;

    if (file && fflush(file) != 0)
        return err_errno(err, "cannot write '%s'", shown_name(s));
    if (!s->path)
        return 0;
    s->file = NULL;
    if (file && fclose(file) != 0)
        return err_errno(err, "cannot write '%s'", shown_name(s));
    return 0;
}

static void forget_part(struct sink *s)
{
    free(s->part);
    s->part = NULL;
}

int sink_commit(struct sink *s, struct err *err)
{
    if (end_bytes(s, err) < 0)
        return -1;
    if (s->part && (file_sync(s->part, err) < 0 || file_rename(s->part, s->path, err) < 0))
        return -1;
    forget_part(s);
    return 0;
}

int sink_finish(struct sink *s, struct err *err)
{
    if (end_bytes(s, err) < 0)
        return -1;
    if (s->part && rename(s->part, s->path) < 0)
        return err_errno(err, "cannot rename '%s' to '%s'", s->part, s->path);
    forget_part(s);
    return 0;
}

void sink_close(struct sink *s)
{
    if (s->file && s->path)
        fclose(s->file);
    if (s->part)
        unlink(s->part);
    free(s->part);
    free(s->path);
    *s = (struct sink){0};
}
