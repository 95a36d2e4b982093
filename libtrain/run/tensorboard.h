/* tensorboard.h -- an event file that TensorBoard draws: TFRecords of protobuf Events.
 *
 *   length u64 | masked crc32c of length u32 | event | masked crc32c of event u32
 *
 * (tensorflow/core/lib/io/record_writer.h, tensorflow/core/util/event.proto). */
#ifndef RUN_TENSORBOARD_H
#define RUN_TENSORBOARD_H

#include <stdint.h>
#include <stdio.h>

#include "base/crc32c.h"
#include "base/err.h"

/* All-zero is no file: scalars go nowhere. */
struct tensorboard {
    FILE *file;
    char *path;
    struct crc32c crc;
};

/* A new event file in `folder`, which is made where missing. */
int tensorboard_open(struct tensorboard *t, const char *folder, struct err *err);

void tensorboard_scalar(struct tensorboard *t, const char *tag, int64_t step, float value);

/* Releases; an error when something could not be written. */
int tensorboard_close(struct tensorboard *t, struct err *err);

#endif
