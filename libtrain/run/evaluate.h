/* evaluate.h -- how well a model does on rows it was not trained on. */
#ifndef RUN_EVALUATE_H
#define RUN_EVALUATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/comm.h"
#include "base/err.h"
#include "data/loader.h"
#include "tasks/metrics.h"
#include "tasks/task.h"

/* Means over all labels, part by part; 0 where there are none. */
struct evaluation {
    double loss; /* the weighted sum of the parts */
    double losses[TASK_PARTS];
    double accuracies[TASK_PARTS]; /* 0..1 */
    double n_sequences;
    double whole;           /* squad: share of answers with both ends right, 0..1 */
    struct metrics metrics; /* of classes and scores; n is 0 for other tasks */
};

/* What there is to tell beside the parts' losses and accuracies. */
struct evaluation_figure {
    const char *key; /* in eval_results.txt */
    double value;    /* may be NaN */
};
enum { EVALUATION_FIGURES = 2 };
size_t evaluation_figures(struct evaluation_figure figures[EVALUATION_FIGURES],
                          const struct evaluation *e, const struct task_kind *kind);

/* Rows of the loader's first epoch, all of them or `max_batches` of `rows` each when that is not 0,
 * without dropout, shared out over the ranks. *b has room for `rows` rows. */
int evaluation_run(struct evaluation *e, struct task *task, const struct task_kind *kind,
                   const float *params, struct loader *l, struct batch *b, size_t rows,
                   uint64_t max_batches, struct comm *c, struct err *err);

/* <output_dir>/eval_results.txt: "key = value" lines, sorted, as the TensorFlow trainers have them. */
int evaluation_save(const struct evaluation *e, const struct task_kind *kind, int64_t step,
                    const char *output_dir, struct err *err);

#endif
