/* sink.h -- bytes to a file that gets its name only when it is whole and on disk, or to stdout.
 *
 * Until sink_commit() the bytes are in "<path>.part"; a run that is killed leaves at most that, and
 * the next run overwrites it. What is no regular file (a device, a pipe) is written to directly. */
#ifndef BASE_SINK_H
#define BASE_SINK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

struct sink {
    FILE *file;   /* NULL when another library writes to `part` */
    char *path;   /* NULL for standard output */
    char *part;   /* where the bytes are until the commit; NULL for a device or pipe */
    uint64_t len; /* bytes written through sink_write() */
};

/* path: a file, or "-" or NULL for standard output. */
int sink_open(struct sink *s, const char *path, struct err *err);

/* Only reserves the name: another library creates and closes the file s->part before the commit. */
int sink_open_part(struct sink *s, const char *path, struct err *err);

int sink_write(struct sink *s, const void *bytes, size_t n, struct err *err);

/* Everything to disk, then the final name: readers see the old file or the new one. */
int sink_commit(struct sink *s, struct err *err);

/* The name without waiting for the disk: for files of a hidden folder, all of which are put on disk before
 * anybody sees one. */
int sink_finish(struct sink *s, struct err *err);

/* Removes what was not committed; harmless on an all-zero or committed sink. */
void sink_close(struct sink *s);

#endif
