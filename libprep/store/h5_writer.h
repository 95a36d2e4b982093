/* h5_writer.h -- HDF5 files of numeric tables, written so that equal data are equal bytes.
 *
 * A data set here is a vector (N) or a table (N, columns), to which rows are appended. Chunks are
 * whole rows, byte-shuffled and deflated (filters every HDF5 has) unless another packing is chosen;
 * there are no time stamps: any reader takes the files, and they can be compared. Different writers may be used by different
 * threads at once, one writer by one thread at a time. h5.h reads. */
#ifndef STORE_H5_WRITER_H
#define STORE_H5_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/team.h"
#include "store/chunks.h"

enum h5_type { H5_INT8, H5_INT32, H5_INT64, H5_FLOAT32 };

struct h5_writer;

size_t h5_type_size(enum h5_type type);

/* Makes or replaces the file. The writer does not care for whole-or-absent: use a sink's part. */
struct h5_writer *h5_create(const char *path, struct err *err);

/* Chunks are compressed by the team (not owned) from now on; the bytes are the same. */
void h5_use_team(struct h5_writer *w, struct team *team);

/* How data sets that are added from now on are compressed; one packing a file. */
void h5_use_packing(struct h5_writer *w, enum chunk_packing packing);

/* A new data set, without rows; n_cols is 0 for a vector. Returns its number for the calls below. */
int h5_add(struct h5_writer *w, const char *name, enum h5_type type, size_t n_cols,
           struct err *err);

/* The same, with chunks of so many rows instead of those of chunks_rows(). */
int h5_add_chunked(struct h5_writer *w, const char *name, enum h5_type type, size_t n_cols,
                   size_t chunk_rows, struct err *err);

/* Appends rows (n, columns) to data set number `set`; integers are narrowed to its type, into which
 * they must fit. */
int h5_append_ints(struct h5_writer *w, int set, const int32_t *rows, size_t n, struct err *err);

/* Appends rows that already have the type of the data set. */
int h5_append(struct h5_writer *w, int set, const void *rows, size_t n, struct err *err);

/* Appends a chunk that others made of the next n_rows rows: chunks_append_packed() of chunks.h. */
int h5_append_packed(struct h5_writer *w, int set, const void *packed, size_t packed_len,
                     size_t n_rows, struct err *err);

/* A whole vector of strings. */
int h5_put_texts(struct h5_writer *w, const char *name, char *const *texts, size_t n,
                 struct err *err);

/* Attributes of the file. */
int h5_put_text(struct h5_writer *w, const char *name, const char *text, struct err *err);
int h5_put_int(struct h5_writer *w, const char *name, int64_t value, struct err *err);

/* All rows into the file, which is whole after this. */
int h5_finish(struct h5_writer *w, struct err *err);
void h5_discard(struct h5_writer *w); /* releases, finished or not; NULL is fine */

#endif
