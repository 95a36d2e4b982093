/* scratch.c -- created with a name that is taken away at once; mapped when complete. */
#include "base/scratch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

FILE *scratch_file(const char *folder, struct err *err)
{
    char *path = file_join(folder, ".bertline-XXXXXX");
    const int fd = mkstemp(path);
    FILE *file = NULL;

    if (fd < 0) {
        err_errno(err, "cannot make a temporary file in '%s'", folder);
    } else {
        unlink(path);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        file = fdopen(fd, "w+b");
        if (!file) {
            err_errno(err, "cannot open a temporary file in '%s'", folder);
            close(fd);
        }
    }
    free(path);
    return file;
}

int scratch_open(struct scratch *s, const char *folder, struct err *err)
{
    *s = (struct scratch){0};
    s->file = scratch_file(folder, err);
    if (!s->file)
        return -1;
    s->folder = mem_text(folder);
    return 0;
}

int scratch_put(struct scratch *s, const void *bytes, size_t n, struct err *err)
{
    if (n && fwrite(bytes, 1, n, s->file) != n)
        return err_errno(err, "cannot write a temporary file in '%s'", s->folder);
    s->len += n;
    return 0;
}

int scratch_map(struct scratch *s, struct err *err)
{
    void *map;

    if (fflush(s->file) != 0)
        return err_errno(err, "cannot write a temporary file in '%s'", s->folder);
    if (s->len == 0)
        return 0;
    if (s->len > SIZE_MAX)
        return err_set(err, ERR_LIMIT, "temporary file of %llu bytes cannot be mapped",
                       (unsigned long long)s->len);
    map = mmap(NULL, (size_t)s->len, PROT_READ, MAP_SHARED, fileno(s->file), 0);
    if (map == MAP_FAILED)
        return err_errno(err, "cannot map a temporary file in '%s'", s->folder);
    s->bytes = map;
    return 0;
}

void scratch_close(struct scratch *s)
{
    if (s->bytes)
        munmap((void *)(uintptr_t)s->bytes, (size_t)s->len);
    if (s->file)
        fclose(s->file);
    free(s->folder);
    *s = (struct scratch){0};
}
