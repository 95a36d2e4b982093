/* weight_files.c -- which reader for which path. What people mistake for the path of a checkpoint
 * (one of its files, the folder around it) is understood, and what is not says what was looked
 * for. */
#include "formats/weight_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/source_archive.h"
#include "base/source_gzip.h"
#include "formats/safetensors.h"
#include "formats/sstable.h"
#include "formats/tf_bundle.h"
#include "formats/torch_file.h"
#include "formats/unpacked.h"
#include "formats/zip.h"

enum { MAX_JSON = 64 << 20, MAX_TEXT = 1 << 16, MAX_SHARDED = 1 << 14, TAR_MAGIC_AT = 257 };

static bool ends_in(const char *text, const char *end)
{
    const size_t n = strlen(text);
    const size_t m = strlen(end);

    return n >= m && !strcmp(text + n - m, end);
}

/* "model.ckpt" of "model.ckpt.index", "model.ckpt.data-00000-of-00001", "model.ckpt.meta"; NULL
 * when the name is none of these. */
static char *prefix_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *data = strstr(slash ? slash : path, ".data-");

    if (ends_in(path, ".index"))
        return mem_text_n(path, strlen(path) - strlen(".index"));
    if (ends_in(path, ".meta"))
        return mem_text_n(path, strlen(path) - strlen(".meta"));
    return data ? mem_text_n(path, (size_t)(data - path)) : NULL;
}

static bool has_index(const char *prefix)
{
    char *path = file_beside(prefix, ".index");
    const bool has = file_exists(path) && !file_is_folder(path);

    free(path);
    return has;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return mem_text(".");
    return mem_text_n(path, slash == path ? 1 : (size_t)(slash - path));
}

/* ---- one form each ---- */

static int take(struct weight_files *w, const char *format, const char *path,
                int (*read)(struct tensor_table *t, const char *path, struct err *err),
                struct err *err)
{
    w->format = format;
    w->path = mem_text(path);
    if (!w->folder)
        w->folder = folder_of(path);
    return read(&w->table, path, err);
}

struct shards {
    struct weight_files *w;
    const char *folder;
    char **names; /* (n) of the files read so far */
    size_t n;
    bool is_torch;
    struct err *err;
};

static int read_shard(void *context, const char *tensor, const struct json *value)
{
    struct shards *s = context;
    const char *name = json_text_or(value, "");
    char *path;
    int rc;

    if (!*name || strchr(name, '/') || name[0] == '.')
        return err_set(s->err, ERR_FORMAT, "tensor '%s' is in '%s', which is no file beside it",
                       tensor, name);
    for (size_t i = 0; i < s->n; i++)
        if (!strcmp(s->names[i], name))
            return 0;
    s->names = mem_resize(s->names, s->n + 1, sizeof(char *));
    s->names[s->n++] = mem_text(name);
    path = file_join(s->folder, name);
    rc = (s->is_torch ? torch_file_read : safetensors_read)(&s->w->table, path, s->err);
    free(path);
    return rc;
}

static int check_present(void *context, const char *tensor, const struct json *value)
{
    struct shards *s = context;

    if (tensor_table_find(&s->w->table, tensor))
        return 0;
    return err_set(s->err, ERR_FORMAT, "tensor '%s' is not in '%s'", tensor,
                   json_text_or(value, ""));
}

/* model.safetensors.index.json, pytorch_model.bin.index.json: {"weight_map": {tensor: file}}. */
static int take_sharded(struct weight_files *w, const char *path, struct err *err)
{
    struct json *root = json_load(path, MAX_JSON, err);
    const struct json *map = json_member(root, "weight_map");
    struct shards s = {.w = w, .is_torch = strstr(path, ".bin.") != NULL, .err = err};
    char *folder = folder_of(path);
    int rc = -1;

    w->format = s.is_torch ? "PyTorch, sharded" : "safetensors, sharded";
    w->path = mem_text(path);
    if (!w->folder)
        w->folder = mem_text(folder);
    s.folder = folder;
    if (root && (!map || json_kind_of(map) != JSON_KIND_MAP || json_count(map) == 0))
        err_set(err, ERR_FORMAT, "%s: has no 'weight_map'", path);
    else if (root && json_count(map) > MAX_SHARDED)
        err_set(err, ERR_LIMIT, "%s: names %zu tensors, over the limit of %d", path,
                json_count(map), MAX_SHARDED);
    else if (root && (json_each(map, read_shard, &s) < 0 || json_each(map, check_present, &s) < 0))
        err_in(err, "%s", path);
    else if (root)
        rc = 0;
    for (size_t i = 0; i < s.n; i++)
        free(s.names[i]);
    free(s.names);
    free(folder);
    json_release(root);
    return rc;
}

static int take_bundle(struct weight_files *w, const char *prefix, struct err *err)
{
    return take(w, "TensorFlow", prefix, tf_bundle_read, err);
}

/* ---- folders ---- */

/* The prefix that the text file `checkpoint` names: model_checkpoint_path: "model.ckpt-7". */
static int named_prefix(char **prefix, const char *folder, const char *path, struct err *err)
{
    static const char key[] = "model_checkpoint_path:";
    struct buf text = {0};
    const char *at, *begin = NULL, *end = NULL;
    char *name;

    if (file_read(&text, path, MAX_TEXT, err) < 0)
        return -1;
    buf_put_byte(&text, '\0');
    for (at = strstr(text.data, key); at && at != text.data && at[-1] != '\n';)
        at = strstr(at + 1, key); /* not the one of all_model_checkpoint_paths */
    if (at && (begin = strchr(at, '"')))
        end = strchr(begin + 1, '"');
    if (!end) {
        buf_release(&text);
        return err_set(err, ERR_FORMAT, "%s: names no checkpoint (model_checkpoint_path)", path);
    }
    name = mem_text_n(begin + 1, (size_t)(end - begin - 1));
    buf_release(&text);
    if (name[0] == '/' && !has_index(name)) { /* moved since: by its name here */
        char *base = file_base(name);

        free(name);
        name = base;
    }
    *prefix = name[0] == '/' ? mem_text(name) : file_join(folder, name);
    free(name);
    return 0;
}

/* N of "ckpt_N.pt", or -1. */
static long number_of(const char *name)
{
    char *end;
    long n;

    if (strncmp(name, "ckpt_", 5) != 0)
        return -1;
    n = strtol(name + 5, &end, 10);
    return end > name + 5 && !strcmp(end, ".pt") ? n : -1;
}

/* The only file that ends so, or the newest of checkpoints; NULL when there is none. Two that say
 * nothing of which is meant are an error. */
static int only_file(char **path, const char *folder, const char *end, struct err *err)
{
    char **names;
    size_t n, best = 0;
    int rc = 0;

    *path = NULL;
    if (file_list(&names, &n, folder, end, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (!strcmp(names[i], "optimizer.safetensors")) { /* the moments of a checkpoint */
            free(names[i]);
            names[i] = names[--n];
        }
    for (size_t i = 1; i < n && rc == 0; i++) {
        if (number_of(names[best]) < 0 || number_of(names[i]) < 0)
            rc = err_set(err, ERR_USAGE, "folder '%s' holds '%s' and '%s': give one of them",
                         folder, names[best], names[i]);
        if (number_of(names[i]) > number_of(names[best]))
            best = i;
    }
    if (rc == 0 && n)
        *path = file_join(folder, names[best]);
    file_free_names(names, n);
    return rc;
}

static int take_index(struct weight_files *w, const char *path, struct err *err)
{
    char *prefix = prefix_of(path);
    const int rc = take_bundle(w, prefix, err);

    free(prefix);
    return rc;
}

static int take_safetensors(struct weight_files *w, const char *path, struct err *err)
{
    return take(w, "safetensors", path, safetensors_read, err);
}

static int take_torch(struct weight_files *w, const char *path, struct err *err)
{
    return take(w, "PyTorch", path, torch_file_read, err);
}

static int take_folder(struct weight_files *w, const char *folder, struct err *err)
{
    static const struct {
        const char *name;
        int (*take)(struct weight_files *w, const char *path, struct err *err);
    } known[] = {
        {"model.safetensors", take_safetensors},
        {"model.safetensors.index.json", take_sharded},
        {"pytorch_model.bin", take_torch},
        {"pytorch_model.bin.index.json", take_sharded},
    };
    static const struct {
        const char *end;
        int (*take)(struct weight_files *w, const char *path, struct err *err);
    } only[] = {
        {".index", take_index},
        {".safetensors", take_safetensors},
        {".pt", take_torch},
        {".bin", take_torch},
    };
    char *path = NULL, *prefix = NULL;
    int rc = 0;

    w->folder = mem_text(folder);
    for (size_t i = 0; i < sizeof known / sizeof known[0] && rc == 0; i++) {
        path = file_join(folder, known[i].name);
        if (file_exists(path))
            rc = known[i].take(w, path, err) < 0 ? -1 : 1;
        free(path);
    }
    path = file_join(folder, "checkpoint");
    if (rc == 0 && file_exists(path) && !file_is_folder(path)) {
        rc = named_prefix(&prefix, folder, path, err);
        if (rc == 0) {
            rc = take_bundle(w, prefix, err) < 0 ? -1 : 1;
            free(prefix);
        }
    }
    free(path);
    for (size_t i = 0; i < sizeof only / sizeof only[0] && rc == 0; i++) {
        rc = only_file(&path, folder, only[i].end, err);
        if (path)
            rc = only[i].take(w, path, err) < 0 ? -1 : 1;
        free(path);
    }
    if (rc == 0)
        return err_set(err, ERR_FORMAT,
                       "folder '%s' holds no weights: neither model.safetensors nor "
                       "pytorch_model.bin nor a TensorFlow checkpoint (.index)",
                       folder);
    return rc < 0 ? -1 : 0;
}

/* ---- files ---- */

static bool is_archive(const struct table_file *f)
{
    return source_gzip_knows(f->bytes, f->len) || source_archive_knows(f->bytes, f->len) ||
           source_archive_is_7z(f->bytes, f->len) || (f->len > 3 && !memcmp(f->bytes, "BZh", 3)) ||
           (f->len > TAR_MAGIC_AT + 5 && !memcmp(f->bytes + TAR_MAGIC_AT, "ustar", 5));
}

/* A zip is PyTorch's when it has a pickle one folder down. */
static bool is_torch_zip(const struct table_file *f)
{
    struct err ignored = {0};
    struct zip zip;
    bool is = false;

    if (zip_open(&zip, f->bytes, f->len, &ignored) < 0)
        return true; /* damaged: let the reader say how */
    for (size_t i = 0; i < zip.n && !is; i++)
        is = ends_in(zip.entries[i].name, "/data.pkl");
    zip_release(&zip);
    return is;
}

static int take_archive(struct weight_files *w, const char *path, struct err *err)
{
    w->unpacked = unpacked_open(path, err);
    if (!w->unpacked)
        return -1;
    return take_folder(w, w->unpacked, err) < 0 ? err_in(err, "%s", path) : 0;
}

static int take_file(struct weight_files *w, const char *path, struct err *err)
{
    struct tensor_table look = {0};
    const struct table_file *f = tensor_table_map(&look, path, err);
    char *prefix = prefix_of(path);
    int rc = -1;

    if (!f)
        goto out;
    if (zip_is_one(f->bytes, f->len) && !is_torch_zip(f))
        rc = take_archive(w, path, err);
    else if (torch_file_is_one(f->bytes, f->len))
        rc = take_torch(w, path, err);
    else if (ends_in(path, ".index.json"))
        rc = take_sharded(w, path, err);
    else if (f->len > 8 && f->bytes[8] == '{')
        rc = take_safetensors(w, path, err);
    else if (prefix && has_index(prefix))
        rc = take_bundle(w, prefix, err);
    else if (sstable_is_one(f->bytes, f->len))
        err_set(err, ERR_FORMAT, "'%s' is the index of a TensorFlow checkpoint, but not called so",
                path);
    else if (is_archive(f))
        rc = take_archive(w, path, err);
    else
        err_set(err, ERR_FORMAT,
                "'%s' is neither safetensors nor a file of torch.save() nor a part of a TensorFlow "
                "checkpoint (PREFIX.index, PREFIX.data-...)",
                path);
out:
    free(prefix);
    tensor_table_release(&look);
    return rc;
}

int weight_files_open(struct weight_files *w, const char *path, struct err *err)
{
    int rc;

    *w = (struct weight_files){0};
    if (file_is_folder(path))
        rc = take_folder(w, path, err);
    else if (file_exists(path) || !has_index(path))
        rc = take_file(w, path, err);
    else
        rc = take_bundle(w, path, err);
    if (rc == 0 && tensor_table_check_names(&w->table, err) < 0)
        rc = err_in(err, "%s", w->path);
    if (rc == 0 && w->table.n == 0)
        rc = err_set(err, ERR_FORMAT, "'%s' holds no tensors", w->path);
    if (rc < 0)
        weight_files_close(w);
    return rc;
}

char *weight_files_beside(const struct weight_files *w, const char *const *names)
{
    for (; *names; names++) {
        char *path = file_join(w->folder, *names);

        if (file_exists(path) && !file_is_folder(path))
            return path;
        free(path);
    }
    return NULL;
}

void weight_files_close(struct weight_files *w)
{
    tensor_table_release(&w->table);
    unpacked_close(w->unpacked);
    free(w->path);
    free(w->folder);
    *w = (struct weight_files){0};
}
