/* pickle.c -- the stack machine of Python's pickle protocols 2 to 5 (PEP 307, PEP 3154, PEP 574),
 * with the calls of torch.save() as its only functions.
 *
 *   stack  a b | c d      "|" is a mark; TUPLE takes what is above it
 *   memo   values by number, for those that are used again
 *
 * Nothing recurses, so nesting costs heap that the pickle's own length bounds. */
#include "formats/pickle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Far over what the largest BERT's checkpoint with its optimizer needs (30,000 values). */
enum { MAX_NAME = 256, MAX_INSTRUCTIONS = 1 << 23, MAX_VALUES = 1 << 20 };

enum opcode {
    MARK = '(',
    STOP = '.',
    POP = '0',
    POP_MARK = '1',
    DUP = '2',
    BINFLOAT = 'G',
    BININT = 'J',
    BININT1 = 'K',
    BININT2 = 'M',
    NONE = 'N',
    BINPERSID = 'Q',
    REDUCE = 'R',
    BINSTRING = 'T',
    SHORT_BINSTRING = 'U',
    BINUNICODE = 'X',
    BINBYTES = 'B',
    SHORT_BINBYTES = 'C',
    APPEND = 'a',
    BUILD = 'b',
    GLOBAL = 'c',
    DICT = 'd',
    APPENDS = 'e',
    BINGET = 'h',
    LONG_BINGET = 'j',
    LIST = 'l',
    BINPUT = 'q',
    LONG_BINPUT = 'r',
    SETITEM = 's',
    TUPLE = 't',
    SETITEMS = 'u',
    EMPTY_TUPLE = ')',
    EMPTY_LIST = ']',
    EMPTY_DICT = '}',
    PROTO = 0x80,
    NEWOBJ = 0x81,
    TUPLE1 = 0x85,
    TUPLE2 = 0x86,
    TUPLE3 = 0x87,
    NEWTRUE = 0x88,
    NEWFALSE = 0x89,
    LONG1 = 0x8a,
    LONG4 = 0x8b,
    SHORT_BINUNICODE = 0x8c,
    BINUNICODE8 = 0x8d,
    BINBYTES8 = 0x8e,
    EMPTY_SET = 0x8f,
    ADDITEMS = 0x90,
    FROZENSET = 0x91,
    NEWOBJ_EX = 0x92,
    STACK_GLOBAL = 0x93,
    MEMOIZE = 0x94,
    FRAME = 0x95,
    BYTEARRAY8 = 0x96
};

struct block {
    struct pickle_value value;
    struct block *next;
};

struct pickle {
    struct block *blocks;
    const struct pickle_value **storages; /* (n_storages) */
    size_t n_storages, cap_storages;
};

struct machine {
    struct pickle *pickle;
    const unsigned char *bytes;
    size_t len;
    size_t at;
    size_t op_at; /* of the instruction being run, for messages */
    size_t n_instructions;
    size_t n_values;
    struct pickle_value **stack;
    size_t n_stack, cap_stack;
    size_t *marks; /* heights of the stack */
    size_t n_marks, cap_marks;
    struct pickle_value **memo;
    size_t n_memo, cap_memo;
};

/* ---- values ---- */

static struct pickle_value *new_value(struct machine *m, enum pickle_kind kind)
{
    struct block *b = mem_alloc(sizeof *b);

    b->next = m->pickle->blocks;
    m->pickle->blocks = b;
    b->value.kind = kind;
    m->n_values++;
    return &b->value;
}

static void add_item(struct pickle_value *list, struct pickle_value *item)
{
    if (list->n_items == list->cap) {
        list->cap = list->cap < 4 ? 4 : list->cap * 2;
        list->items = mem_resize(list->items, list->cap, sizeof(struct pickle_value *));
    }
    list->items[list->n_items++] = item;
}

void pickle_close(struct pickle *p)
{
    if (!p)
        return;
    while (p->blocks) {
        struct block *b = p->blocks;

        p->blocks = b->next;
        free(b->value.text);
        free(b->value.items);
        free(b);
    }
    free(p->storages);
    free(p);
}

const struct pickle_value *const *pickle_storages(size_t *n, const struct pickle *p)
{
    *n = p->n_storages;
    return p->storages;
}

const struct pickle_value *pickle_member(const struct pickle_value *v, const char *key)
{
    if (!v || v->kind != PICKLE_MAP)
        return NULL;
    for (size_t i = 0; i + 1 < v->n_items; i += 2)
        if (v->items[i]->kind == PICKLE_TEXT && !strcmp(v->items[i]->text, key))
            return v->items[i + 1];
    return NULL;
}

void pickle_describe(char *text, size_t n, const struct pickle_value *v)
{
    static const char *const kinds[] = {
        [PICKLE_NONE] = "None",         [PICKLE_BOOL] = "a truth value",
        [PICKLE_INT] = "a number",      [PICKLE_REAL] = "a number",
        [PICKLE_TEXT] = "a text",       [PICKLE_LIST] = "a list",
        [PICKLE_MAP] = "a dict",        [PICKLE_NAME] = "a name",
        [PICKLE_STORAGE] = "a storage", [PICKLE_TENSOR] = "one tensor",
    };

    if (v->kind == PICKLE_OTHER)
        snprintf(text, n, "an object of '%s'", v->text ? v->text : "a type that is not read");
    else
        snprintf(text, n, "%s", kinds[v->kind]);
}

/* ---- the stack ---- */

static int fail(const struct machine *m, struct err *err, const char *what)
{
    return err_set(err, ERR_FORMAT, "byte %zu of the pickle: %s", m->op_at, what);
}

static void push(struct machine *m, struct pickle_value *v)
{
    if (m->n_stack == m->cap_stack) {
        m->cap_stack = mem_grow(m->cap_stack, m->n_stack + 1);
        m->stack = mem_resize(m->stack, m->cap_stack, sizeof(struct pickle_value *));
    }
    m->stack[m->n_stack++] = v;
}

/* NULL with err when there is nothing above the last mark. */
static struct pickle_value *pop(struct machine *m, struct err *err)
{
    const size_t floor = m->n_marks ? m->marks[m->n_marks - 1] : 0;

    if (m->n_stack <= floor) {
        fail(m, err, "takes a value from an empty stack");
        return NULL;
    }
    return m->stack[--m->n_stack];
}

static struct pickle_value *top(const struct machine *m, struct err *err)
{
    const size_t floor = m->n_marks ? m->marks[m->n_marks - 1] : 0;

    if (m->n_stack <= floor) {
        fail(m, err, "needs a value on an empty stack");
        return NULL;
    }
    return m->stack[m->n_stack - 1];
}

static void put_mark(struct machine *m)
{
    if (m->n_marks == m->cap_marks) {
        m->cap_marks = mem_grow(m->cap_marks, m->n_marks + 1);
        m->marks = mem_resize(m->marks, m->cap_marks, sizeof *m->marks);
    }
    m->marks[m->n_marks++] = m->n_stack;
}

/* The values above the last mark, which goes: how many there are from m->stack[*first] on. They are
 * no longer on the stack but stay where they are until the next push. */
static int take_marked(size_t *first, size_t *n, struct machine *m, struct err *err)
{
    if (m->n_marks == 0)
        return fail(m, err, "there is no mark");
    *first = m->marks[--m->n_marks];
    *n = m->n_stack - *first;
    m->n_stack = *first;
    return 0;
}

/* ---- operands ---- */

/* The next n bytes; NULL with err when there are not so many. */
static const unsigned char *take(struct machine *m, size_t n, struct err *err)
{
    const unsigned char *bytes = m->bytes + m->at;

    if (n > m->len - m->at) {
        err_set(err, ERR_FORMAT, "byte %zu of the pickle: %zu bytes are asked for, %zu are left",
                m->op_at, n, m->len - m->at);
        return NULL;
    }
    m->at += n;
    return bytes;
}

/* A little-endian number of `width` bytes. */
static int take_number(uint64_t *number, struct machine *m, size_t width, struct err *err)
{
    const unsigned char *bytes = take(m, width, err);

    if (!bytes)
        return -1;
    *number = 0;
    for (size_t i = width; i-- > 0;)
        *number = *number << 8 | bytes[i];
    return 0;
}

static int push_integer(struct machine *m, size_t width, bool is_signed, struct err *err)
{
    struct pickle_value *v;
    uint64_t number;

    if (take_number(&number, m, width, err) < 0)
        return -1;
    v = new_value(m, PICKLE_INT);
    v->integer = is_signed ? (int32_t)(uint32_t)number : (int64_t)number;
    push(m, v);
    return 0;
}

/* Two's complement of any length; over 64 bits nothing here needs the value. */
static int push_long(struct machine *m, size_t width, struct err *err)
{
    const unsigned char *bytes;
    struct pickle_value *v;
    uint64_t n, number = 0;

    if (take_number(&n, m, width, err) < 0 || !(bytes = take(m, (size_t)n, err)))
        return -1;
    v = new_value(m, n <= sizeof number ? PICKLE_INT : PICKLE_OTHER);
    if (n && n <= sizeof number) {
        number = bytes[n - 1] & 0x80 ? UINT64_MAX : 0;
        for (size_t i = (size_t)n; i-- > 0;)
            number = number << 8 | bytes[i];
    }
    v->integer = (int64_t)number;
    push(m, v);
    return 0;
}

/* A text with a zero byte in it is data that Python 2 wrote, or NumPy. */
static int push_text(struct machine *m, size_t width, struct err *err)
{
    const unsigned char *bytes;
    struct pickle_value *v;
    uint64_t n;

    if (take_number(&n, m, width, err) < 0 || !(bytes = take(m, (size_t)n, err)))
        return -1;
    v = new_value(m, memchr(bytes, 0, (size_t)n) ? PICKLE_OTHER : PICKLE_TEXT);
    if (v->kind == PICKLE_TEXT)
        v->text = mem_text_n((const char *)bytes, (size_t)n);
    push(m, v);
    return 0;
}

static int skip_bytes(struct machine *m, size_t width, struct err *err)
{
    uint64_t n;

    if (take_number(&n, m, width, err) < 0 || !take(m, (size_t)n, err))
        return -1;
    push(m, new_value(m, PICKLE_OTHER));
    return 0;
}

/* ---- names and calls ---- */

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

static int push_name(struct machine *m, const char *module, size_t n_module, const char *name,
                     size_t n_name, struct err *err)
{
    char full[MAX_NAME];
    struct pickle_value *v;

    if (n_module + n_name + 2 > sizeof full)
        return fail(m, err, "a name over 254 bytes");
    snprintf(full, sizeof full, "%.*s.%.*s", (int)n_module, module, (int)n_name, name);
    if (!is_map_class(full) && !is_bystander(full))
        return err_set(err, ERR_FORMAT,
                       "byte %zu of the pickle: asks for '%s', which is neither a tensor nor a "
                       "container; nothing of it was run",
                       m->op_at, full);
    v = new_value(m, PICKLE_NAME);
    v->text = mem_text(full);
    push(m, v);
    return 0;
}

/* "module\nname\n" */
static int push_global(struct machine *m, struct err *err)
{
    const char *module = (const char *)m->bytes + m->at;
    const char *end = memchr(module, '\n', m->len - m->at);
    const char *name, *end_name;

    if (!end)
        return fail(m, err, "a name without end");
    name = end + 1;
    end_name = memchr(name, '\n', m->len - m->at - (size_t)(name - module));
    if (!end_name)
        return fail(m, err, "a name without end");
    m->at += (size_t)(end_name + 1 - module);
    return push_name(m, module, (size_t)(end - module), name, (size_t)(end_name - name), err);
}

static int push_stack_global(struct machine *m, struct err *err)
{
    const struct pickle_value *name = pop(m, err);
    const struct pickle_value *module = name ? pop(m, err) : NULL;

    if (!module)
        return -1;
    if (name->kind != PICKLE_TEXT || module->kind != PICKLE_TEXT)
        return fail(m, err, "a name that is not a text");
    return push_name(m, module->text, strlen(module->text), name->text, strlen(name->text), err);
}

/* An argument of a call; NULL when there are not so many. */
static const struct pickle_value *argument(const struct pickle_value *arguments, size_t i)
{
    return i < arguments->n_items ? arguments->items[i] : NULL;
}

/* _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks); v1 has the first four. */
static int push_tensor(struct machine *m, const struct pickle_value *arguments, struct err *err)
{
    const struct pickle_value *storage = argument(arguments, 0);
    const struct pickle_value *offset = argument(arguments, 1);
    const struct pickle_value *sizes = argument(arguments, 2);
    const struct pickle_value *strides = argument(arguments, 3);
    struct pickle_value *v;

    if (!strides || storage->kind != PICKLE_STORAGE || offset->kind != PICKLE_INT ||
        sizes->kind != PICKLE_LIST || strides->kind != PICKLE_LIST)
        return fail(m, err, "a tensor that is not made of storage, offset, sizes and strides");
    v = new_value(m, PICKLE_TENSOR);
    v->storage = storage;
    v->offset = offset->integer;
    v->sizes = sizes;
    v->strides = strides;
    push(m, v);
    return 0;
}

/* OrderedDict(), or with a list of [key, value] as Python 2 wrote it. */
static int push_map(struct machine *m, const struct pickle_value *arguments, struct err *err)
{
    const struct pickle_value *pairs = argument(arguments, 0);
    struct pickle_value *v = new_value(m, PICKLE_MAP);

    for (size_t i = 0; pairs && pairs->kind == PICKLE_LIST && i < pairs->n_items; i++) {
        const struct pickle_value *pair = pairs->items[i];

        if (pair->kind != PICKLE_LIST || pair->n_items != 2)
            return fail(m, err, "a dict that is not made of pairs");
        add_item(v, pair->items[0]);
        add_item(v, pair->items[1]);
    }
    push(m, v);
    return 0;
}

static void push_other(struct machine *m, const char *class)
{
    struct pickle_value *v = new_value(m, PICKLE_OTHER);

    v->text = class ? mem_text(class) : NULL;
    push(m, v);
}

static int call(struct machine *m, struct err *err)
{
    static const char *const tensors[] = {"torch._utils._rebuild_tensor_v2",
                                          "torch._utils._rebuild_tensor", NULL};
    static const char *const parameters[] = {"torch._utils._rebuild_parameter",
                                             "torch._utils._rebuild_parameter_with_state", NULL};
    const struct pickle_value *arguments = pop(m, err);
    const struct pickle_value *what = arguments ? pop(m, err) : NULL;

    if (!what)
        return -1;
    if (arguments->kind != PICKLE_LIST)
        return fail(m, err, "a call whose arguments are no tuple");
    if (what->kind != PICKLE_NAME && what->kind != PICKLE_OTHER)
        return fail(m, err, "a call of what is no name");
    if (what->kind == PICKLE_NAME && is_one_of(what->text, tensors))
        return push_tensor(m, arguments, err);
    if (what->kind == PICKLE_NAME && is_one_of(what->text, parameters) && arguments->n_items) {
        push(m, arguments->items[0]);
        return 0;
    }
    if (what->kind == PICKLE_NAME && is_map_class(what->text))
        return push_map(m, arguments, err);
    push_other(m, what->text);
    return 0;
}

/* cls.__new__(cls, ...), with keywords when n_arguments is 2. */
static int new_object(struct machine *m, size_t n_arguments, struct err *err)
{
    const struct pickle_value *what;

    for (size_t i = 0; i < n_arguments; i++)
        if (!pop(m, err))
            return -1;
    what = pop(m, err);
    if (!what)
        return -1;
    if (what->kind == PICKLE_NAME && is_map_class(what->text))
        push(m, new_value(m, PICKLE_MAP));
    else
        push_other(m, what->text);
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
static int push_storage(struct machine *m, struct err *err)
{
    const struct pickle_value *id = pop(m, err);
    const struct pickle_value *class, *key, *n_values, *view;
    struct pickle_value *v;

    if (!id)
        return -1;
    if (id->kind != PICKLE_LIST || id->n_items < 5 || id->items[0]->kind != PICKLE_TEXT ||
        strcmp(id->items[0]->text, "storage") != 0)
        return fail(m, err, "a persistent id that is no storage");
    class = id->items[1];
    key = id->items[2];
    n_values = id->items[4];
    view = argument(id, 5);
    if (class->kind != PICKLE_NAME || !starts_with(class->text, "torch.") ||
        key->kind != PICKLE_TEXT || n_values->kind != PICKLE_INT || n_values->integer < 0)
        return fail(m, err, "a storage that is not made of class, key and size");
    v = new_value(m, PICKLE_STORAGE);
    v->text = mem_text(key->text);
    v->type = strrchr(class->text, '.') + 1; /* torch.cuda.FloatStorage is the same */
    v->n_values = (size_t)n_values->integer;
    if (view && view->kind == PICKLE_LIST) {
        if (view->n_items != 3 || view->items[1]->kind != PICKLE_INT ||
            view->items[2]->kind != PICKLE_INT || view->items[1]->integer < 0 ||
            view->items[2]->integer < 0 ||
            view->items[1]->integer > n_values->integer - view->items[2]->integer)
            return fail(m, err, "a view that is not inside its storage");
        v->first = (size_t)view->items[1]->integer;
        v->n_values = (size_t)view->items[2]->integer;
    }
    keep_storage(m->pickle, v);
    push(m, v);
    return 0;
}

/* ---- containers ---- */

static int push_tuple(struct machine *m, size_t n, struct err *err)
{
    struct pickle_value *v = new_value(m, PICKLE_LIST);

    for (size_t i = 0; i < n; i++)
        add_item(v, NULL);
    for (size_t i = n; i-- > 0;)
        if (!(v->items[i] = pop(m, err))) {
            v->n_items = 0;
            return -1;
        }
    push(m, v);
    return 0;
}

static int push_marked(struct machine *m, enum pickle_kind kind, struct err *err)
{
    struct pickle_value *v;
    size_t first = 0, n = 0;

    if (take_marked(&first, &n, m, err) < 0)
        return -1;
    if (kind == PICKLE_MAP && n % 2)
        return fail(m, err, "a key without value");
    v = new_value(m, kind);
    for (size_t i = 0; i < n && kind != PICKLE_OTHER; i++)
        add_item(v, m->stack[first + i]);
    push(m, v);
    return 0;
}

/* Adds n values to the container on top of the stack; they are those above it. */
static int extend(struct machine *m, enum pickle_kind kind, size_t first, size_t n, struct err *err)
{
    struct pickle_value *to = top(m, err);

    if (!to)
        return -1;
    if (to->kind == PICKLE_OTHER)
        return 0;
    if (to->kind != kind)
        return fail(m, err, "an item for what is no container of its kind");
    if (kind == PICKLE_MAP && n % 2)
        return fail(m, err, "a key without value");
    for (size_t i = 0; i < n; i++)
        add_item(to, m->stack[first + i]);
    return 0;
}

static int extend_marked(struct machine *m, enum pickle_kind kind, struct err *err)
{
    size_t first = 0, n = 0;

    if (take_marked(&first, &n, m, err) < 0)
        return -1;
    return extend(m, kind, first, n, err);
}

static int extend_with(struct machine *m, enum pickle_kind kind, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!pop(m, err))
            return -1;
    return extend(m, kind, m->n_stack, n, err);
}

/* ---- the memo ---- */

/* Picklers count up from 0, so no number reaches that of the instructions. */
static int remember(struct machine *m, uint64_t at, struct err *err)
{
    struct pickle_value *v = top(m, err);

    if (!v)
        return -1;
    if (at >= m->n_instructions)
        return fail(m, err, "a memo number that no pickler would have come to");
    if (at >= m->cap_memo) {
        const size_t cap = mem_grow(m->cap_memo, (size_t)at + 1);

        m->memo = mem_resize(m->memo, cap, sizeof(struct pickle_value *));
        for (size_t i = m->cap_memo; i < cap; i++)
            m->memo[i] = NULL;
        m->cap_memo = cap;
    }
    m->memo[at] = v;
    m->n_memo++;
    return 0;
}

static int recall(struct machine *m, uint64_t at, struct err *err)
{
    if (at >= m->cap_memo || !m->memo[at])
        return fail(m, err, "a memo number that was never set");
    push(m, m->memo[at]);
    return 0;
}

/* ---- the machine ---- */

static int with_number(struct machine *m, size_t width,
                       int (*then)(struct machine *, uint64_t, struct err *), struct err *err)
{
    uint64_t number;

    return take_number(&number, m, width, err) < 0 ? -1 : then(m, number, err);
}

static void push_kind(struct machine *m, enum pickle_kind kind, int64_t integer)
{
    struct pickle_value *v = new_value(m, kind);

    v->integer = integer;
    push(m, v);
}

static int run_memo_op(struct machine *m, unsigned op, struct err *err)
{
    switch (op) {
    case BINPUT:
        return with_number(m, 1, remember, err);
    case LONG_BINPUT:
        return with_number(m, 4, remember, err);
    case MEMOIZE:
        return remember(m, m->n_memo, err);
    case BINGET:
        return with_number(m, 1, recall, err);
    case LONG_BINGET:
        return with_number(m, 4, recall, err);
    default:
        return err_set(err, ERR_FORMAT,
                       "byte %zu of the pickle: instruction 0x%02x is none of protocol 2 to 5 that "
                       "tensors need",
                       m->op_at, op);
    }
}

static int run_scalar_op(struct machine *m, unsigned op, struct err *err)
{
    switch (op) {
    case NONE:
        push_kind(m, PICKLE_NONE, 0);
        return 0;
    case NEWTRUE:
    case NEWFALSE:
        push_kind(m, PICKLE_BOOL, op == NEWTRUE);
        return 0;
    case BININT:
        return push_integer(m, 4, true, err);
    case BININT1:
        return push_integer(m, 1, false, err);
    case BININT2:
        return push_integer(m, 2, false, err);
    case LONG1:
        return push_long(m, 1, err);
    case LONG4:
        return push_long(m, 4, err);
    case BINFLOAT:
        push_kind(m, PICKLE_REAL, 0);
        return take(m, 8, err) ? 0 : -1;
    case SHORT_BINBYTES:
        return skip_bytes(m, 1, err);
    case BINBYTES:
        return skip_bytes(m, 4, err);
    case BINBYTES8:
    case BYTEARRAY8:
        return skip_bytes(m, 8, err);
    case SHORT_BINSTRING:
    case SHORT_BINUNICODE:
        return push_text(m, 1, err);
    case BINSTRING:
    case BINUNICODE:
        return push_text(m, 4, err);
    case BINUNICODE8:
        return push_text(m, 8, err);
    default:
        return run_memo_op(m, op, err);
    }
}

static int run_container_op(struct machine *m, unsigned op, struct err *err)
{
    switch (op) {
    case EMPTY_TUPLE:
    case EMPTY_LIST:
        push_kind(m, PICKLE_LIST, 0);
        return 0;
    case EMPTY_DICT:
        push_kind(m, PICKLE_MAP, 0);
        return 0;
    case EMPTY_SET:
        push_kind(m, PICKLE_OTHER, 0);
        return 0;
    case TUPLE1:
    case TUPLE2:
    case TUPLE3:
        return push_tuple(m, op - TUPLE1 + 1, err);
    case TUPLE:
    case LIST:
        return push_marked(m, PICKLE_LIST, err);
    case DICT:
        return push_marked(m, PICKLE_MAP, err);
    case FROZENSET:
        return push_marked(m, PICKLE_OTHER, err);
    case APPEND:
        return extend_with(m, PICKLE_LIST, 1, err);
    case APPENDS:
        return extend_marked(m, PICKLE_LIST, err);
    case SETITEM:
        return extend_with(m, PICKLE_MAP, 2, err);
    case SETITEMS:
        return extend_marked(m, PICKLE_MAP, err);
    case ADDITEMS:
        return extend_marked(m, PICKLE_OTHER, err);
    default:
        return run_scalar_op(m, op, err);
    }
}

/* One instruction; STOP is the caller's. */
static int run_op(struct machine *m, unsigned op, struct err *err)
{
    struct pickle_value *v;
    size_t first = 0, n = 0;

    switch (op) {
    case PROTO:
        return take(m, 1, err) ? 0 : -1;
    case FRAME: /* a hint for readers of streams */
        return take(m, 8, err) ? 0 : -1;
    case MARK:
        put_mark(m);
        return 0;
    case POP:
        if (m->n_marks && m->marks[m->n_marks - 1] == m->n_stack)
            return take_marked(&first, &n, m, err);
        return pop(m, err) ? 0 : -1;
    case POP_MARK:
        return take_marked(&first, &n, m, err);
    case DUP:
        v = top(m, err);
        if (v)
            push(m, v);
        return v ? 0 : -1;
    case GLOBAL:
        return push_global(m, err);
    case STACK_GLOBAL:
        return push_stack_global(m, err);
    case REDUCE:
        return call(m, err);
    case NEWOBJ:
        return new_object(m, 1, err);
    case NEWOBJ_EX:
        return new_object(m, 2, err);
    case BUILD: /* attributes; a state_dict's _metadata among them */
        return pop(m, err) && top(m, err) ? 0 : -1;
    case BINPERSID:
        return push_storage(m, err);
    default:
        return run_container_op(m, op, err);
    }
}

static int run(const struct pickle_value **root, struct machine *m, struct err *err)
{
    if (m->len < 2 || m->bytes[0] != PROTO)
        return err_set(err, ERR_FORMAT, "not a pickle of protocol 2 or later");
    for (;;) {
        const unsigned char *op;

        m->op_at = m->at;
        op = take(m, 1, err);
        if (!op)
            return -1;
        if (*op == STOP)
            break;
        if (++m->n_instructions > MAX_INSTRUCTIONS || m->n_values > MAX_VALUES)
            return err_set(err, ERR_LIMIT, "byte %zu of the pickle: over %d values", m->op_at,
                           MAX_VALUES);
        if (run_op(m, *op, err) < 0)
            return -1;
    }
    if (m->n_stack != 1 || m->n_marks)
        return fail(m, err, "ends with other than one value");
    *root = m->stack[0];
    return 0;
}

struct pickle *pickle_read(const struct pickle_value **root, size_t *used, const void *bytes,
                           size_t n, struct err *err)
{
    struct machine m = {.pickle = mem_alloc(sizeof *m.pickle), .bytes = bytes, .len = n};
    const int rc = run(root, &m, err);

    if (used)
        *used = m.at;
    free(m.stack);
    free(m.marks);
    free(m.memo);
    if (rc < 0) {
        pickle_close(m.pickle);
        return NULL;
    }
    return m.pickle;
}
