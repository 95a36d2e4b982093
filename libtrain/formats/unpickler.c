/* unpickler.c -- nothing here recurses, so nesting costs heap that the length of the pickle
 * bounds. */
#include "formats/unpickler.h"

#include <stdlib.h>

#include "base/mem.h"

struct pickle_value *unpickler_value(struct unpickler *u, enum pickle_kind kind)
{
    struct unpickler_block *b = mem_alloc(sizeof *b);

    b->next = u->pickle->blocks;
    u->pickle->blocks = b;
    b->value.kind = kind;
    u->n_values++;
    return &b->value;
}

void unpickler_add(struct pickle_value *list, struct pickle_value *item)
{
    if (list->n_items == list->cap) {
        list->cap = list->cap < 4 ? 4 : list->cap * 2;
        list->items = mem_resize(list->items, list->cap, sizeof(struct pickle_value *));
    }
    list->items[list->n_items++] = item;
}

/* ---- the stack ---- */

int unpickler_fail(const struct unpickler *u, struct err *err, const char *what)
{
    return err_set(err, ERR_FORMAT, "byte %zu of the pickle: %s", u->op_at, what);
}

void unpickler_push(struct unpickler *u, struct pickle_value *v)
{
    if (u->n_stack == u->cap_stack) {
        u->cap_stack = mem_grow(u->cap_stack, u->n_stack + 1);
        u->stack = mem_resize(u->stack, u->cap_stack, sizeof(struct pickle_value *));
    }
    u->stack[u->n_stack++] = v;
}

struct pickle_value *unpickler_pop(struct unpickler *u, struct err *err)
{
    const size_t floor = u->n_marks ? u->marks[u->n_marks - 1] : 0;

    if (u->n_stack <= floor) {
        unpickler_fail(u, err, "takes a value from an empty stack");
        return NULL;
    }
    return u->stack[--u->n_stack];
}

struct pickle_value *unpickler_top(const struct unpickler *u, struct err *err)
{
    const size_t floor = u->n_marks ? u->marks[u->n_marks - 1] : 0;

    if (u->n_stack <= floor) {
        unpickler_fail(u, err, "needs a value on an empty stack");
        return NULL;
    }
    return u->stack[u->n_stack - 1];
}

void unpickler_mark(struct unpickler *u)
{
    if (u->n_marks == u->cap_marks) {
        u->cap_marks = mem_grow(u->cap_marks, u->n_marks + 1);
        u->marks = mem_resize(u->marks, u->cap_marks, sizeof *u->marks);
    }
    u->marks[u->n_marks++] = u->n_stack;
}

int unpickler_take_marked(size_t *first, size_t *n, struct unpickler *u, struct err *err)
{
    if (u->n_marks == 0)
        return unpickler_fail(u, err, "there is no mark");
    *first = u->marks[--u->n_marks];
    *n = u->n_stack - *first;
    u->n_stack = *first;
    return 0;
}

/* ---- operands ---- */

const unsigned char *unpickler_take(struct unpickler *u, size_t n, struct err *err)
{
    const unsigned char *bytes = u->bytes + u->at;

    if (n > u->len - u->at) {
        err_set(err, ERR_FORMAT, "byte %zu of the pickle: %zu bytes are asked for, %zu are left",
                u->op_at, n, u->len - u->at);
        return NULL;
    }
    u->at += n;
    return bytes;
}

int unpickler_number(uint64_t *number, struct unpickler *u, size_t width, struct err *err)
{
    const unsigned char *bytes = unpickler_take(u, width, err);

    if (!bytes)
        return -1;
    *number = 0;
    for (size_t i = width; i-- > 0;)
        *number = *number << 8 | bytes[i];
    return 0;
}

/* ---- the memo ---- */

/* Picklers count up from 0, so no number reaches that of the instructions. */
int unpickler_remember(struct unpickler *u, uint64_t at, struct err *err)
{
    struct pickle_value *v = unpickler_top(u, err);

    if (!v)
        return -1;
    if (at >= u->n_instructions)
        return unpickler_fail(u, err, "a memo number that no pickler would have come to");
    if (at >= u->cap_memo) {
        const size_t cap = mem_grow(u->cap_memo, (size_t)at + 1);

        u->memo = mem_resize(u->memo, cap, sizeof(struct pickle_value *));
        for (size_t i = u->cap_memo; i < cap; i++)
            u->memo[i] = NULL;
        u->cap_memo = cap;
    }
    u->memo[at] = v;
    u->n_memo++;
    return 0;
}

int unpickler_recall(struct unpickler *u, uint64_t at, struct err *err)
{
    if (at >= u->cap_memo || !u->memo[at])
        return unpickler_fail(u, err, "a memo number that was never set");
    unpickler_push(u, u->memo[at]);
    return 0;
}
