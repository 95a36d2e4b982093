/* scratch_file.h -- a file in a folder of its own, gone after the test. */
#ifndef TESTS_SCRATCH_FILE_H
#define TESTS_SCRATCH_FILE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"

struct scratch {
    char folder[64];
    char *path; /* of a file that is not there yet */
    struct err err;
};

static inline int make_scratch(void **state, const char *name)
{
    struct scratch *s = calloc(1, sizeof *s);

    strcpy(s->folder, "/tmp/formats_test.XXXXXX");
    if (!mkdtemp(s->folder))
        return -1;
    s->path = file_join(s->folder, name);
    *state = s;
    return 0;
}

static inline int drop_scratch(void **state)
{
    struct scratch *s = *state;

    file_remove(s->folder, &s->err);
    free(s->path);
    free(s);
    return 0;
}

static inline void write_bytes(const char *path, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

#endif
