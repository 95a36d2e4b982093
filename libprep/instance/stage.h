/* stage.h -- a set of files that comes into its folder when all of them are whole.
 *
 *      folder/.LABEL.part/a.hdf5  b.hdf5 ...  --publish-->  folder/a.hdf5  b.hdf5 ...
 *
 * Files are put on disk while others are still made; all of them are before the first moves. A trainer
 * that looks into the folder meanwhile sees the old set or none of the new one. A killed
 * run leaves the hidden folder only, which the next run with the same label clears. */
#ifndef INSTANCE_STAGE_H
#define INSTANCE_STAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"

struct stage_file {
    char *name;
    int64_t n_rows;
    char sha256[HASH_HEX_SIZE];
};

struct flusher;

struct stage {
    char *folder;
    char *part;
    bool made_folder; /* the folder was not there before */
    bool guest;
    bool published;
    struct stage_file *files; /* (n_files) in the order in which they were added */
    size_t n_files;
    struct flusher *flusher;
};

/* Makes the folder and the hidden one in it. A guest works in what another process has opened with the
 * same names: it makes and removes nothing. */
int stage_open(struct stage *s, const char *folder, const char *label, bool guest, struct err *err);

/* Where to write the file that will be called `name` (NAME or FOLDER/NAME); free() it. NULL when its
 * folder cannot be made. */
char *stage_path(const struct stage *s, const char *name, struct err *err);

/* The file at a stage_path() is whole: it goes to the disk from now on. Any thread may call it. */
void stage_flush(const struct stage *s, const char *path);

/* Waits until what this process has flushed is on disk. Each does so before one of them publishes. */
int stage_settle(struct stage *s, struct err *err);

/* A file of that name is whole and in the hidden folder. Takes its checksum as given. */
void stage_add(struct stage *s, const char *name, int64_t n_rows, const char sha256[HASH_HEX_SIZE]);

/* Settles, removes the files of the folder, and of the folders in it, for which stale() is true (its name is
 * NAME or FOLDER/NAME), e.g. those of a set made before, and moves the new ones in. */
int stage_publish(struct stage *s, bool (*stale)(void *context, const char *name), void *context,
                  struct err *err);

/* Removes what was not published, and the folder again if it was made here. */
void stage_close(struct stage *s);

#endif
