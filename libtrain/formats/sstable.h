/* sstable.h -- a sorted table of keys and values in one file, as LevelDB writes it and TensorFlow
 * the index of a checkpoint. */
#ifndef FORMATS_SSTABLE_H
#define FORMATS_SSTABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Whether the n bytes of a file end as a table does. */
bool sstable_is_one(const unsigned char *bytes, size_t n);

/* Calls visit with each key (ended by a zero byte that is not of it) and value in the order of the
 * table; stops at the first result that is not 0, which it returns; -1 with err when the table is
 * damaged. Checksums are verified, keys must rise. */
typedef int sstable_visit(void *context, const char *key, size_t n_key, const unsigned char *value,
                          size_t n_value, struct err *err);
int sstable_each(const unsigned char *bytes, size_t n, sstable_visit *visit, void *context,
                 struct err *err);

#endif
