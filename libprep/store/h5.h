/* h5.h -- HDF5 files of numeric tables, read from anybody.
 *
 * A data set here is a vector (N) or a table (N, columns), read in blocks of rows; any layout, any
 * filter that HDF5 has, integers of any width. Different files may be used by different threads at
 * once (the HDF5 library itself takes one caller at a time), one file by one thread at a time.
 * h5_writer.h writes. */
#ifndef STORE_H5_H
#define STORE_H5_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct h5_file;

/* Every error of an open file names it. */
struct h5_file *h5_open(const char *path, struct err *err);
void h5_close(struct h5_file *f); /* NULL is fine */

bool h5_has(struct h5_file *f, const char *name);

/* Rows and columns of a data set; n_cols is 0 for a vector. ERR_FORMAT when it is missing or is not
 * a vector or table of numbers; ERR_LIMIT over 2^20 columns. */
int h5_extent(int64_t *n_rows, size_t *n_cols, struct h5_file *f, const char *name,
              struct err *err);

/* Rows [first, first + n) of a data set of integers of any width, into (n, columns); the rows must
 * exist. A value outside of int32 is ERR_FORMAT. */
int h5_read_ints(int32_t *to, struct h5_file *f, const char *name, int64_t first, int64_t n,
                 struct err *err);

/* The same for integers as int64, and for any numbers as floats. */
int h5_read_longs(int64_t *to, struct h5_file *f, const char *name, int64_t first, int64_t n,
                  struct err *err);
int h5_read_reals(float *to, struct h5_file *f, const char *name, int64_t first, int64_t n,
                  struct err *err);

/* Attributes of the file: the text (free it), or NULL when there is none; the integer or fallback. */
char *h5_text(struct h5_file *f, const char *name);
int64_t h5_int_or(struct h5_file *f, const char *name, int64_t fallback);

/* Rows [0, n) of a vector of strings, each to be freed, with the array, by h5_free_texts(). */
int h5_read_texts(char ***texts, int64_t *n, struct h5_file *f, const char *name, struct err *err);
void h5_free_texts(char **texts, int64_t n);

#endif
