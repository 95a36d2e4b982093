/* train.h -- a training from its first step to its last: steps (loop.h), and after every so many of them
 * a report, an evaluation, a checkpoint. What is learnt is the task's matter (tasks/task.h). */
#ifndef RUN_TRAIN_H
#define RUN_TRAIN_H

#include "base/err.h"
#include "run/training.h"

/* Memory and weights: new ones, those of init_checkpoint, or all of a checkpoint. Every rank then
 * has rank 0's. */
int train_open(struct training *t, struct err *err);

/* Steps until options.stop_at or a signal, with the last checkpoint. */
int train_run(struct training *t, struct err *err);

#endif
