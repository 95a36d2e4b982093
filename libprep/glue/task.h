/* task.h -- the tasks of GLUE, and XNLI: which column of their files holds what.
 *
 * The rules are those of the processors of google-research/bert (mrpc, cola, mnli, xnli) and of
 * Hugging Face's transformers (the rest). */
#ifndef GLUE_TASK_H
#define GLUE_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum { GLUE_MAX_LABELS = 3, GLUE_NO_COLUMN = -1, GLUE_LAST_COLUMN = -2 };

/* One layout of a task's files. Columns count from 0. */
struct glue_form {
    const char *sets;    /* the sets that come so, "train dev" */
    const char *first;   /* a header whose first column is called so tells this form; NULL = any */
    const char *without; /* ... when none of its columns is called so; NULL = no matter */
    bool no_header;      /* the first line is an example already */
    bool in_languages;   /* column 0 is the language: lines in others are left out */
    int text_a, text_b;  /* text_b may be GLUE_NO_COLUMN */
    int label;           /* GLUE_LAST_COLUMN, or GLUE_NO_COLUMN in a test set */
};

struct glue_task {
    const char *name;                    /* "sst-2" */
    const char *labels[GLUE_MAX_LABELS]; /* in the order of their numbers; none: a regression */
    size_t n_labels;
    const char *synonym; /* a spelling of labels[0] that is in use, or NULL */
    bool leaves_short;   /* lines with too few columns are left out, as the original does */
    struct glue_form forms[2];
};

/* By its name with or without dashes, in any case: "sst-2", "SST2". NULL with err. */
const struct glue_task *glue_task_find(const char *name, struct err *err);

/* The form of a set, "train", "dev" or "test". NULL with err. */
const struct glue_form *glue_form_of(const struct glue_task *t, const char *set, struct err *err);

/* The form that the first line (n bytes) of a file tells; that of training sets when it tells
 * nothing. */
const struct glue_form *glue_form_guess(const struct glue_task *t, const char *line, size_t n);

#endif
