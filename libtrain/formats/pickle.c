/* pickle.c -- the instructions of Python's pickle protocols 2 to 5 (PEP 307, PEP 3154, PEP 574):
 * each takes values from the stack and puts one there. */
#include "formats/pickle.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "formats/pickle_calls.h"
#include "formats/unpickler.h"

/* Far over what the largest BERT's checkpoint with its optimizer needs (30,000 values). */
enum { MAX_INSTRUCTIONS = 1 << 23, MAX_VALUES = 1 << 20 };

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

/* ---- values ---- */

void pickle_close(struct pickle *p)
{
    if (!p)
        return;
    while (p->blocks) {
        struct unpickler_block *b = p->blocks;

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

/* ---- operands ---- */

static int push_integer(struct unpickler *u, size_t width, bool is_signed, struct err *err)
{
    struct pickle_value *v;
    uint64_t number;

    if (unpickler_number(&number, u, width, err) < 0)
        return -1;
    v = unpickler_value(u, PICKLE_INT);
    v->integer = is_signed ? (int32_t)(uint32_t)number : (int64_t)number;
    unpickler_push(u, v);
    return 0;
}

/* Two's complement of any length; over 64 bits nothing here needs the value. */
static int push_long(struct unpickler *u, size_t width, struct err *err)
{
    const unsigned char *bytes;
    struct pickle_value *v;
    uint64_t n, number = 0;

    if (unpickler_number(&n, u, width, err) < 0 || !(bytes = unpickler_take(u, (size_t)n, err)))
        return -1;
    v = unpickler_value(u, n <= sizeof number ? PICKLE_INT : PICKLE_OTHER);
    if (n && n <= sizeof number) {
        number = bytes[n - 1] & 0x80 ? UINT64_MAX : 0;
        for (size_t i = (size_t)n; i-- > 0;)
            number = number << 8 | bytes[i];
    }
    v->integer = (int64_t)number;
    unpickler_push(u, v);
    return 0;
}

/* A text with a zero byte in it is data that Python 2 wrote, or NumPy. */
static int push_text(struct unpickler *u, size_t width, struct err *err)
{
    const unsigned char *bytes;
    struct pickle_value *v;
    uint64_t n;

    if (unpickler_number(&n, u, width, err) < 0 || !(bytes = unpickler_take(u, (size_t)n, err)))
        return -1;
    v = unpickler_value(u, memchr(bytes, 0, (size_t)n) ? PICKLE_OTHER : PICKLE_TEXT);
    if (v->kind == PICKLE_TEXT)
        v->text = mem_text_n((const char *)bytes, (size_t)n);
    unpickler_push(u, v);
    return 0;
}

static int skip_bytes(struct unpickler *u, size_t width, struct err *err)
{
    uint64_t n;

    if (unpickler_number(&n, u, width, err) < 0 || !unpickler_take(u, (size_t)n, err))
        return -1;
    unpickler_push(u, unpickler_value(u, PICKLE_OTHER));
    return 0;
}

/* ---- containers ---- */

static int push_tuple(struct unpickler *u, size_t n, struct err *err)
{
    struct pickle_value *v = unpickler_value(u, PICKLE_LIST);

    for (size_t i = 0; i < n; i++)
        unpickler_add(v, NULL);
    for (size_t i = n; i-- > 0;)
        if (!(v->items[i] = unpickler_pop(u, err))) {
            v->n_items = 0;
            return -1;
        }
    unpickler_push(u, v);
    return 0;
}

static int push_marked(struct unpickler *u, enum pickle_kind kind, struct err *err)
{
    struct pickle_value *v;
    size_t first = 0, n = 0;

    if (unpickler_take_marked(&first, &n, u, err) < 0)
        return -1;
    if (kind == PICKLE_MAP && n % 2)
        return unpickler_fail(u, err, "a key without value");
    v = unpickler_value(u, kind);
    for (size_t i = 0; i < n && kind != PICKLE_OTHER; i++)
        unpickler_add(v, u->stack[first + i]);
    unpickler_push(u, v);
    return 0;
}

/* Adds n values to the container on top of the stack; they are those above it. */
static int extend(struct unpickler *u, enum pickle_kind kind, size_t first, size_t n,
                  struct err *err)
{
    struct pickle_value *to = unpickler_top(u, err);

    if (!to)
        return -1;
    if (to->kind == PICKLE_OTHER)
        return 0;
    if (to->kind != kind)
        return unpickler_fail(u, err, "an item for what is no container of its kind");
    if (kind == PICKLE_MAP && n % 2)
        return unpickler_fail(u, err, "a key without value");
    for (size_t i = 0; i < n; i++)
        unpickler_add(to, u->stack[first + i]);
    return 0;
}

static int extend_marked(struct unpickler *u, enum pickle_kind kind, struct err *err)
{
    size_t first = 0, n = 0;

    if (unpickler_take_marked(&first, &n, u, err) < 0)
        return -1;
    return extend(u, kind, first, n, err);
}

static int extend_with(struct unpickler *u, enum pickle_kind kind, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++)
        if (!unpickler_pop(u, err))
            return -1;
    return extend(u, kind, u->n_stack, n, err);
}

/* ---- the machine ---- */

static int with_number(struct unpickler *u, size_t width,
                       int (*then)(struct unpickler *, uint64_t, struct err *), struct err *err)
{
    uint64_t number;

    return unpickler_number(&number, u, width, err) < 0 ? -1 : then(u, number, err);
}

static void push_kind(struct unpickler *u, enum pickle_kind kind, int64_t integer)
{
    struct pickle_value *v = unpickler_value(u, kind);

    v->integer = integer;
    unpickler_push(u, v);
}

static int run_memo_op(struct unpickler *u, unsigned op, struct err *err)
{
    switch (op) {
    case BINPUT:
        return with_number(u, 1, unpickler_remember, err);
    case LONG_BINPUT:
        return with_number(u, 4, unpickler_remember, err);
    case MEMOIZE:
        return unpickler_remember(u, u->n_memo, err);
    case BINGET:
        return with_number(u, 1, unpickler_recall, err);
    case LONG_BINGET:
        return with_number(u, 4, unpickler_recall, err);
    default:
        return err_set(err, ERR_FORMAT,
                       "byte %zu of the pickle: instruction 0x%02x is none of protocol 2 to 5 that "
                       "tensors need",
                       u->op_at, op);
    }
}

static int run_scalar_op(struct unpickler *u, unsigned op, struct err *err)
{
    switch (op) {
    case NONE:
        push_kind(u, PICKLE_NONE, 0);
        return 0;
    case NEWTRUE:
    case NEWFALSE:
        push_kind(u, PICKLE_BOOL, op == NEWTRUE);
        return 0;
    case BININT:
        return push_integer(u, 4, true, err);
    case BININT1:
        return push_integer(u, 1, false, err);
    case BININT2:
        return push_integer(u, 2, false, err);
    case LONG1:
        return push_long(u, 1, err);
    case LONG4:
        return push_long(u, 4, err);
    case BINFLOAT:
        push_kind(u, PICKLE_REAL, 0);
        return unpickler_take(u, 8, err) ? 0 : -1;
    case SHORT_BINBYTES:
        return skip_bytes(u, 1, err);
    case BINBYTES:
        return skip_bytes(u, 4, err);
    case BINBYTES8:
    case BYTEARRAY8:
        return skip_bytes(u, 8, err);
    case SHORT_BINSTRING:
    case SHORT_BINUNICODE:
        return push_text(u, 1, err);
    case BINSTRING:
    case BINUNICODE:
        return push_text(u, 4, err);
    case BINUNICODE8:
        return push_text(u, 8, err);
    default:
        return run_memo_op(u, op, err);
    }
}

static int run_container_op(struct unpickler *u, unsigned op, struct err *err)
{
    switch (op) {
    case EMPTY_TUPLE:
    case EMPTY_LIST:
        push_kind(u, PICKLE_LIST, 0);
        return 0;
    case EMPTY_DICT:
        push_kind(u, PICKLE_MAP, 0);
        return 0;
    case EMPTY_SET:
        push_kind(u, PICKLE_OTHER, 0);
        return 0;
    case TUPLE1:
    case TUPLE2:
    case TUPLE3:
        return push_tuple(u, op - TUPLE1 + 1, err);
    case TUPLE:
    case LIST:
        return push_marked(u, PICKLE_LIST, err);
    case DICT:
        return push_marked(u, PICKLE_MAP, err);
    case FROZENSET:
        return push_marked(u, PICKLE_OTHER, err);
    case APPEND:
        return extend_with(u, PICKLE_LIST, 1, err);
    case APPENDS:
        return extend_marked(u, PICKLE_LIST, err);
    case SETITEM:
        return extend_with(u, PICKLE_MAP, 2, err);
    case SETITEMS:
        return extend_marked(u, PICKLE_MAP, err);
    case ADDITEMS:
        return extend_marked(u, PICKLE_OTHER, err);
    default:
        return run_scalar_op(u, op, err);
    }
}

/* One instruction; STOP is the caller's. */
static int run_op(struct unpickler *u, unsigned op, struct err *err)
{
    struct pickle_value *v;
    size_t first = 0, n = 0;

    switch (op) {
    case PROTO:
        return unpickler_take(u, 1, err) ? 0 : -1;
    case FRAME: /* a hint for readers of streams */
        return unpickler_take(u, 8, err) ? 0 : -1;
    case MARK:
        unpickler_mark(u);
        return 0;
    case POP:
        if (u->n_marks && u->marks[u->n_marks - 1] == u->n_stack)
            return unpickler_take_marked(&first, &n, u, err);
        return unpickler_pop(u, err) ? 0 : -1;
    case POP_MARK:
        return unpickler_take_marked(&first, &n, u, err);
    case DUP:
        v = unpickler_top(u, err);
        if (v)
            unpickler_push(u, v);
        return v ? 0 : -1;
    case GLOBAL:
        return pickle_calls_global(u, err);
    case STACK_GLOBAL:
        return pickle_calls_stack_global(u, err);
    case REDUCE:
        return pickle_calls_reduce(u, err);
    case NEWOBJ:
        return pickle_calls_new(u, 1, err);
    case NEWOBJ_EX:
        return pickle_calls_new(u, 2, err);
    case BUILD: /* attributes; a state_dict's _metadata among them */
        return unpickler_pop(u, err) && unpickler_top(u, err) ? 0 : -1;
    case BINPERSID:
        return pickle_calls_storage(u, err);
    default:
        return run_container_op(u, op, err);
    }
}

static int run(const struct pickle_value **root, struct unpickler *u, struct err *err)
{
    if (u->len < 2 || u->bytes[0] != PROTO)
        return err_set(err, ERR_FORMAT, "not a pickle of protocol 2 or later");
    for (;;) {
        const unsigned char *op;

        u->op_at = u->at;
        op = unpickler_take(u, 1, err);
        if (!op)
            return -1;
        if (*op == STOP)
            break;
        if (++u->n_instructions > MAX_INSTRUCTIONS || u->n_values > MAX_VALUES)
            return err_set(err, ERR_LIMIT, "byte %zu of the pickle: over %d values", u->op_at,
                           MAX_VALUES);
        if (run_op(u, *op, err) < 0)
            return -1;
    }
    if (u->n_stack != 1 || u->n_marks)
        return unpickler_fail(u, err, "ends with other than one value");
    *root = u->stack[0];
    return 0;
}

struct pickle *pickle_read(const struct pickle_value **root, size_t *used, const void *bytes,
                           size_t n, struct err *err)
{
    struct unpickler u = {.pickle = mem_alloc(sizeof *u.pickle), .bytes = bytes, .len = n};
    const int rc = run(root, &u, err);

    if (used)
        *used = u.at;
    free(u.stack);
    free(u.marks);
    free(u.memo);
    if (rc < 0) {
        pickle_close(u.pickle);
        return NULL;
    }
    return u.pickle;
}
