/* unpack.h -- what is inside a downloaded file, beside it. */
#ifndef FETCH_UNPACK_H
#define FETCH_UNPACK_H

#include <stddef.h>

#include "base/err.h"

/* The files of an archive (.zip, .tar, .tar.*, .7z) into `folder`, those that
 * are in no folder there into one with the archive's name; a file that is only compressed
 * (.gz, .bz2, .xz, .zst) next to itself. Anything else stays as it is. A file that is there already
 * is not written again, as it got its name when it was whole. *n_files: how many were made. */
int unpack_file(size_t *n_files, const char *path, const char *folder, struct err *err);

#endif
