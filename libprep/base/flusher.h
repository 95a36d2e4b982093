/* flusher.h -- complete files on their way to the disk while the work goes on.
 *
 *      add --> add --> add --> wait: all of them are on disk
 *
 * To put one file after the other on disk is to wait for the disk each time; many at once share its
 * journal and its turns: hundreds of files take little longer than one. */
#ifndef BASE_FLUSHER_H
#define BASE_FLUSHER_H

#include "base/err.h"

struct flusher;

struct flusher *flusher_open(void);

/* `path` is a file that nobody writes to any more. Does not wait. Any thread may call it. */
void flusher_add(struct flusher *f, const char *path);

/* Waits for all files added so far; -1 with the first failure. */
int flusher_wait(struct flusher *f, struct err *err);

void flusher_close(struct flusher *f); /* forgets files that nobody has waited for; NULL is fine */

#endif
