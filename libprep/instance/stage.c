/* stage.c -- a hidden folder, a list of what is in it, renames at the end. */
#include "instance/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/flusher.h"
#include "base/mem.h"

int stage_open(struct stage *s, const char *folder, const char *label, bool guest, struct err *err)
{
    struct buf name = {0};
    int rc = -1;

    *s = (struct stage){.folder = mem_text(folder),
                        .guest = guest,
                        .made_folder = !file_exists(folder),
                        .flusher = flusher_open()};
    buf_printf(&name, ".%s.part", label);
    s->part = file_join(folder, name.data);
    if (guest || (file_make_folder(folder, err) == 0 && file_remove(s->part, err) == 0 &&
                  file_make_folder(s->part, err) == 0))
        rc = 0;
    buf_release(&name);
    return rc;
}

/* The folder in which FOLDER/NAME stands in `parent`; NAME stands in the parent itself. */
static int make_parent(const char *parent, const char *name, struct err *err)
{
    const char *slash = strrchr(name, '/');
    char *inner;
    char *folder;
    int rc;

    if (!slash)
        return 0;
    inner = mem_text_n(name, (size_t)(slash - name));
    folder = file_join(parent, inner);
    rc = file_make_folder(folder, err);
    free(folder);
    free(inner);
    return rc;
}

char *stage_path(const struct stage *s, const char *name, struct err *err)
{
    return make_parent(s->part, name, err) < 0 ? NULL : file_join(s->part, name);
}

void stage_flush(const struct stage *s, const char *path)
{
    flusher_add(s->flusher, path);
}

int stage_settle(struct stage *s, struct err *err)
{
    return flusher_wait(s->flusher, err);
}

void stage_add(struct stage *s, const char *name, int64_t n_rows, const char sha256[HASH_HEX_SIZE])
{
    struct stage_file *f;

    s->files = mem_resize(s->files, s->n_files + 1, sizeof *s->files);
    f = &s->files[s->n_files++];
    *f = (struct stage_file){.name = mem_text(name), .n_rows = n_rows};
    memcpy(f->sha256, sha256, sizeof f->sha256);
}

/* A folder of somebody else's is no reason to fail. */
static bool may_list(const char *folder)
{
    return access(folder, R_OK | X_OK) == 0;
}

/* What stale() wants, in the folder (inner is NULL) or in the folder `inner` of it. */
static int remove_stale(const struct stage *s, const char *inner,
                        bool (*stale)(void *context, const char *name), void *context,
                        struct err *err)
{
    char *folder = inner ? file_join(s->folder, inner) : mem_text(s->folder);
    bool removed = false;
    char **names;
    size_t n;
    int rc = file_list(&names, &n, folder, "", err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        char *name = inner ? file_join(inner, names[i]) : mem_text(names[i]);
        char *path = file_join(s->folder, name);

        if (stale(context, name)) {
            rc = file_remove(path, err);
            removed = true;
        } else if (!inner && names[i][0] != '.' && file_is_folder(path) && may_list(path)) {
            rc = remove_stale(s, names[i], stale, context, err);
        }
        free(path);
        free(name);
    }
    if (names)
        file_free_names(names, n);
    if (rc == 0 && inner && removed)
        rmdir(folder); /* fails when something else is in it, as it should */
    free(folder);
    return rc;
}

static int move_in(const struct stage *s, const char *name, struct err *err)
{
    char *from = file_join(s->part, name);
    char *to = file_join(s->folder, name);
    int rc = make_parent(s->folder, name, err);

    if (rc == 0 && rename(from, to) < 0)
        rc = err_errno(err, "cannot rename '%s' to '%s'", from, to);
    free(from);
    free(to);
    return rc;
}

/* After the last file of a folder inside: its names to the disk. The stage's own folder comes at the end. */
static int sync_parent(const struct stage *s, size_t i, struct err *err)
{
    const char *name = s->files[i].name;
    const char *slash = strrchr(name, '/');
    const size_t n = slash ? (size_t)(slash - name) : 0;
    char *inner;
    char *folder;
    int rc;

    if (!slash || (i + 1 < s->n_files && !strncmp(s->files[i + 1].name, name, n + 1)))
        return 0;
    inner = mem_text_n(name, n);
    folder = file_join(s->folder, inner);
    rc = file_sync_folder(folder, err);
    free(folder);
    free(inner);
    return rc;
}

int stage_publish(struct stage *s, bool (*stale)(void *context, const char *name), void *context,
                  struct err *err)
{
    int rc = stage_settle(s, err);

    if (rc == 0)
        rc = remove_stale(s, NULL, stale, context, err);
    for (size_t i = 0; i < s->n_files && rc == 0; i++) {
        rc = move_in(s, s->files[i].name, err);
        if (rc == 0)
            rc = sync_parent(s, i, err);
    }
    /* Now, because what the caller writes last makes the set complete, and nobody comes back then. */
    if (rc == 0)
        rc = file_remove(s->part, err);
    if (rc == 0)
        rc = file_sync_folder(s->folder, err);
    s->published = rc == 0;
    return rc;
}

void stage_close(struct stage *s)
{
    struct err unheard = {0}; /* the run's own error is the one that counts */

    flusher_close(s->flusher);
    if (s->part && !s->guest)
        file_remove(s->part, &unheard);
    if (s->folder && s->made_folder && !s->guest && !s->published)
        rmdir(s->folder); /* fails when something is in it, as it should */
    for (size_t i = 0; i < s->n_files; i++)
        free(s->files[i].name);
    free(s->files);
    free(s->part);
    free(s->folder);
    *s = (struct stage){0};
}
