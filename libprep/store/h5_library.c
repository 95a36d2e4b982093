/* h5_library.c -- what HDF5's own error stack says, without its times and addresses. */
#include "store/h5_library.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <hdf5.h>

#include "base/mem.h"

/* HDF5 keeps its state in globals of the process, so its lock is one as well. */
static pthread_mutex_t library = PTHREAD_MUTEX_INITIALIZER;

void h5_lock(void)
{
    pthread_mutex_lock(&library);
    /* Our callers print, not the library; and it must not try at exit to write what it could not. */
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5Eclear2(H5E_DEFAULT);
    errno = 0;
}

void h5_unlock(void)
{
    pthread_mutex_unlock(&library);
}

static herr_t innermost(unsigned depth, const H5E_error2_t *entry, void *text)
{
    (void)depth;
    *(char **)text = entry->desc && *entry->desc ? mem_text(entry->desc) : NULL;
    return 1;
}

int h5_fail(struct err *err, const char *path, const char *what)
{
    const int code = errno;
    char *text = NULL;

    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, &text);
    if (text && strstr(text, ": time = "))
        *strstr(text, ": time = ") = '\0';
    if (text && strstr(text, ", errno"))
        *strstr(text, ", errno") = '\0';
    if (code == ENOSPC || code == EFBIG || code == EDQUOT || code == EIO || code == EACCES)
        err_set(err, ERR_IO, "%s: %s: %s", path, what, strerror(code));
    else
        err_set(err, ERR_FORMAT, "%s: %s%s%s%s", path, what, text ? " (HDF5: " : "",
                text ? text : "", text ? ")" : "");
    free(text);
    return -1;
}

int h5_fail_set(struct err *err, const char *path, const char *name, const char *what)
{
    char place[256];

    snprintf(place, sizeof place, "data set '%.100s': %s", name, what);
    return h5_fail(err, path, place);
}
