/* unpacked.h -- the files of weights in a downloaded archive (Google's zips, tar.gz), in a
 * temporary folder. */
#ifndef FORMATS_UNPACKED_H
#define FORMATS_UNPACKED_H

#include "base/err.h"

/* Unpacks those files of the archive that a reader of weights may want into one new folder, without
 * the folders they are in there. Returns its path, or NULL with err: an archive that holds two
 * files of one name, or grows a hundredfold, is refused. */
char *unpacked_open(const char *archive, struct err *err);

/* Removes the folder and frees the path; NULL is fine. Files of it that are mapped stay
 * readable. */
void unpacked_close(char *folder);

#endif
