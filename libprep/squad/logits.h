/* logits.h -- what a model said of every window, as a file (schemas/squad-logits.md). */
#ifndef SQUAD_LOGITS_H
#define SQUAD_LOGITS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Writing, window by window in their order; the file has its name after the commit. */
struct logits_writer;
struct logits_writer *logits_create(const char *path, size_t seq_length, struct err *err);

/* n windows: start, end (n, seq_length). */
int logits_put(struct logits_writer *w, const float *start, const float *end, size_t n,
               struct err *err);
int logits_commit(struct logits_writer *w, struct err *err);
void logits_discard(struct logits_writer *w); /* releases; drops what was not committed */

/* Reading. Files of others are taken, too, when they have the three data sets and no gaps. */
struct logits {
    char *path;
    int64_t n_rows;
    size_t seq_length;
    struct h5_file *file;
};
int logits_open(struct logits *l, const char *path, struct err *err);

/* Rows [first, first + n) into (n, seq_length); ERR_FORMAT naming the row when there are not so many
 * or a row is not that of the window with this number. */
int logits_read(float *start, float *end, struct logits *l, int64_t first, size_t n,
                struct err *err);
void logits_close(struct logits *l);

#endif
