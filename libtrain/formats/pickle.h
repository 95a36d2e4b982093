/* pickle.h -- what a Python pickle describes, without running any of it.
 *
 *   bytes --pickle_read()--> values: numbers, texts, lists, maps, storages, tensors
 *
 * A pickle is a program for a small stack machine, whose calls name any function of Python. Here a
 * call makes a tensor or a container, or it is refused by name; what PyTorch's and NumPy's own
 * classes make (a data loader in an old checkpoint) becomes a value of kind OTHER, without content.
 * Each instruction makes at most one value, so memory is bounded by the length of the pickle. */
#ifndef FORMATS_PICKLE_H
#define FORMATS_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum pickle_kind {
    PICKLE_NONE,
    PICKLE_BOOL,
    PICKLE_INT,
    PICKLE_REAL,
    PICKLE_TEXT,
    PICKLE_LIST, /* lists and tuples */
    PICKLE_MAP,  /* items are key, value, key, value... */
    PICKLE_NAME, /* a class or function, by name */
    PICKLE_STORAGE,
    PICKLE_TENSOR,
    PICKLE_OTHER /* bytes, sets, large numbers, objects: nothing of them is kept */
};

struct pickle_value {
    enum pickle_kind kind;
    int64_t integer;             /* INT, BOOL */
    char *text;                  /* TEXT; NAME: "module.name"; STORAGE: key; OTHER: the class */
    struct pickle_value **items; /* (n_items) LIST, MAP; they may be shared, and hold themselves */
    size_t n_items;
    size_t cap;

    /* STORAGE */
    const char *type; /* "FloatStorage" */
    size_t n_values;
    size_t first; /* a legacy view begins there in the storage `text` */

    /* TENSOR: LISTs of INTs, as found in the file */
    const struct pickle_value *storage;
    const struct pickle_value *sizes;
    const struct pickle_value *strides;
    int64_t offset; /* in values */
};

struct pickle; /* all values of one pickle */

/* Reads the pickle at the start of the n bytes. *used (NULL = no matter) is where it ended. NULL
 * with err, which names the byte. The root lives in the pickle. */
struct pickle *pickle_read(const struct pickle_value **root, size_t *used, const void *bytes,
                           size_t n, struct err *err);
void pickle_close(struct pickle *p); /* NULL is fine */

/* Every storage that the pickle names, as often as it does. */
const struct pickle_value *const *pickle_storages(size_t *n, const struct pickle *p);

/* The value of a text key; NULL when there is none or v is no MAP. */
const struct pickle_value *pickle_member(const struct pickle_value *v, const char *key);

/* "a dict", "an object of 'os.system'": for messages. */
void pickle_describe(char *text, size_t n, const struct pickle_value *v);

#endif
