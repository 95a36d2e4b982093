/* torch_file.c -- a state_dict: names from the pickle, numbers from the storages beside it.
 *
 *   zip     NAME/data.pkl, NAME/data/KEY (one storage each), NAME/version
 *   legacy  pickles of a magic number, a protocol number, the system, the object, the list of keys;
 *           then for each key u64 n and n numbers
 *
 * A tensor is a window into a storage with strides; several tensors may look at one. */
#include "formats/torch_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "formats/pickle.h"
#include "formats/zip.h"

enum { MAX_NESTING = 4, MAX_TENSORS = 1 << 17 };

/* The first pickle of a legacy file: protocol 2, a number of ten bytes, STOP. */
static const unsigned char legacy_magic[] = {0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46,
                                             0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e};

static const struct storage_type {
    const char *name;
    size_t width;
    enum number number;
} storage_types[] = {
    {"FloatStorage", 4, NUMBER_F32},     {"DoubleStorage", 8, NUMBER_F64},
    {"HalfStorage", 2, NUMBER_F16},      {"BFloat16Storage", 2, NUMBER_BF16},
    {"LongStorage", 8, NUMBER_OTHER},    {"IntStorage", 4, NUMBER_OTHER},
    {"ShortStorage", 2, NUMBER_OTHER},   {"CharStorage", 1, NUMBER_OTHER},
    {"ByteStorage", 1, NUMBER_OTHER},    {"BoolStorage", 1, NUMBER_OTHER},
    {"QInt8Storage", 1, NUMBER_OTHER},   {"QUInt8Storage", 1, NUMBER_OTHER},
    {"UntypedStorage", 1, NUMBER_OTHER}, {"QInt32Storage", 4, NUMBER_OTHER},
};

static const struct storage_type *find_type(const char *name)
{
    for (size_t i = 0; i < sizeof storage_types / sizeof storage_types[0]; i++)
        if (!strcmp(storage_types[i].name, name))
            return &storage_types[i];
    return NULL;
}

/* One of the legacy form. */
struct block {
    const char *key;
    const unsigned char *bytes;
    size_t len;
};

struct torch_file {
    struct tensor_table *table;
    const struct table_file *file;
    struct zip zip;
    const char *prefix; /* "archive/" of a zip; it has n_prefix bytes */
    size_t n_prefix;
    struct block *blocks; /* (n_blocks) of a legacy file, sorted by key */
    size_t n_blocks;
};

bool torch_file_is_one(const unsigned char *bytes, size_t n)
{
    return zip_is_one(bytes, n) ||
           (n >= sizeof legacy_magic && !memcmp(bytes, legacy_magic, sizeof legacy_magic));
}

/* ---- storages ---- */

static int compare_blocks(const void *a, const void *b)
{
    const struct block *const x = a;
    const struct block *const y = b;

    return strcmp(x->key, y->key);
}

static int find_legacy(struct block *found, const struct torch_file *f, const char *key,
                       struct err *err)
{
    const struct block wanted = {.key = key};
    const struct block *b = bsearch(&wanted, f->blocks, f->n_blocks, sizeof wanted, compare_blocks);

    if (!b)
        return err_set(err, ERR_FORMAT, "storage '%s' is not in the file", key);
    *found = *b;
    return 0;
}

static int find_zipped(struct block *found, const struct torch_file *f, const char *key,
                       struct err *err)
{
    struct buf name = {0};
    struct zip_entry *e;

    buf_put(&name, f->prefix, f->n_prefix);
    buf_printf(&name, "data/%s", key);
    e = zip_find(&f->zip, name.data);
    if (!e)
        err_set(err, ERR_FORMAT, "the zip archive has no entry '%s'", name.data);
    buf_release(&name);
    if (!e || zip_check(e, err) < 0)
        return -1;
    *found = (struct block){e->name, e->bytes, e->len};
    return 0;
}

/* ---- tensors ---- */

static int read_list(int64_t *to, const struct pickle_value *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (list->items[i]->kind != PICKLE_INT)
            return -1;
        to[i] = list->items[i]->integer;
    }
    return 0;
}

/* The window must be inside the n values of its storage, and may not repeat them: a stride of 0
 * would let a small file claim any number of values. */
static int check_window(const struct tensor_entry *e, size_t offset, size_t n, struct err *err)
{
    size_t last = offset;

    if (e->n_values == 0)
        return 0;
    for (size_t i = 0; i < e->n_dims; i++) {
        const size_t steps = e->dims[i] - 1;

        if (last >= n || (steps && e->strides[i] > (n - last) / steps))
            goto outside;
        last += steps * e->strides[i];
    }
    if (last >= n || e->n_values > n)
        goto outside;
    return 0;
outside:
    return err_set(err, ERR_FORMAT, "tensor '%s' does not fit into its storage of %zu values",
                   e->name, n);
}

/* Shape and strides of a tensor, whose entry has its name. */
static int read_shape(struct tensor_entry *e, const struct pickle_value *v, struct err *err)
{
    int64_t dims[TENSOR_MAX_DIMS], strides[TENSOR_MAX_DIMS];
    const size_t n = v->sizes->n_items;

    if (n > TENSOR_MAX_DIMS)
        return err_set(err, ERR_LIMIT, "tensor '%s' has %zu dimensions, more than %d", e->name, n,
                       TENSOR_MAX_DIMS);
    if (v->strides->n_items != n || read_list(dims, v->sizes, n) < 0 ||
        read_list(strides, v->strides, n) < 0)
        return err_set(err, ERR_FORMAT, "tensor '%s' has sizes or strides that are no numbers",
                       e->name);
    if (tensor_entry_shape(e, dims, n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (strides[i] < 0)
            return err_set(err, ERR_FORMAT, "tensor '%s' has a negative stride", e->name);
        e->strides[i] = (size_t)strides[i];
    }
    return 0;
}

static int add_tensor(struct torch_file *f, const char *name, const struct pickle_value *v,
                      struct err *err)
{
    const struct pickle_value *storage = v->storage;
    const struct storage_type *type = find_type(storage->type);
    struct tensor_entry *e;
    struct block block = {0};
    size_t from;

    if (f->table->n >= MAX_TENSORS)
        return err_set(err, ERR_LIMIT, "over %d tensors", MAX_TENSORS);
    if (!type)
        return err_set(err, ERR_FORMAT, "tensor '%s' has the unknown type '%s'", name,
                       storage->type);
    e = tensor_table_add(f->table, name, f->file);
    e->type = type->name;
    e->number = type->number;
    if (read_shape(e, v, err) < 0)
        return -1;
    if ((f->blocks ? find_legacy : find_zipped)(&block, f, storage->text, err) < 0)
        return err_in(err, "tensor '%s'", name);
    if (storage->first > block.len / type->width ||
        storage->n_values > block.len / type->width - storage->first)
        return err_set(err, ERR_FORMAT, "tensor '%s': its storage has %zu bytes, not %zu values",
                       name, block.len, storage->n_values);
    if (v->offset < 0 || (uint64_t)v->offset > storage->n_values)
        return err_set(err, ERR_FORMAT, "tensor '%s' begins at value %" PRId64 " of %zu", name,
                       v->offset, storage->n_values);
    if (check_window(e, (size_t)v->offset, storage->n_values, err) < 0)
        return -1;
    from = (storage->first + (size_t)v->offset) * type->width;
    e->data = block.bytes + from;
    e->n_bytes = block.len - from;
    return 0;
}

/* ---- the state_dict ---- */

static bool holds_tensors(const struct pickle_value *map)
{
    for (size_t i = 1; i < map->n_items; i += 2)
        if (map->items[i]->kind == PICKLE_TENSOR)
            return true;
    return false;
}

/* Where checkpoints keep their weights; the first that is there. */
static const struct pickle_value *inner_dict(const struct pickle_value *map)
{
    static const char *const keys[] = {"model", "state_dict", "model_state_dict", "module"};

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct pickle_value *v = pickle_member(map, keys[i]);

        if (v)
            return v;
    }
    return NULL;
}

static void pass_over_others(struct tensor_table *t, const struct pickle_value *map,
                             const struct pickle_value *taken)
{
    for (size_t i = 0; i + 1 < map->n_items; i += 2)
        if (map->items[i + 1] != taken)
            tensor_table_pass_over(t, map->items[i]->kind == PICKLE_TEXT ? map->items[i]->text
                                                                         : "a key without name");
}

/* Down to the dict that holds tensors, by a fixed number of steps: dicts may hold themselves. */
static const struct pickle_value *find_state_dict(struct tensor_table *t,
                                                  const struct pickle_value *root, struct err *err)
{
    const struct pickle_value *v = root;
    char what[256];

    for (int depth = 0; depth < MAX_NESTING && v->kind == PICKLE_MAP && !holds_tensors(v);
         depth++) {
        const struct pickle_value *inner = inner_dict(v);

        if (!inner)
            break;
        pass_over_others(t, v, inner);
        v = inner;
    }
    if (v->kind == PICKLE_MAP && holds_tensors(v))
        return v;
    pickle_describe(what, sizeof what, v);
    err_set(err, ERR_FORMAT,
            v->kind == PICKLE_MAP ? "holds %s without tensors, not a state_dict"
                                  : "holds %s, not a state_dict (a dict of tensors)",
            what);
    return NULL;
}

static int add_all(struct torch_file *f, const struct pickle_value *root, struct err *err)
{
    const struct pickle_value *dict = find_state_dict(f->table, root, err);

    if (!dict)
        return -1;
    for (size_t i = 0; i + 1 < dict->n_items; i += 2) {
        const struct pickle_value *key = dict->items[i];
        const struct pickle_value *v = dict->items[i + 1];
        const char *name = key->kind == PICKLE_TEXT ? key->text : "a key without name";

        if (key->kind != PICKLE_TEXT || v->kind != PICKLE_TENSOR)
            tensor_table_pass_over(f->table, name);
        else if (add_tensor(f, name, v, err) < 0)
            return -1;
    }
    return 0;
}

/* ---- the zip form ---- */

/* The pickle is the only entry called so one folder down. */
static struct zip_entry *find_pickle(struct torch_file *f, struct err *err)
{
    for (size_t i = 0; i < f->zip.n; i++) {
        struct zip_entry *e = &f->zip.entries[i];
        const char *slash = strchr(e->name, '/');

        if (slash && !strcmp(slash, "/data.pkl")) {
            f->prefix = e->name;
            f->n_prefix = (size_t)(slash + 1 - e->name);
            return e;
        }
    }
    err_set(err, ERR_FORMAT, "a zip archive without data.pkl: not a file of torch.save()");
    return NULL;
}

static int check_byte_order(const struct torch_file *f, struct err *err)
{
    struct buf name = {0};
    const struct zip_entry *e;
    int rc = 0;

    buf_put(&name, f->prefix, f->n_prefix);
    buf_put_text(&name, "byteorder");
    e = zip_find(&f->zip, name.data);
    if (e && (e->len != strlen("little") || memcmp(e->bytes, "little", e->len) != 0))
        rc = err_set(err, ERR_FORMAT, "its byte order is not little-endian");
    buf_release(&name);
    return rc;
}

static int read_zip(struct torch_file *f, struct err *err)
{
    const struct pickle_value *root;
    struct pickle *pickle = NULL;
    struct zip_entry *e;
    int rc = -1;

    if (zip_open(&f->zip, f->file->bytes, f->file->len, err) < 0)
        return -1;
    e = find_pickle(f, err);
    if (e && zip_check(e, err) == 0 && check_byte_order(f, err) == 0)
        pickle = pickle_read(&root, NULL, e->bytes, e->len, err);
    if (pickle)
        rc = add_all(f, root, err);
    pickle_close(pickle);
    zip_release(&f->zip);
    return rc;
}

/* ---- the legacy form ---- */

struct reach {
    const unsigned char *at;
    size_t left;
};

static struct pickle *next_pickle(const struct pickle_value **root, struct reach *r,
                                  struct err *err)
{
    size_t used;
    struct pickle *p = pickle_read(root, &used, r->at, r->left, err);

    if (p) {
        r->at += used;
        r->left -= used;
    }
    return p;
}

/* Magic number, protocol number, system. */
static int skip_preamble(struct reach *r, struct err *err)
{
    const struct pickle_value *root, *little;
    struct pickle *p;
    int rc = 0;

    r->at += sizeof legacy_magic;
    r->left -= sizeof legacy_magic;
    p = next_pickle(&root, r, err);
    if (!p)
        return -1;
    pickle_close(p);
    p = next_pickle(&root, r, err);
    if (!p)
        return -1;
    little = pickle_member(root, "little_endian");
    if (!little || little->kind != PICKLE_BOOL || !little->integer)
        rc = err_set(err, ERR_FORMAT, "its byte order is not little-endian");
    pickle_close(p);
    return rc;
}

static int compare_keys(const void *a, const void *b)
{
    const struct pickle_value *const x = *(const struct pickle_value *const *)a;
    const struct pickle_value *const y = *(const struct pickle_value *const *)b;

    return strcmp(x->text, y->text);
}

/* The storages lie end to end in the order of the keys; how wide the numbers of one are is known
 * from the tensors that look at it. */
static int place_blocks(struct torch_file *f, struct reach *r, const struct pickle_value *keys,
                        const struct pickle *object, struct err *err)
{
    size_t n;
    const struct pickle_value *const *named = pickle_storages(&n, object);
    const struct pickle_value **storages = mem_array(n + 1, sizeof(const struct pickle_value *));
    int rc = 0;

    for (size_t i = 0; i < n; i++)
        storages[i] = named[i];
    qsort(storages, n, sizeof(const struct pickle_value *), compare_keys);
    f->blocks = mem_array(keys->n_items + 1, sizeof *f->blocks);
    for (size_t i = 0; i < keys->n_items && rc == 0; i++) {
        const struct pickle_value *key = keys->items[i];
        const struct pickle_value *const *storage =
            key->kind == PICKLE_TEXT
                ? bsearch(&key, storages, n, sizeof(const struct pickle_value *), compare_keys)
                : NULL;
        const struct storage_type *type = storage ? find_type((*storage)->type) : NULL;
        uint64_t count;

        if (!type) {
            rc = err_set(err, ERR_FORMAT, "storage %zu has no known type", i);
            break;
        }
        if (r->left < sizeof count) {
            rc = err_set(err, ERR_FORMAT, "storage '%s' is beyond the end of the file", key->text);
            break;
        }
        memcpy(&count, r->at, sizeof count);
        r->at += sizeof count;
        r->left -= sizeof count;
        if (count > r->left / type->width) {
            rc = err_set(err, ERR_FORMAT,
                         "storage '%s' of %" PRIu64 " values goes beyond the end of the file",
                         key->text, count);
            break;
        }
        f->blocks[f->n_blocks++] = (struct block){key->text, r->at, (size_t)count * type->width};
        r->at += count * type->width;
        r->left -= count * type->width;
    }
    qsort(f->blocks, f->n_blocks, sizeof *f->blocks, compare_blocks);
    free(storages);
    return rc;
}

static int read_legacy(struct torch_file *f, struct err *err)
{
    struct reach r = {f->file->bytes, f->file->len};
    const struct pickle_value *root, *keys;
    struct pickle *object = NULL, *list = NULL;
    int rc = -1;

    if (skip_preamble(&r, err) < 0 || !(object = next_pickle(&root, &r, err)) ||
        !(list = next_pickle(&keys, &r, err)))
        goto out;
    if (keys->kind != PICKLE_LIST)
        err_set(err, ERR_FORMAT, "has no list of storages");
    else if (place_blocks(f, &r, keys, object, err) == 0)
        rc = add_all(f, root, err);
out:
    free(f->blocks);
    pickle_close(list);
    pickle_close(object);
    return rc;
}

int torch_file_read(struct tensor_table *t, const char *path, struct err *err)
{
    struct torch_file f = {.table = t, .file = tensor_table_map(t, path, err)};
    int rc;

    if (!f.file)
        return -1;
    if (!torch_file_is_one(f.file->bytes, f.file->len))
        rc = err_set(err, ERR_FORMAT, "not a file of torch.save()");
    else if (zip_is_one(f.file->bytes, f.file->len))
        rc = read_zip(&f, err);
    else
        rc = read_legacy(&f, err);
    return rc < 0 ? err_in(err, "%s", path) : 0;
}

/* ---- writing ---- */

static void put_global(struct buf *b, const char *module, const char *name)
{
    buf_printf(b, "c%s\n%s\n", module, name);
}

static void put_text(struct buf *b, const char *text)
{
    buf_put_byte(b, 'X');
    buf_put_u32(b, (uint32_t)strlen(text));
    buf_put_text(b, text);
}

static void put_integer(struct buf *b, uint64_t n)
{
    if (n <= INT32_MAX) {
        buf_put_byte(b, 'J');
        buf_put_u32(b, (uint32_t)n);
    } else { /* LONG1 of eight bytes; sizes do not reach the sign bit */
        buf_put(b, "\x8a\x08", 2);
        buf_put_u64(b, n);
    }
}

static void put_shape(struct buf *b, const struct float_tensor *t)
{
    size_t stride = float_tensor_values(t);

    buf_put_byte(b, '(');
    for (size_t i = 0; i < t->n_dims; i++)
        put_integer(b, t->dims[i]);
    buf_put_text(b, "t(");
    for (size_t i = 0; i < t->n_dims; i++) {
        stride = t->dims[i] ? stride / t->dims[i] : 1;
        put_integer(b, stride);
    }
    buf_put_byte(b, 't');
}

/* One state_dict item: name, call of _rebuild_tensor_v2. */
static void put_tensor(struct buf *b, const struct float_tensor *t, size_t key)
{
    char number[24];

    snprintf(number, sizeof number, "%zu", key);
    put_text(b, t->name);
    put_global(b, "torch._utils", "_rebuild_tensor_v2");
    buf_put_text(b, "((");
    put_text(b, "storage");
    put_global(b, "torch", "FloatStorage");
    put_text(b, number);
    put_text(b, "cpu");
    put_integer(b, float_tensor_values(t));
    buf_put_text(b, "tQ");
    put_integer(b, 0);
    put_shape(b, t);
    buf_put_byte(b, '\x89'); /* requires no gradient */
    put_global(b, "collections", "OrderedDict");
    buf_put_text(b, ")RtR");
}

/* The first of the tensors with the same data has the storage. */
static size_t storage_of(const struct float_tensor *tensors, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (tensors[k].data == tensors[i].data &&
            float_tensor_values(&tensors[k]) == float_tensor_values(&tensors[i]))
            return k;
    return i;
}

static void put_pickle(struct buf *b, const char *key, const struct float_tensor *tensors, size_t n)
{
    buf_put(b, "\x80\x02}", 3);
    put_text(b, key);
    put_global(b, "collections", "OrderedDict");
    buf_put_text(b, ")R(");
    for (size_t i = 0; i < n; i++)
        put_tensor(b, &tensors[i], storage_of(tensors, i));
    buf_put_text(b, "us.");
}

static int write_entries(struct zip_writer *w, const struct buf *pickle,
                         const struct float_tensor *tensors, size_t n, struct err *err)
{
    char name[64];

    if (zip_write(w, "archive/data.pkl", pickle->data, pickle->len, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (storage_of(tensors, i) != i)
            continue;
        snprintf(name, sizeof name, "archive/data/%zu", i);
        if (zip_write(w, name, tensors[i].data,
                      float_tensor_values(&tensors[i]) * sizeof *tensors[i].data, err) < 0)
            return -1;
    }
    if (zip_write(w, "archive/version", "3\n", 2, err) < 0)
        return -1;
    return zip_write_end(w, err);
}

int torch_file_save(const char *path, const char *key, const struct float_tensor *tensors, size_t n,
                    struct err *err)
{
    struct buf pickle = {0};
    struct sink out = {0};
    struct zip_writer w = {.sink = &out};
    int rc = -1;

    put_pickle(&pickle, key, tensors, n);
    if (sink_open(&out, path, err) == 0 && write_entries(&w, &pickle, tensors, n, err) == 0)
        rc = sink_commit(&out, err);
    sink_close(&out);
    zip_writer_release(&w);
    buf_release(&pickle);
    return rc;
}
