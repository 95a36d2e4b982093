/* pickle_calls.c -- the calls of torch.save() as the only functions; the rest has names at most. */
#include "formats/pickle_calls.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { MAX_NAME = 256 };

static bool starts_with(const char *text, const char *start)
{
    return !strncmp(text, start, strlen(start));
}

static bool is_one_of(const char *text, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(text, *names))
            return true;
    return false;
}

/* Objects of these may stand beside the weights in a checkpoint, and are passed over: those of
 * PyTorch and NumPy, of the script that saved it, and what Python itself builds objects with. */
static bool is_bystander(const char *name)
{
    static const char *const parts[] = {"torch.",    "numpy.",        "__main__.",
                                        "argparse.", "transformers.", NULL};
    static const char *const whole[] = {
        "_codecs.encode",    "copy_reg._reconstructor", "copyreg._reconstructor",
        "builtins.object",   "__builtin__.object",      "builtins.set",
        "__builtin__.set",   "builtins.bytearray",      "collections.Counter",
        "pathlib.PosixPath", "datetime.datetime",       NULL};

    for (size_t i = 0; parts[i]; i++)
        if (starts_with(name, parts[i]))
            return true;
    return is_one_of(name, whole);
}

static bool is_map_class(const char *name)
{
    static const char *const names[] = {"collections.OrderedDict", "collections.defaultdict",
                                        "builtins.dict", "__builtin__.dict", NULL};

    return is_one_of(name, names);
}

static int push_name(struct unpickler *u, const char *module, size_t n_module, const char *name,
                     size_t n_name, struct err *err)
{
    char full[MAX_NAME];
    struct pickle_value *v;

    if (n_module + n_name + 2 > sizeof full)
        return unpickler_fail(u, err, "a name over 254 bytes");
    snprintf(full, sizeof full, "%.*s.%.*s", (int)n_module, module, (int)n_name, name);
    if (!is_map_class(full) && !is_bystander(full))
        return err_set(err, ERR_FORMAT,
                       "byte %zu of the pickle: asks for '%s', which is neither a tensor nor a "
                       "container; nothing of it was run",
                       u->op_at, full);
    v = unpickler_value(u, PICKLE_NAME);
    v->text = mem_text(full);
    unpickler_push(u, v);
    return 0;
}

/* "module\nname\n" */
int pickle_calls_global(struct unpickler *u, struct err *err)
{
    const char *module = (const char *)u->bytes + u->at;
    const char *end = memchr(module, '\n', u->len - u->at);
    const char *name, *end_name;

    if (!end)
        return unpickler_fail(u, err, "a name without end");
    name = end + 1;
    end_name = memchr(name, '\n', u->len - u->at - (size_t)(name - module));
    if (!end_name)
        return unpickler_fail(u, err, "a name without end");
    u->at += (size_t)(end_name + 1 - module);
    return push_name(u, module, (size_t)(end - module), name, (size_t)(end_name - name), err);
}

int pickle_calls_stack_global(struct unpickler *u, struct err *err)
{
    const struct pickle_value *name = unpickler_pop(u, err);
    const struct pickle_value *module = name ? unpickler_pop(u, err) : NULL;

    if (!module)
        return -1;
    if (name->kind != PICKLE_TEXT || module->kind != PICKLE_TEXT)
        return unpickler_fail(u, err, "a name that is not a text");
    return push_name(u, module->text, strlen(module->text), name->text, strlen(name->text), err);
}

/* An argument of a call; NULL when there are not so many. */
static const struct pickle_value *argument(const struct pickle_value *arguments, size_t i)
{
    return i < arguments->n_items ? arguments->items[i] : NULL;
}

/* _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks); v1 has the first
 * four. */
static int push_tensor(struct unpickler *u, const struct pickle_value *arguments, struct err *err)
{
    const struct pickle_value *storage = argument(arguments, 0);
    const struct pickle_value *offset = argument(arguments, 1);
    const struct pickle_value *sizes = argument(arguments, 2);
    const struct pickle_value *strides = argument(arguments, 3);
    struct pickle_value *v;

    if (!strides || storage->kind != PICKLE_STORAGE || offset->kind != PICKLE_INT ||
        sizes->kind != PICKLE_LIST || strides->kind != PICKLE_LIST)
        return unpickler_fail(u, err,
                              "a tensor that is not made of storage, offset, sizes and strides");
    v = unpickler_value(u, PICKLE_TENSOR);
    v->storage = storage;
    v->offset = offset->integer;
    v->sizes = sizes;
    v->strides = strides;
    unpickler_push(u, v);
    return 0;
}

/* OrderedDict(), or with a list of [key, value] as Python 2 wrote it. */
static int push_map(struct unpickler *u, const struct pickle_value *arguments, struct err *err)
{
    const struct pickle_value *pairs = argument(arguments, 0);
    struct pickle_value *v = unpickler_value(u, PICKLE_MAP);

    for (size_t i = 0; pairs && pairs->kind == PICKLE_LIST && i < pairs->n_items; i++) {
        const struct pickle_value *pair = pairs->items[i];

        if (pair->kind != PICKLE_LIST || pair->n_items != 2)
            return unpickler_fail(u, err, "a dict that is not made of pairs");
        unpickler_add(v, pair->items[0]);
        unpickler_add(v, pair->items[1]);
    }
    unpickler_push(u, v);
    return 0;
}

static void push_other(struct unpickler *u, const char *class)
{
    struct pickle_value *v = unpickler_value(u, PICKLE_OTHER);

    v->text = class ? mem_text(class) : NULL;
    unpickler_push(u, v);
}

int pickle_calls_reduce(struct unpickler *u, struct err *err)
{
    static const char *const tensors[] = {"torch._utils._rebuild_tensor_v2",
                                          "torch._utils._rebuild_tensor", NULL};
    static const char *const parameters[] = {"torch._utils._rebuild_parameter",
                                             "torch._utils._rebuild_parameter_with_state", NULL};
    const struct pickle_value *arguments = unpickler_pop(u, err);
    const struct pickle_value *what = arguments ? unpickler_pop(u, err) : NULL;

    if (!what)
        return -1;
    if (arguments->kind != PICKLE_LIST)
        return unpickler_fail(u, err, "a call whose arguments are no tuple");
    if (what->kind != PICKLE_NAME && what->kind != PICKLE_OTHER)
        return unpickler_fail(u, err, "a call of what is no name");
    if (what->kind == PICKLE_NAME && is_one_of(what->text, tensors))
        return push_tensor(u, arguments, err);
    if (what->kind == PICKLE_NAME && is_one_of(what->text, parameters) && arguments->n_items) {
        unpickler_push(u, arguments->items[0]);
        return 0;
    }
    if (what->kind == PICKLE_NAME && is_map_class(what->text))
        return push_map(u, arguments, err);
    push_other(u, what->text);
    return 0;
}

int pickle_calls_new(struct unpickler *u, size_t n_arguments, struct err *err)
{
    const struct pickle_value *what;

    for (size_t i = 0; i < n_arguments; i++)
        if (!unpickler_pop(u, err))
            return -1;
    what = unpickler_pop(u, err);
    if (!what)
        return -1;
    if (what->kind == PICKLE_NAME && is_map_class(what->text))
        unpickler_push(u, unpickler_value(u, PICKLE_MAP));
    else
        push_other(u, what->text);
    return 0;
}

static void keep_storage(struct pickle *p, const struct pickle_value *v)
{
    if (p->n_storages == p->cap_storages) {
        p->cap_storages = mem_grow(p->cap_storages, p->n_storages + 1);
        p->storages = mem_resize(p->storages, p->cap_storages, sizeof(const struct pickle_value *));
    }
    p->storages[p->n_storages++] = v;
}

/* ('storage', class, key, place, number of values), and a sixth in legacy files: None or
 * (key of the view, offset, values). */
int pickle_calls_storage(struct unpickler *u, struct err *err)
{
    const struct pickle_value *id = unpickler_pop(u, err);
    const struct pickle_value *class, *key, *n_values, *view;
    struct pickle_value *v;

    if (!id)
        return -1;
    if (id->kind != PICKLE_LIST || id->n_items < 5 || id->items[0]->kind != PICKLE_TEXT ||
        strcmp(id->items[0]->text, "storage") != 0)
        return unpickler_fail(u, err, "a persistent id that is no storage");
    class = id->items[1];
    key = id->items[2];
    n_values = id->items[4];
    view = argument(id, 5);
    if (class->kind != PICKLE_NAME || !starts_with(class->text, "torch.") ||
        key->kind != PICKLE_TEXT || n_values->kind != PICKLE_INT || n_values->integer < 0)
        return unpickler_fail(u, err, "a storage that is not made of class, key and size");
    v = unpickler_value(u, PICKLE_STORAGE);
    v->text = mem_text(key->text);
    v->type = strrchr(class->text, '.') + 1; /* torch.cuda.FloatStorage is the same */
    v->n_values = (size_t)n_values->integer;
    if (view && view->kind == PICKLE_LIST) {
        if (view->n_items != 3 || view->items[1]->kind != PICKLE_INT ||
            view->items[2]->kind != PICKLE_INT || view->items[1]->integer < 0 ||
            view->items[2]->integer < 0 ||
            view->items[1]->integer > n_values->integer - view->items[2]->integer)
            return unpickler_fail(u, err, "a view that is not inside its storage");
        v->first = (size_t)view->items[1]->integer;
        v->n_values = (size_t)view->items[2]->integer;
    }
    keep_storage(u->pickle, v);
    unpickler_push(u, v);
    return 0;
}
