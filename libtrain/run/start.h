/* start.h -- where a training begins: with new weights, with those of a file, or where a checkpoint
 * stands. Runs on rank 0 only; the other ranks get what it found. */
#ifndef RUN_START_H
#define RUN_START_H

#include "base/err.h"
#include "run/training.h"

/* Fills t->params, the moments and t->state. A damaged newest checkpoint is passed over with a
 * warning; an output folder with checkpoints that may not be resumed is ERR_USAGE. */
int start_from(struct training *t, struct err *err);

#endif
