/* formats_test.c -- the table that reads and writes shards is the one in schemas/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "store/formats.h"

static const char *type_name(enum h5_type type)
{
    return type == H5_INT8 ? "i8" : type == H5_INT32 ? "i32" : type == H5_INT64 ? "i64" : "?";
}

static const char *shape_name(enum format_width width)
{
    static const char *const names[] = {"(N, T)", "(N, P)", "(N, S)", "(N)"};

    return names[width];
}

/* Every data set of the table has its row in the page, and the page has no more. */
static void compare(const char *page, bool packed)
{
    const char *source = getenv("SOURCE");
    char *folder = file_join(source ? source : ".", "schemas");
    char *path = file_join(folder, page);
    struct buf text = {0};
    struct err err = {0};
    size_t n_sets = 0;
    size_t n_rows = 0;

    assert_int_equal(file_read(&text, path, 1 << 20, &err), 0);
    for (int i = 0; i <= FORMAT_SETS; i++) {
        const struct format *f =
            i < FORMAT_SETS ? format_of((enum format_set)i, packed) : format_of_documents();
        char row[200];

        if (!f->name || (i == FORMAT_SETS && packed))
            continue;
        n_sets++;
        snprintf(row, sizeof row, "\n| %s | %s | %s | ", f->name, type_name(f->type),
                 shape_name(f->width));
        if (!strstr(text.data, row))
            fail_msg("%s has no row '%s'", page, row + 1);
    }
    for (const char *at = text.data; (at = strstr(at, " | (N")); at++)
        n_rows++;
    assert_int_equal(n_rows, n_sets);
    buf_release(&text);
    free(path);
    free(folder);
}

static void pretrain_page_is_the_table(void **state)
{
    (void)state;
    compare("pretrain-shard.md", false);
}

static void packed_page_is_the_table(void **state)
{
    (void)state;
    compare("packed-shard.md", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pretrain_page_is_the_table),
        cmocka_unit_test(packed_page_is_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
