/* example.h -- a line of a task's file -> one or two texts and a label. */
#ifndef GLUE_EXAMPLE_H
#define GLUE_EXAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "glue/columns.h"
#include "glue/task.h"

struct glue_example {
    struct column a;
    struct column b; /* text NULL when the task has one text */
    int32_t label;   /* the number of the label; 0 in test sets and regressions */
    float score;     /* of a regression */
};

enum glue_outcome { GLUE_EXAMPLE = 1, GLUE_SHORT, GLUE_FOREIGN };

/* Reads a line of n bytes, which the example points into. Returns GLUE_EXAMPLE; GLUE_SHORT for a line
 * with too few columns where the task leaves those out; GLUE_FOREIGN for one in another language; or
 * -1 with err: too few columns, a label that the task has not, a score that is no number. */
int glue_example_read(struct glue_example *e, const struct glue_task *t, const struct glue_form *f,
                      const char *language, const char *line, size_t n, struct err *err);

#endif
