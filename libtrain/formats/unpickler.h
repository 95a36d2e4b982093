/* unpickler.h -- the state of the machine that a pickle is a program for: its bytes, stack and
 * memo.
 *
 *   stack  a b | c d      "|" is a mark; TUPLE takes what is above it
 *   memo   values by number, for those that are used again */
#ifndef FORMATS_UNPICKLER_H
#define FORMATS_UNPICKLER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "formats/pickle.h"

struct unpickler_block {
    struct pickle_value value;
    struct unpickler_block *next;
};

struct pickle {
    struct unpickler_block *blocks;
    const struct pickle_value **storages; /* (n_storages) */
    size_t n_storages, cap_storages;
};

struct unpickler {
    struct pickle *pickle; /* where values are kept */
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

/* ERR_FORMAT: "byte 7 of the pickle: WHAT"; -1. */
int unpickler_fail(const struct unpickler *u, struct err *err, const char *what);

/* The next n bytes of the pickle; NULL with err when there are not so many. */
const unsigned char *unpickler_take(struct unpickler *u, size_t n, struct err *err);

/* The next number, little-endian, of `width` bytes. */
int unpickler_number(uint64_t *number, struct unpickler *u, size_t width, struct err *err);

/* A new value, which the pickle owns; an item at the end of a list or map. */
struct pickle_value *unpickler_value(struct unpickler *u, enum pickle_kind kind);
void unpickler_add(struct pickle_value *list, struct pickle_value *item);

/* NULL with err when there is nothing above the last mark. */
void unpickler_push(struct unpickler *u, struct pickle_value *v);
struct pickle_value *unpickler_pop(struct unpickler *u, struct err *err);
struct pickle_value *unpickler_top(const struct unpickler *u, struct err *err);

/* The values above the last mark, which goes: how many there are from u->stack[*first] on. They are
 * no longer on the stack but stay where they are until the next push. */
void unpickler_mark(struct unpickler *u);
int unpickler_take_marked(size_t *first, size_t *n, struct unpickler *u, struct err *err);

/* Keeps the value on top of the stack under a number; pushes the one that was kept. */
int unpickler_remember(struct unpickler *u, uint64_t at, struct err *err);
int unpickler_recall(struct unpickler *u, uint64_t at, struct err *err);

#endif
