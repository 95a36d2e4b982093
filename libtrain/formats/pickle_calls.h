/* pickle_calls.h -- the functions and classes that a pickle may ask for, and what becomes of a
 * call.
 *
 * Tensors, storages and dicts are made; objects of PyTorch's and NumPy's own classes become values
 * without content; any other name is ERR_FORMAT. */
#ifndef FORMATS_PICKLE_CALLS_H
#define FORMATS_PICKLE_CALLS_H

#include "base/err.h"
#include "formats/unpickler.h"

/* GLOBAL: the name that follows in the pickle. STACK_GLOBAL: the one on the stack. */
int pickle_calls_global(struct unpickler *u, struct err *err);
int pickle_calls_stack_global(struct unpickler *u, struct err *err);

/* REDUCE: the call of a name with a tuple of arguments. */
int pickle_calls_reduce(struct unpickler *u, struct err *err);

/* NEWOBJ, NEWOBJ_EX: an object of a class with that many tuples of arguments. */
int pickle_calls_new(struct unpickler *u, size_t n_arguments, struct err *err);

/* BINPERSID: the storage that a tensor looks at. */
int pickle_calls_storage(struct unpickler *u, struct err *err);

#endif
