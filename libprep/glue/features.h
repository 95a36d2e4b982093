/* features.h -- a file of a task -> HDF5 features (schemas/glue-features.md).
 *
 *   lines --read--> batch of lines --columns, WordPiece, pairs; in parallel--> rows --in order--> HDF5
 *
 * The bytes do not depend on the number of threads. */
#ifndef GLUE_FEATURES_H
#define GLUE_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "glue/task.h"
#include "store/h5_writer.h"
#include "text/tokenizer.h"

enum { GLUE_FEATURES_VERSION = 1 };

/* The data sets; the page and this table are compared by a test. */
enum glue_features_set { GLUE_IDS, GLUE_MASK, GLUE_SEGMENTS, GLUE_LABELS, GLUE_SETS };

struct glue_features_column {
    const char *name;
    enum h5_type type;
    bool wide; /* (N, T), not (N) */
};

/* Of classifications, or of regressions. */
const struct glue_features_column *glue_features_column(enum glue_features_set set,
                                                        bool regression);

struct glue_features_options {
    const struct glue_task *task;
    const struct glue_form *form; /* NULL: the first line tells */
    const char *language;         /* whose lines are taken where a form has several; "zh" */
    const struct tokenizer *tokenizer;
    size_t seq_length;  /* T, with the special tokens; 3 or more */
    size_t n_threads;   /* 0 = one for each core */
    const char *origin; /* JSON of the options it was made with, or NULL */
};

/* What became of the lines. */
struct glue_features_summary {
    uint64_t n_rows;
    uint64_t n_cut;         /* of them, longer than seq_length before they were cut */
    uint64_t n_short;       /* left out: too few columns */
    uint64_t first_short;   /* the line of the first of them */
    uint64_t n_foreign;     /* left out: in another language */
    bool labelled;          /* the form has labels */
    bool header_is_example; /* the header reads like one */
};

/* Reads `input` (a file, "-" for standard input, a URL) and writes `output`, which has its name when it
 * is whole. ERR_FORMAT with file and line for a line that is no example, and when there is none. */
int glue_features_write(struct glue_features_summary *s, const char *output,
                        const struct glue_features_options *o, const char *input, struct err *err);

#endif
