/* file.h -- paths and folders: what the sinks, the shard readers and the checkpoints share. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* "folder/name", in memory of its own; free() it. */
char *file_join(const char *folder, const char *name);

/* The last part of a path, without the slashes at its end, in memory of its own; "." -> ".". */
char *file_base(const char *path);

/* The path without slashes at its end, plus `suffix`: file_beside("out/a/", "_x") = "out/a_x". */
char *file_beside(const char *path, const char *suffix);

bool file_exists(const char *path);
bool file_is_folder(const char *path);

/* Whether both names are of one file that is there; links count. */
bool file_is_same(const char *a, const char *b);
bool file_is_same_folder(const char *a, const char *b);

/* ERR_USAGE when `output` (NULL = none) is one of the files that are read. */
int file_spare(const char *output, char *const *inputs, size_t n, struct err *err);

/* Makes the folder and those above it where missing. */
int file_make_folder(const char *path, struct err *err);

/* The names (not paths) in a folder that end in `suffix`, sorted bytewise; "." and ".." left out.
 * On success *names is an array of *n strings; release with file_free_names(). */
int file_list(char ***names, size_t *n, const char *folder, const char *suffix, struct err *err);
void file_free_names(char **names, size_t n);

/* The whole file appended to *content; ERR_LIMIT when it has more than `max` bytes. */
int file_read(struct buf *content, const char *path, size_t max, struct err *err);

/* Removes a file, or a folder with all it holds; a missing path is fine. */
int file_remove(const char *path, struct err *err);

/* Puts on disk what the file holds. */
int file_sync(const char *path, struct err *err);

/* Puts on disk what the folder lists, so that a rename in it survives a crash. */
int file_sync_folder(const char *folder, struct err *err);

/* Renames within one folder and puts the folder on disk. */
int file_rename(const char *from, const char *to, struct err *err);

/* Bytes free for us on the file system that holds `path`. */
int file_free_space(uint64_t *bytes, const char *path, struct err *err);

#endif
