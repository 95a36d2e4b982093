/* stage.c -- a hidden folder, a list of what is in it, renames at the end. */
#include "instance/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"

int stage_open(struct stage *s, const char *folder, const char *label, struct err *err)
{
    struct buf name = {0};
    int rc = -1;

    *s = (struct stage){.folder = mem_text(folder), .made_folder = !file_exists(folder)};
    buf_printf(&name, ".%s.part", label);
    s->part = file_join(folder, name.data);
    if (file_make_folder(folder, err) == 0 && file_remove(s->part, err) == 0 &&
        file_make_folder(s->part, err) == 0)
        rc = 0;
    buf_release(&name);
    return rc;
}

char *stage_path(const struct stage *s, const char *name)
{
    return file_join(s->part, name);
}

void stage_add(struct stage *s, const char *name, int64_t n_rows, const char sha256[HASH_HEX_SIZE])
{
    struct stage_file *f;

    s->files = mem_resize(s->files, s->n_files + 1, sizeof *s->files);
    f = &s->files[s->n_files++];
    *f = (struct stage_file){.name = mem_text(name), .n_rows = n_rows};
    memcpy(f->sha256, sha256, sizeof f->sha256);
}

static int remove_stale(const struct stage *s, bool (*stale)(void *context, const char *name),
                        void *context, struct err *err)
{
    char **names;
    size_t n;
    int rc = 0;

    if (file_list(&names, &n, s->folder, "", err) < 0)
        return -1;
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (stale(context, names[i])) {
            char *path = file_join(s->folder, names[i]);

            rc = file_remove(path, err);
            free(path);
        }
    }
    file_free_names(names, n);
    return rc;
}

int stage_publish(struct stage *s, bool (*stale)(void *context, const char *name), void *context,
                  struct err *err)
{
    int rc = remove_stale(s, stale, context, err);

    for (size_t i = 0; i < s->n_files && rc == 0; i++) {
        char *from = file_join(s->part, s->files[i].name);
        char *to = file_join(s->folder, s->files[i].name);

        if (rename(from, to) < 0)
            rc = err_errno(err, "cannot rename '%s' to '%s'", from, to);
        free(from);
        free(to);
    }
    if (rc == 0)
        rc = file_sync_folder(s->folder, err);
    s->published = rc == 0;
    return rc;
}

void stage_close(struct stage *s)
{
    struct err unheard = {0}; /* the run's own error is the one that counts */

    if (s->part)
        file_remove(s->part, &unheard);
    if (s->folder && s->made_folder && !s->published)
        rmdir(s->folder); /* fails when something is in it, as it should */
    for (size_t i = 0; i < s->n_files; i++)
        free(s->files[i].name);
    free(s->files);
    free(s->part);
    free(s->folder);
    *s = (struct stage){0};
}
